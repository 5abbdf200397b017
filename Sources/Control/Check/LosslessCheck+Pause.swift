import Dataplane
import Wire

extension LosslessCheck {
  /// Pause frames and the watchdog.
  mutating func checkPause(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    guard !groups.isEmpty else { return }
    let pause = configuration.pause
    if pause.mode == .off {
      warn(
        .pauseOff, "pfc.mode",
        "pause frames are off: nobody is asked to stop, and \(groups.count) lossless priority groups lose packets when their "
          + "headroom is full", "write `mode: pfc`")
    } else {
      checkRefresh(configuration, groups)
    }
    if let watchdog = configuration.watchdog, watchdog.action == .drop {
      warn(
        .watchdogDrops, "watchdog.action",
        "the watchdog drops what is in a lossless queue that has been paused for "
          + Quantity.time.text(watchdog.detection.count), "write `action: alert` to drop nothing")
    }
    if case .after(let time) = pause.response, pause.mode != .off {
      let late = groups.ports.map { configuration.ports[$0] }.first { PauseResponse.standard.time(at: $0.speed) < time }
      if let late {
        let allowed = PauseResponse.standard.time(at: late.speed)
        warn(
          .lateResponse, "pfc.response",
          "the switch stops \(Quantity.time.text(time.count)) after an XOFF, and IEEE 802.3 allows "
            + "\(Quantity.time.text(allowed.count)) on \(late.summary): neighbours may lose packets",
          "write at most `\(Quantity.time.text(allowed.count))`, or give neighbours more headroom")
      }
    }
  }

  /// XOFF must come again before the last one ends, also when a largest frame has just begun in front of it.
  private mutating func checkRefresh(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    let pause = configuration.pause
    let key = pause.refresh == nil ? "pfc.quanta" : "pfc.refresh"
    let frame = (configuration.ports.map(\.mtu).max() ?? 0) + 22 + EthernetOverhead.total
    var shortest: (margin: Int64, port: PortConfiguration, times: PauseTimes)?
    for index in groups.ports {
      let port = configuration.ports[index]
      let times = PauseTimes(pause, at: port.speed)
      if times.refresh >= times.length {
        let longest = Quantity.time.text(times.length - 1)
        refuse(
          .lateRefresh, key,
          "an XOFF of \(pause.quanta) quanta lasts \(times.length) ps on \(port.summary), and is renewed only after "
            + "\(times.refresh) ps",
          pause.refresh == nil ? "write more `quanta`" : "write `auto` or at most `\(longest)`, and enough `quanta`")
        return
      }
      let margin = Int64(times.length) - Int64(times.refresh) - Int64(PauseTimes.length(of: frame, at: port.speed))
      if margin < shortest?.margin ?? 1 { shortest = (margin, port, times) }
    }
    if let (_, port, times) = shortest {
      warn(
        .shortPause, key,
        "an XOFF of \(pause.quanta) quanta lasts \(times.length) ps on \(port.summary) and is renewed after \(times.refresh) ps; "
          + "with a frame of \(frame) B on the wire in front of it, \(PauseTimes.length(of: frame, at: port.speed)) ps, it comes "
          + "too late", "write more `quanta`, or a shorter `refresh`")
      return
    }
    let slow = groups.ports.map { configuration.ports[$0] }.first { port in
      UInt64(pause.quanta) <= configuration.buffer.headroomParameters.responseQuanta
        ?? PauseTime.responseQuanta(at: port.speed)
    }
    if let slow {
      let response =
        configuration.buffer.headroomParameters.responseQuanta ?? PauseTime.responseQuanta(at: slow.speed)
      warn(
        .shortPause, "pfc.quanta",
        "a pause of \(pause.quanta) quanta ends before the neighbour of \(slow.summary) has to stop, after \(response) quanta",
        "write at least `\(response * 2)`")
    }
  }

  /// Copies take room in the priority group that the packet came in by, and nobody has counted them into headroom.
  mutating func checkCopies(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    guard !groups.isEmpty else { return }
    if let (vlan, copies) = widestFlood(configuration, groups) {
      warn(
        .copies, "ports",
        "a lossless frame that is flooded in VLAN \(vlan) takes room in its priority group up to \(copies) times, which "
          + "headroom does not provide for", "send lossless packets to known stations only")
    }
    let mirrors = configuration.acl.contains { if case .mirror = $0.action { true } else { false } }
    if mirrors {
      warn(
        .copies, "acl",
        "a lossless packet that is mirrored takes room in its priority group twice, which headroom does not "
          + "provide for", "mirror lossy packets only")
    }
  }

  /// The VLAN with most copies of a lossless frame, if there is more than one.
  private func widestFlood(
    _ configuration: SwitchConfiguration, _ groups: LosslessGroups
  ) -> (vlan: Int, copies: Int)? {
    var members = [Int](repeating: 0, count: 4096)
    var isLossless = [Bool](repeating: false, count: 4096)
    for (index, port) in configuration.ports.enumerated() {
      for vlan in port.role.vlans {
        members[Int(vlan.rawValue)] += 1
        if groups.groups[index] != 0 { isLossless[Int(vlan.rawValue)] = true }
      }
    }
    let routed = Set(configuration.vlans.map { Int($0.id.rawValue) })
    var widest: (vlan: Int, copies: Int)?
    for vlan in members.indices where isLossless[vlan] {
      // What comes from another interface goes to all ports of the VLAN.
      let copies = routed.contains(vlan) ? members[vlan] : members[vlan] - 1
      if copies > widest?.copies ?? 1 { widest = (vlan, copies) }
    }
    return widest
  }
}

extension PortRole {
  /// The VLANs of a bridged port.
  fileprivate var vlans: [VLANID] {
    switch self {
    case .routed: []
    case .access(let vlan): [vlan]
    case .trunk(let allowed, _): allowed
    }
  }
}

/// What the settings of pause frames mean at one rate, in picoseconds.
struct PauseTimes: Equatable {
  /// Of one quantum, rounded down.
  let quantum: UInt64
  /// How long an XOFF lasts.
  let length: UInt64
  /// After which time it is renewed.
  let refresh: UInt64
  /// How long after an XOFF the switch itself stops.
  let response: UInt64

  init(_ pause: PauseConfiguration, at rate: BitRate) {
    quantum = PauseTime.quantumPicoseconds(at: rate)
    length = Self.length(of: 64 * Int(pause.quanta), at: rate)
    // The switch leaves two thirds of the wire to other frames.
    let least = 3 * Self.length(of: EthernetOverhead.minimumFrame + EthernetOverhead.total, at: rate)
    refresh = max(least, pause.refresh?.count ?? length / 2)
    response = pause.response.time(at: rate).count
  }

  /// The time that bytes take on the wire, rounded down.
  static func length(of bytes: Int, at rate: BitRate) -> UInt64 {
    let product = UInt64(bytes * 8).multipliedFullWidth(by: 1_000_000_000_000)
    return rate.bitsPerSecond.dividingFullWidth(product).quotient
  }
}
