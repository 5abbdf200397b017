import Dataplane

/// Which packets of a port a capture wants.
public struct CaptureFilter: Equatable, Sendable {
  /// What comes in, dropped packets included.
  public var wantsInbound = true
  /// What goes out.
  public var wantsOutbound = true
  /// Only what leaves this queue; nothing that comes in, since its queue is not known then.
  public var queue: QueueID?
  /// Only what matches.
  public var match = TrafficMatch.all
  /// Only what came in and was dropped.
  public var wantsDropsOnly = false

  /// Everything.
  public init() {}
}

/// Where a worker leaves copies of packets for a capture: a mirror of one port that never waits.
///
/// The worker asks once a burst, and only while ``isActive``:
///
///     tap.received(burst, at: now)              // arrived(...) was called; before the switch takes the burst
///     device.receive(&burst, on: port, at: now)
///     for index in 0..<device.endingCount { tap.ended(device.ending(index)) }
///     tap.publish()
///     device.transmit(port, at: now, into: &burst)
///     tap.sent(burst)                           // before the device or an impairment takes it
///
/// with `recordsEndings` of the switch set. A packet that is dropped as soon as it comes carries the reason in its own
/// record. One that is dropped later, such as by the watchdog, gets a record without bytes.
///
/// When no slot is free the copy is not made, and counted. One worker owns a tap; it is a trivial value, of which only one
/// copy may be used. It costs a copy of the bytes that are kept, and nothing while it is not active.
public struct CaptureTap {
  private let ring: TapRing?
  private let matcher: FrameMatcher
  private let port: PortID
  private let snapLength: Int
  private let wantsInbound: Bool
  private let wantsOutbound: Bool
  private let wantsDropsOnly: Bool
  private let queue: UInt8
  /// Slots handed over, and slots filled.
  private var published: UInt64 = 0
  private var filled: UInt64 = 0
  private var seen: UInt64 = 0
  private var missed: UInt64 = 0
  private var missedSinceLast: UInt32 = 0

  /// A tap that copies nothing.
  public static var inactive: CaptureTap {
    CaptureTap(ring: nil, port: .none, CaptureFilter(), snapLength: 0)
  }

  init(ring: TapRing?, port: PortID, _ filter: CaptureFilter, snapLength: Int) {
    self.ring = ring
    self.port = port
    self.snapLength = snapLength
    matcher = FrameMatcher(filter.match)
    wantsInbound = (filter.wantsInbound || filter.wantsDropsOnly) && filter.queue == nil
    wantsOutbound = filter.wantsOutbound && !filter.wantsDropsOnly
    wantsDropsOnly = filter.wantsDropsOnly
    queue = filter.queue?.rawValue ?? TapRecord.noQueue
  }

  /// Whether there is anything to do.
  @inline(__always)
  public var isActive: Bool { ring != nil }

  /// Whether the switch has to record endings for it.
  public var wantsEndings: Bool { ring != nil && wantsInbound }

  /// Copies packets that have come in and that the switch has not seen yet. They are kept back until ``publish()``, so
  /// that ``ended(_:)`` can still add to them.
  public mutating func received(_ burst: borrowing PacketBurst, at now: Tick) {
    guard wantsInbound, let ring else { return }
    for index in 0..<burst.count {
      copy(burst[index], at: now, isOutbound: false, queue: TapRecord.noQueue, to: ring)
    }
  }

  /// Copies packets that go out, with their departure as their time.
  public mutating func sent(_ burst: borrowing PacketBurst) {
    guard wantsOutbound, let ring else { return }
    for index in 0..<burst.count {
      let packet = burst[index]
      // A pause frame comes from no queue.
      let left = packet.isPauseFrame ? TapRecord.noQueue : packet.queue.rawValue
      if queue != TapRecord.noQueue, left != queue { continue }
      copy(packet, at: packet.departure, isOutbound: true, queue: left, to: ring)
    }
    publish()
  }

  /// Notes how a packet ended. Those of other ports, and those that were not dropped, do not matter.
  public mutating func ended(_ ending: PacketEnding) {
    guard wantsInbound, let ring, let reason = ending.dropReason, ending.ingressPort == port else { return }
    var position = published
    while position < filled {
      let record = ring.record(position)
      if record.pointee.number == ending.number, record.pointee.reason == TapRecord.noReason {
        record.pointee.reason = reason.rawValue
        return
      }
      position &+= 1
    }
    // Either its copy went on long ago, or it was not wanted, which without its bytes is not known.
    guard matcher.isAll, ending.start < ending.tick else { return }
    seen &+= 1
    guard let slot = freeSlot(ring) else { return }
    let record = ring.record(slot)
    record.pointee = TapRecord()
    record.pointee.tick = ending.tick.rawValue
    record.pointee.number = ending.number
    record.pointee.wireLength = ending.wireLength
    record.pointee.reason = reason.rawValue
    record.pointee.isWithoutBytes = true
    takeMissed(into: record)
  }

  /// Hands over what was copied.
  @inline(__always)
  public mutating func publish() {
    guard let ring else { return }
    if filled != published {
      if wantsDropsOnly { skipForwarded(ring) }
      ring.publish(head: filled)
      published = filled
    }
    ring.count(seen: seen, missed: missed)
  }

  private func skipForwarded(_ ring: TapRing) {
    var position = published
    while position < filled {
      let record = ring.record(position)
      record.pointee.isSkipped = record.pointee.reason == TapRecord.noReason
      position &+= 1
    }
  }

  @inline(__always)
  private mutating func copy(_ packet: Packet, at tick: Tick, isOutbound: Bool, queue: UInt8, to ring: TapRing) {
    if !matcher.isAll, !matcher.matches(FrameFields.read(packet)) { return }
    seen &+= 1
    guard let slot = freeSlot(ring) else { return }
    let captured = min(packet.capturedLength, snapLength)
    let record = ring.record(slot)
    record.pointee = TapRecord()
    record.pointee.tick = tick.rawValue
    record.pointee.number = packet.state.pointee.number
    record.pointee.wireLength = packet.state.pointee.wire_length
    record.pointee.captured = UInt32(truncatingIfNeeded: captured)
    record.pointee.isOutbound = isOutbound
    record.pointee.queue = queue
    takeMissed(into: record)
    ring.bytes(slot).copyMemory(from: packet.bytes, byteCount: captured)
  }

  @inline(__always)
  private mutating func freeSlot(_ ring: TapRing) -> UInt64? {
    if filled &- ring.tail == UInt64(ring.slotCount) {
      missed &+= 1
      missedSinceLast &+= 1
      return nil
    }
    filled &+= 1
    return filled &- 1
  }

  @inline(__always)
  private mutating func takeMissed(into record: UnsafeMutablePointer<TapRecord>) {
    record.pointee.missed = missedSinceLast
    missedSinceLast = 0
  }
}
