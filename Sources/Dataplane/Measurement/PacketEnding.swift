/// How a packet ended that was not transmitted.
public struct PacketEnding: Equatable, Sendable {
  /// The packet's number, in order of arrival.
  public var number: UInt64 = 0
  /// When.
  public var tick = Tick.zero
  /// When its first bit came in; of a packet that the switch made, and of one for which there was no memory, ``tick``.
  public var start = Tick.zero
  /// The port it came in on; ``PortID/none`` for a packet that the switch made.
  public var ingressPort = PortID.none
  /// Bytes of the frame.
  public var wireLength: UInt32 = 0
  /// Why it was dropped; nil if it ended its way in the switch.
  public var dropReason: DropReason?

  /// A placeholder.
  public init() {}
}

extension Switch {
  /// Endings that are kept; a driver that hands in packets one by one and asks after each call loses none. Most are those
  /// of eight queues that the watchdog empties at a time.
  static let endingCapacity = 4096

  /// How a packet ended, oldest first; `index` is below ``endingCount``.
  public func ending(_ index: Int) -> PacketEnding { scratch.endings.base[index] }

  /// Makes room for new endings.
  public mutating func forgetEndings() { endingCount = 0 }

  @inline(__always)
  mutating func recordEnding(of packet: Packet, _ reason: DropReason?, at now: Tick) {
    let state = packet.state
    recordEnding(
      number: state.pointee.number, on: packet.ingressPort, wireLength: state.pointee.wire_length, reason, at: now,
      start: packet.ingressPort == .none ? now : Tick(state.pointee.wire_start))
  }

  @inline(__always)
  private mutating func recordEnding(
    number: UInt64, on port: PortID, wireLength: UInt32, _ reason: DropReason?, at now: Tick, start: Tick
  ) {
    guard recordsEndings, endingCount < Switch.endingCapacity else { return }
    var ending = PacketEnding()
    ending.number = number
    ending.tick = now
    ending.start = start
    ending.ingressPort = port
    ending.wireLength = wireLength
    ending.dropReason = reason
    scratch.endings.base[endingCount] = ending
    endingCount &+= 1
  }

  /// Counts a packet as dropped, and frees it.
  @inline(never)
  mutating func drop(_ packet: Packet, _ reason: DropReason, at now: Tick, on port: PortID? = nil) {
    if packet.flags.contains(.trimmed) {
      measured.queues.base[packet.egressPort.index &* QueueID.count &+ packet.queue.index].trimmedDropped &+= 1
    }
    countDrop(packet, reason, at: now, on: port)
    PacketMemory.free(packet)
  }

  /// Counts a packet as dropped; by default on account of the port it came in on.
  mutating func countDrop(_ packet: Packet, _ reason: DropReason, at now: Tick, on port: PortID?) {
    if telemetry.reportsDrops { reportDrop(packet, reason, on: port, at: now) }
    let counted = port ?? packet.ingressPort
    if counted == .none {
      counters.dropsWithoutPort[Int(reason.rawValue)] &+= 1
    } else {
      measured.ports.base[counted.index].drops[Int(reason.rawValue)] &+= 1
    }
    recordEnding(of: packet, reason, at: now)
  }

  /// Counts a packet as ended in the switch, and frees it.
  mutating func consume(_ packet: Packet, at now: Tick) {
    if packet.ingressPort == .none {
      counters.consumedWithoutPort &+= 1
    } else {
      measured.ports.base[packet.ingressPort.index].consumedPackets &+= 1
    }
    recordEnding(of: packet, nil, at: now)
    PacketMemory.free(packet)
  }

  /// Counts a packet that arrived when there was no memory for it.
  public mutating func dropUnallocated(on port: PortID, wireLength: Int, number: UInt64, at now: Tick) {
    let counted = measured.ports.base + port.index
    counted.pointee.rxPackets &+= 1
    counted.pointee.rxBytes &+= UInt64(wireLength)
    counted.pointee.drops[Int(DropReason.packetMemory.rawValue)] &+= 1
    recordEnding(
      number: number, on: port, wireLength: UInt32(truncatingIfNeeded: wireLength), .packetMemory, at: now,
      start: now)
  }
}
