import Dataplane

/// What a host sends on its line: flows in turn, each at its own pace, stopped by pause frames as a NIC with a queue for
/// each flow is.
///
/// All ticks are those of the host's end of the cable. A frame that has started is finished.
package struct HostLine {
  /// A frame that starts.
  package struct Frame {
    /// The flow's number.
    package let flow: Int
    /// First bit.
    package let start: Tick
    /// Last bit.
    package let end: Tick
  }

  private struct Member {
    let flow: Int
    /// Frames still to send.
    var left: UInt64
    /// When the next is due.
    var due: Tick
    let stop: Tick
    /// Priorities that stop it, a bit each.
    let obeys: UInt8
    let slot: Int
    var pacer: FlowPacer
  }

  /// What pause frames let the host do.
  package var gate: PauseGate
  private var line: Serializer
  private let gapTicks: UInt64
  private let ticksPerSecond: UInt64
  private var members: [Member] = []
  private var turn = -1
  /// When the wire is free.
  private var wireFree = Tick.zero

  /// The line behind a port of a switch: its rate is the port's.
  package init(
    port: PortConfiguration, response: PauseResponse, ticksPerSecond: UInt64, serialization: Serialization = .exact
  ) {
    // The gate counts from the first bit at this end: the cable lies behind it.
    var near = port
    near.cable = CableLength(millimetres: 0)
    gate = PauseGate(
      port: near, response: response, ticksPerSecond: ticksPerSecond, serialization: serialization)
    line = Serializer(rate: port.speed, ticksPerSecond: ticksPerSecond, serialization: serialization)
    gapTicks = line.ticks(bytes: EthernetOverhead.interPacketGap)
    self.ticksPerSecond = ticksPerSecond
  }

  /// Adds a flow.
  ///
  /// - Parameters:
  ///   - flow: its number.
  ///   - frames: how many it sends.
  ///   - length: bytes of each, without check sequence.
  ///   - start: when the first may start.
  ///   - stop: from then on none starts.
  ///   - obeys: priorities whose pauses stop it, a bit each; 0 obeys nothing.
  ///   - seed: of its random intervals.
  package mutating func add(
    flow: Int, frames: UInt64, length: Int, start: Tick, stop: Tick = .never, pace: FlowPace, obeys: UInt8,
    seed: UInt64 = 0
  ) {
    let slot = max(length, EthernetOverhead.minimumFrame) + EthernetOverhead.total
    var pacer = FlowPacer(pace, ticksPerSecond: ticksPerSecond, seed: seed)
    let due = pacer.first(start, slot: slot)
    members.append(
      Member(flow: flow, left: frames, due: due, stop: stop, obeys: obeys, slot: slot, pacer: pacer))
  }

  /// When the next frame starts, if nothing changes until then; ``Tick/never`` if there is none.
  ///
  /// - Complexity: linear in the flows.
  package func nextStart(at now: Tick) -> Tick {
    let free = max(wireFree, now)
    var start = Tick.never
    for member in members { start = min(start, opening(of: member, from: free)) }
    return start
  }

  /// True once every flow has sent all that it ever will, from `now` on.
  package func isDone(at now: Tick) -> Bool {
    members.allSatisfy { $0.left == 0 || max($0.due, now) >= $0.stop }
  }

  /// Lets the frame start whose turn it is. Nil if none may.
  package mutating func start(at now: Tick) -> Frame? {
    guard wireFree <= now, !members.isEmpty else { return nil }
    for step in 1...members.count {
      let position = (turn + step) % members.count
      guard opening(of: members[position], from: now) == now else { continue }
      turn = position
      let slot = members[position].slot
      wireFree = now + line.advance(bytes: slot)
      members[position].left -= 1
      members[position].due = members[position].pacer.next(
        after: members[position].due, startedAt: now, slot: slot)
      return Frame(flow: members[position].flow, start: now, end: Tick(wireFree.rawValue - gapTicks))
    }
    return nil
  }

  private func opening(of member: Member, from tick: Tick) -> Tick {
    guard member.left > 0 else { return .never }
    var earliest = max(tick, member.due)
    if member.obeys != 0, !gate.isOpen(from: earliest) {
      earliest = gate.start(of: member.obeys, notBefore: max(earliest, gate.settledTick))
    }
    return earliest < member.stop ? earliest : .never
  }
}
