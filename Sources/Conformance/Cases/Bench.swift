import Dataplane

/// Which ports and which class a case uses.
struct Bench: Sendable {
  /// The configuration as the laboratory has it.
  var configuration: SwitchConfiguration
  /// Where everything goes.
  var egress: PortID
  /// Ports of one speed, cable and MTU.
  var ingress: [PortID]
  /// A lossless class on all of them, or a lossy one.
  var trafficClass: TrafficClass
  /// Priority group of the class.
  var group: PriorityGroup { configuration.qos.trafficClassToPriorityGroup[trafficClass.index] }
  /// Queue of the class.
  var queue: QueueID { configuration.qos.trafficClassToQueue[trafficClass.index] }
  /// Priorities that the switch's XOFF for the group names, a bit each.
  var announced: UInt8 { Self.mask { configuration.qos.pfcPriorityToPriorityGroup[$0] == group } }
  /// Priorities that stop the class's queue.
  var holding: UInt8 { Self.mask { configuration.qos.pfcPriorityToQueue[$0] == queue } }

  /// Rate of the ingress ports.
  var speed: BitRate { configuration.ports[ingress[0].index].speed }
  /// The first of the ingress ports.
  var port: PortConfiguration { configuration.ports[ingress[0].index] }

  private static func mask(_ include: (Int) -> Bool) -> UInt8 {
    (0..<8).reduce(0) { include($1) ? $0 | 1 << UInt8($1) : $0 }
  }

  /// Position of a port's group in ``BufferTheory/groups``.
  func account(_ port: PortID) -> Int { port.index * 8 + group.index }

  /// A flow of the class from an ingress port to the egress port.
  func flow(_ source: PortID, length: Int, count: UInt64, start: Int, obeys: Bool = false) -> Flow {
    var flow = Flow(
      from: source, to: egress, in: trafficClass, length: length, count: count, start: Tick(UInt64(start)))
    // A link that is paused as a whole stops every priority.
    if obeys { flow.obeys = configuration.pause.mode == .link ? 0xFF : announced }
    return flow
  }

  /// The largest frame, without check sequence, that all ports take.
  var largestFrame: Int { (ingress + [egress]).map { configuration.ports[$0.index].mtu }.min().map { $0 + 14 } ?? 1514 }

  /// A frame of 1024 bytes, 1048 on the wire, or the largest if that is smaller.
  var usualFrame: Int { min(1024, largestFrame) }
}

/// Ports that are alike.
struct PortRank: Sendable {
  var speed: BitRate
  var cable: CableLength
  var mtu: Int
  var ports: [PortID]

  /// Ranks of a configuration, those with most ports first.
  static func all(_ configuration: SwitchConfiguration) -> [PortRank] {
    var ranks: [PortRank] = []
    for (index, port) in configuration.ports.enumerated() {
      let match = ranks.firstIndex { $0.speed == port.speed && $0.cable == port.cable && $0.mtu == port.mtu }
      if let match {
        ranks[match].ports.append(PortID(index))
      } else {
        ranks.append(PortRank(speed: port.speed, cable: port.cable, mtu: port.mtu, ports: [PortID(index)]))
      }
    }
    return ranks.enumerated().sorted { ($1.element.ports.count, $0.offset) < ($0.element.ports.count, $1.offset) }
      .map(\.element)
  }

  /// As people say it: `100G, 5 m`.
  var name: String {
    let gigabits = Double(speed.bitsPerSecond) / 1e9
    return "\(Check.text(gigabits))G, \(Check.text(Double(cable.millimetres) / 1000)) m"
  }
}

extension Bench {
  /// The same bench, if pauses of the ingress ports are renewed before they end.
  ///
  /// - Throws: ``NotApplicable`` if senders would go on in between.
  func withLastingPauses() throws -> Bench {
    let pause = configuration.pause
    let length = WireTheory.quanta(Int(pause.quanta), at: speed)
    let slack = WireTheory.picoseconds(bytes: WireTheory.slot(largestFrame) + 84, at: speed)
    guard WireTheory.refresh(pause, at: speed) + slack <= length else {
      throw NotApplicable("a pause of \(pause.quanta) quanta ends before it is renewed")
    }
    return self
  }

  /// A bench for a lossless class.
  ///
  /// - Parameters:
  ///   - senders: ports that send; all of one rank.
  ///   - isEqual: whether the egress port must be of the same rank.
  /// - Throws: ``NotApplicable`` if the configuration has no such ports or class.
  static func lossless(
    _ user: SwitchConfiguration, rank: PortRank? = nil, senders: Int, isEqual: Bool = false
  ) throws -> Bench {
    let configuration = LaboratoryConfiguration.make(user)
    guard user.buffer.model == .asic else {
      throw NotApplicable("the buffer model is hpcc, which has rules of its own")
    }
    guard BufferTheory(configuration).poolSize[0] > 0 else {
      throw NotApplicable("reserves and headroom leave nothing of the buffer")
    }
    let profile = user.buffer.lossless
    if profile.xon.bytes > 0, profile.xon.bytes >= limit(profile, configuration, groups: senders) {
      throw NotApplicable("xon is not below the limit, so that XOFF and XON would be due together")
    }
    guard user.pause.mode != .off else { throw NotApplicable("flow control is off: no class is lossless") }
    guard let rank = rank ?? PortRank.all(configuration).first else { throw NotApplicable("there is no port") }
    let needed = senders + (isEqual ? 1 : 0)
    guard rank.ports.count >= needed else {
      throw NotApplicable("it takes \(needed) ports of \(rank.name), and there are \(rank.ports.count)")
    }
    let others = configuration.ports.indices.map { PortID($0) }.filter { !rank.ports.contains($0) }
    let egress: PortID
    let ingress: [PortID]
    if rank.ports.count > senders {
      egress = rank.ports[rank.ports.count - 1]
      ingress = Array(rank.ports.prefix(senders))
    } else if let other = others.first {
      egress = other
      ingress = Array(rank.ports.prefix(senders))
    } else {
      throw NotApplicable("it takes \(senders + 1) ports, and there are \(configuration.ports.count)")
    }
    for number in 0..<8 {
      let bench = Bench(
        configuration: configuration, egress: egress, ingress: ingress, trafficClass: TrafficClass(number))
      let isLossless = (ingress + [egress]).allSatisfy {
        configuration.ports[$0.index].queues[bench.queue.index].isLossless
      }
      guard isLossless else { continue }
      if configuration.pause.mode == .priority, bench.announced == 0 || bench.holding == 0 { continue }
      return bench
    }
    throw NotApplicable("no class is lossless on these ports, with a PFC priority for its group and its queue")
  }

  /// What each of some groups has at most, in bytes: S alpha / (1 + N alpha), or what is fixed.
  private static func limit(_ profile: PriorityGroupProfile, _ configuration: SwitchConfiguration, groups: Int)
    -> UInt64
  {
    let pool = UInt64(BufferTheory(configuration).poolSize[0]) * configuration.buffer.cell.bytes
    switch profile.threshold {
    case .fixed(let size): return size.bytes == 0 ? pool : min(size.bytes, pool)
    case .dynamic(let exponent):
      let (up, down) = exponent >= 0 ? (UInt64(1) << UInt64(exponent), 1) : (1, UInt64(1) << UInt64(-exponent))
      return pool * up / (down + UInt64(groups) * up)
    }
  }

  /// A bench for a lossy class on the same ports, whose queue on the egress port stands still but for one frame.
  ///
  /// - Throws: ``NotApplicable`` if there is no such class.
  func lossy() throws -> Bench {
    for number in 0..<8 {
      var bench = self
      bench.trafficClass = TrafficClass(number)
      let isLossy = (ingress + [egress]).allSatisfy {
        !Lossless.groups(of: configuration.ports[$0.index], configuration.qos).contains(bench.group.index)
          && !configuration.ports[$0.index].queues[bench.queue.index].isLossless
      }
      guard isLossy else { continue }
      bench.configuration.ports[egress.index].queues[bench.queue.index].maximumRate = Shaper(
        rate: BitRate(bitsPerSecond: 1000))
      bench.configuration.ports[egress.index].queues[bench.queue.index].ecn = nil
      return bench
    }
    throw NotApplicable("no class is lossy on these ports")
  }

  /// A bench for a lossy class, one port sending to another.
  ///
  /// - Throws: ``NotApplicable`` if there are no two ports, or no lossy class.
  static func lossy(_ user: SwitchConfiguration) throws -> Bench {
    guard user.buffer.model == .asic else {
      throw NotApplicable("the buffer model is hpcc, which has rules of its own")
    }
    guard user.ports.count > 1 else { throw NotApplicable("it takes 2 ports, and there is 1") }
    let ports = PortRank.all(user).flatMap(\.ports)
    return try Bench(
      configuration: LaboratoryConfiguration.make(user), egress: ports[1], ingress: [ports[0]],
      trafficClass: TrafficClass(0)
    ).lossy()
  }
}
