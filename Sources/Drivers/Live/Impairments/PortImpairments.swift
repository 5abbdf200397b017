import Dataplane

/// The impairments of one direction of a port: a decorator that a driver puts between a device and the switch.
///
///     impairments.take(&burst, at: now, memory: device.memory)     // all packets are its own now
///     impairments.release(at: now, into: &burst)                   // what is due by now, in order
///
/// Packets pass the impairments in their order; each has its effect on those that match it. A packet leaves at an exact
/// tick, which ``release(at:into:)`` notes as its ``Packet/departure``. All randomness comes from the seed: the same
/// frames at the same ticks meet the same fate. Nothing is allocated per packet, copies come from the packet memory.
/// Headers are read only if a match or bit errors ask for them.
public struct PortImpairments: ~Copyable {
  // Held packets go back before anything else goes.
  private var line: HoldingLine
  private var rules: FlatTable<ImpairmentRule>
  private var heldBack: FlatTable<HeldBack>
  /// What it does, in the order in which packets pass it.
  public private(set) var settings: [ImpairmentSettings]
  /// Packets dropped because as many were held as can be.
  public private(set) var lineDrops: UInt64 = 0
  private var ruleCount = 0
  private var readsFields = false
  private let direction: ImpairmentDirection
  private let port: PortID
  private let seed: UInt64
  private let ticksPerSecond: UInt64

  /// Packets that are held at most unless told otherwise: 10 ms of 64-byte frames at 10G.
  public static let usualCapacity = 1 << 17

  /// Compiles impairments.
  ///
  /// - Parameters:
  ///   - settings: those of the direction are used, at most ``ImpairmentSettings/limit``; none: packets pass untouched.
  ///   - capacity: packets that can be held at a time; more are dropped and counted.
  ///   - seed: of the switch; port, direction and position are mixed in.
  public init(
    _ settings: [ImpairmentSettings], direction: ImpairmentDirection, port: PortID, seed: UInt64,
    ticksPerSecond: UInt64, capacity: Int = usualCapacity
  ) {
    line = HoldingLine(capacity: capacity)
    rules = FlatTable<ImpairmentRule>([])
    heldBack = FlatTable<HeldBack>([])
    self.settings = []
    self.direction = direction
    self.port = port
    self.seed = seed
    self.ticksPerSecond = ticksPerSecond
    replace(settings)
  }

  deinit {
    for index in 0..<ruleCount {
      while let expired = heldBack.base[index].takeExpired(at: .never) { PacketMemory.free(expired.packet) }
    }
  }

  /// Puts other impairments in the place of those there are, between two bursts. Packets that are held leave at their
  /// time all the same. An impairment that stays as it is, at its place, keeps its counters and goes on with its random
  /// numbers. Allocates.
  public mutating func replace(_ settings: [ImpairmentSettings]) {
    let wanted = Array(settings.filter { $0.direction == direction }.prefix(ImpairmentSettings.limit))
    for index in 0..<ruleCount {
      while let expired = heldBack.base[index].takeExpired(at: .never) { hold(expired.packet, until: expired.tick) }
    }
    var compiled: [ImpairmentRule] = []
    for (index, entry) in wanted.enumerated() {
      if index < self.settings.count, self.settings[index] == entry {
        compiled.append(rules.base[index])
      } else {
        let side: UInt64 = direction == .ingress ? 0 : 1
        let place = (UInt64(port.rawValue) << 1 | side) << 8 | UInt64(index)
        compiled.append(ImpairmentRule(entry, seed: seed, place: place, ticksPerSecond: ticksPerSecond))
      }
    }
    rules = FlatTable(compiled)
    heldBack = FlatTable(repeating: HeldBack(), count: wanted.count)
    self.settings = wanted
    ruleCount = wanted.count
    readsFields = wanted.contains { !$0.match.isAll || $0.corruption != nil }
  }

  /// Whether a driver has to ask at all: there are impairments, or packets of former ones.
  @inline(__always)
  public var isActive: Bool { ruleCount > 0 || line.count > 0 }

  /// What an impairment has done; `rule` is a position in ``settings``.
  public func counters(of rule: Int) -> ImpairmentCounters { rules.base[rule].counters }

  /// Packets that are held.
  public var heldCount: Int {
    var count = line.count
    for index in 0..<ruleCount { count += heldBack.base[index].count }
    return count
  }

  /// When ``release(at:into:)`` has something to hand out; ``Tick/never`` if nothing is held.
  @inline(__always)
  public var nextRelease: Tick {
    var next = line.nextTick
    for index in 0..<ruleCount { next = min(next, heldBack.base[index].deadline) }
    return next
  }

  /// Takes all packets of a burst over. At ingress they come at `now`; at egress each comes at its own
  /// ``Packet/departure``, which the switch has set and which is not after `now`. The driver has set their wire length
  /// (``Packet/arrived(number:wireLength:start:end:latencyFrom:)``), at ingress with times that it sets again when they
  /// are released.
  public mutating func take(_ burst: inout PacketBurst, at now: Tick, memory: borrowing PacketMemory) {
    expire(at: now, memory)
    for index in 0..<burst.count {
      let packet = burst[index]
      let tick = direction == .egress ? packet.departure : now
      let fields = readsFields ? FrameFields.read(packet) : FrameFields()
      carry(packet, from: 0, at: tick, fields, memory)
    }
    burst.removeAll()
  }

  /// Adds packets that are due by `now` to a burst, in the order of their ticks, as many as fit.
  public mutating func release(at now: Tick, into burst: inout PacketBurst, memory: borrowing PacketMemory) {
    expire(at: now, memory)
    while !burst.isFull, let packet = line.pop(upTo: now) { burst.append(packet) }
  }

  /// Lets go of packets that waited in vain to be overtaken.
  @inline(__always)
  private mutating func expire(at now: Tick, _ memory: borrowing PacketMemory) {
    for index in 0..<ruleCount where heldBack.base[index].deadline <= now {
      while let expired = heldBack.base[index].takeExpired(at: now) {
        pass(expired.packet, index, at: expired.tick, FrameFields.read(expired.packet), memory)
      }
    }
  }

  /// Brings a packet through the impairments from one on.
  private mutating func carry(
    _ packet: Packet, from first: Int, at tick: Tick, _ fields: FrameFields, _ memory: borrowing PacketMemory
  ) {
    var index = first
    while index < ruleCount {
      let rule = rules.base + index
      rule.pointee.counters.seen &+= 1
      if rule.pointee.matcher.matches(fields) { break }
      index &+= 1
    }
    if index == ruleCount { return hold(packet, until: tick) }
    let rule = rules.base + index
    rule.pointee.counters.matched &+= 1
    if rule.pointee.loses() {
      rule.pointee.counters.lost &+= 1
      return PacketMemory.free(packet)
    }
    let isTwofold = rule.pointee.randomDuplication.decides(rule.pointee.duplication)
    let copy = isTwofold ? memory.copy(of: packet) : nil
    shape(packet, index, at: tick, fields, memory)
    guard isTwofold else { return }
    guard let copy else {
      rule.pointee.counters.missingCopies &+= 1
      return
    }
    rule.pointee.counters.duplicated &+= 1
    shape(copy, index, at: tick, fields, memory)
  }

  /// Corrupts a packet and holds it back, if that is its fate, and lets it pass otherwise.
  private mutating func shape(
    _ packet: Packet, _ index: Int, at tick: Tick, _ fields: FrameFields, _ memory: borrowing PacketMemory
  ) {
    let rule = rules.base + index
    if rule.pointee.randomCorruption.decides(rule.pointee.corruption) { corrupt(packet, fields, rule) }
    if rule.pointee.holds() {
      let distance = rule.pointee.holdDistance
      if distance == 0 {
        rule.pointee.counters.reordered &+= 1
        return pass(packet, index, at: tick, fields, memory, extra: rule.pointee.holdTicks)
      }
      if heldBack.base[index].insert(packet, distance: distance, until: tick + rule.pointee.holdTicks) {
        rule.pointee.counters.reordered &+= 1
        return
      }
    }
    pass(packet, index, at: tick, fields, memory)
    guard heldBack.base[index].count > 0 else { return }
    heldBack.base[index].notePassing()
    while let overtaken = heldBack.base[index].takeOvertaken() {
      pass(overtaken, index, at: tick, FrameFields.read(overtaken), memory)
    }
  }

  /// Lets a packet pass line and delay of an impairment, and carries it on.
  private mutating func pass(
    _ packet: Packet, _ index: Int, at tick: Tick, _ fields: FrameFields, _ memory: borrowing PacketMemory,
    extra: UInt64 = 0
  ) {
    let rule = rules.base + index
    guard let end = rule.pointee.pass(packet, at: tick, extra: extra) else {
      rule.pointee.counters.queueDrops &+= 1
      return PacketMemory.free(packet)
    }
    if end > tick { rule.pointee.counters.delayed &+= 1 }
    carry(packet, from: index &+ 1, at: end, fields, memory)
  }

  private func corrupt(_ packet: Packet, _ fields: FrameFields, _ rule: UnsafeMutablePointer<ImpairmentRule>) {
    let bits = rule.pointee.corruptedBits
    let isHit =
      rule.pointee.mendsChecksums
      ? PayloadCorruption.flipUnnoticed(bits, of: packet, fields, &rule.pointee.randomCorruption)
      : PayloadCorruption.flip(bits, of: packet, fields, &rule.pointee.randomCorruption)
    if isHit { rule.pointee.counters.corrupted &+= 1 }
  }

  @inline(__always)
  private mutating func hold(_ packet: Packet, until tick: Tick) {
    if line.push(packet, until: tick) { return }
    lineDrops &+= 1
    PacketMemory.free(packet)
  }
}

extension PacketMemory {
  /// A copy of a packet with memory of its own; nil if memory is used up.
  func copy(of packet: Packet) -> Packet? {
    guard let copy = allocate(capacity: packet.capturedLength) else { return nil }
    copy.fill(packet.bytes, count: packet.capturedLength)
    copy.copyState(from: packet)
    return copy
  }
}
