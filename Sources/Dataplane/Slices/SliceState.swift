import CShims

/// What a slice has for others and knows of them: flat tables. A whole switch has none for others.
struct SliceState: ~Copyable {
  let slice: Slice
  /// What is on its way to each slice; that to itself stays empty.
  let lanes: FlatTable<SliceLane>
  /// By priority group, at port x 8 + group: the slices that want its neighbour to stop, a bit each. Of own ports only.
  let holders: FlatTable<UInt64>
  /// Lanes with packets, and lanes with messages, a bit each.
  private let waiting = FlatTable(repeating: UInt64(0), count: 2)
  /// Groups and ports that are noted in a lane already: for each lane, groups first.
  private let isNoted: FlatTable<Bool>
  private let notices: FlatTable<UInt16>
  private let learned: FlatTable<SliceMessage>
  /// Groups and ports: what a lane can have notices about.
  private let subjects: Int
  private let groups: Int

  /// Learned stations and neighbours that can wait in a lane.
  private static let learnedCapacity = 1024

  init(_ slice: Slice, portCount: Int) {
    self.slice = slice
    let lanes = slice.count == 1 ? 0 : slice.count
    groups = portCount * 8
    subjects = portCount * 9
    holders = FlatTable(repeating: 0, count: groups)
    isNoted = FlatTable(repeating: false, count: lanes * subjects)
    notices = FlatTable(repeating: 0, count: lanes * subjects)
    learned = FlatTable(repeating: SliceMessage(), count: lanes * SliceState.learnedCapacity)
    self.lanes = FlatTable(repeating: SliceLane(), count: lanes)
  }

  deinit {
    for index in 0..<lanes.count {
      while let packet = lanes.base[index].pop() { PacketMemory.free(packet) }
    }
  }

  /// Whether the switch is not divided.
  @inline(__always)
  var isWhole: Bool { lanes.count == 0 }

  /// Slices that packets wait for, a bit each.
  @inline(__always)
  var lanesWithPackets: UInt64 { waiting.base[0] }

  /// Slices that messages wait for, a bit each.
  @inline(__always)
  var lanesWithMessages: UInt64 { waiting.base[1] }

  // MARK: Packets

  @inline(__always)
  func push(_ packet: Packet, to slice: Int) {
    lanes.base[slice].push(packet)
    waiting.base[0] |= 1 << UInt64(truncatingIfNeeded: slice)
  }

  @inline(__always)
  func pop(to slice: Int) -> Packet? {
    guard let packet = lanes.base[slice].pop() else {
      waiting.base[0] &= ~(1 << UInt64(truncatingIfNeeded: slice))
      return nil
    }
    return packet
  }

  // MARK: XOFF

  /// Notes what a slice wants of a group's neighbour. True: that changes what the neighbour is to do.
  func note(_ isXOFF: Bool, group: Int, by slice: Int) -> Bool {
    let before = holders.base[group]
    let bit = 1 << UInt64(truncatingIfNeeded: slice) as UInt64
    let after = isXOFF ? before | bit : before & ~bit
    holders.base[group] = after
    return (before == 0) != (after == 0)
  }

  func isHeld(group: Int, by slice: Int) -> Bool { holders.base[group] & 1 << UInt64(slice) != 0 }

  // MARK: Messages

  /// Tells a slice how a group of a port of its own is: the state that it has when the message is taken, so that a group
  /// waits once at most, and nothing is lost however often it changes.
  @inline(never)
  func tell(_ slice: Int, ofGroup group: Int) { notice(group, to: slice) }

  /// Tells all others which queues of an own port are in a storm, in the same way.
  func tellAll(ofStormsOn port: PortID) {
    for lane in 0..<lanes.count where lane != slice.number { notice(groups &+ port.index, to: lane) }
  }

  private func notice(_ subject: Int, to slice: Int) {
    let noted = isNoted.base + (slice &* subjects &+ subject)
    if noted.pointee { return }
    noted.pointee = true
    let lane = lanes.base + slice
    notices.base[slice &* subjects &+ lane.pointee.notices.end(subjects)] = UInt16(truncatingIfNeeded: subject)
    lane.pointee.notices.count &+= 1
    waiting.base[1] |= 1 << UInt64(truncatingIfNeeded: slice)
  }

  /// Tells all others what was learned. False: there was no room for some of it.
  func tellAll(_ message: SliceMessage) -> Bool {
    var isTold = true
    for slice in 0..<lanes.count where slice != self.slice.number {
      let lane = lanes.base + slice
      guard lane.pointee.learned.count < SliceState.learnedCapacity else {
        lane.pointee.untold &+= 1
        isTold = false
        continue
      }
      let end = lane.pointee.learned.end(SliceState.learnedCapacity)
      learned.base[slice &* SliceState.learnedCapacity &+ end] = message
      lane.pointee.learned.count &+= 1
      waiting.base[1] |= 1 << UInt64(truncatingIfNeeded: slice)
    }
    return isTold
  }

  /// Takes off what a lane has to tell about next: a group's index, or behind all groups a port's; nil: nothing.
  func takeNotice(for slice: Int) -> (isGroup: Bool, index: Int)? {
    let lane = lanes.base + slice
    guard let place = lane.pointee.notices.take(subjects) else { return nil }
    let subject = Int(notices.base[slice &* subjects &+ place])
    isNoted.base[slice &* subjects &+ subject] = false
    return subject < groups ? (true, subject) : (false, subject &- groups)
  }

  /// Takes off the oldest of what was learned.
  func takeLearned(for slice: Int) -> SliceMessage? {
    guard let place = lanes.base[slice].learned.take(SliceState.learnedCapacity) else { return nil }
    return learned.base[slice &* SliceState.learnedCapacity &+ place]
  }

  /// A lane has nothing more to tell.
  func closeMessages(for slice: Int) { waiting.base[1] &= ~(1 << UInt64(truncatingIfNeeded: slice)) }
}

/// What one slice has for one other.
struct SliceLane {
  private var head: UnsafeMutablePointer<pst_packet>?
  private var tail: UnsafeMutablePointer<pst_packet>?
  /// What there are notices about, and what was learned: places in tables of ``SliceState``.
  var notices = Places()
  var learned = Places()
  /// What was learned and not told, as there was no room.
  var untold: UInt64 = 0

  /// Places of a ring: those that are taken follow ``first``.
  struct Places {
    private var first = 0
    var count = 0

    /// The place behind the last one that is taken.
    func end(_ capacity: Int) -> Int {
      let place = first &+ count
      return place < capacity ? place : place &- capacity
    }

    /// The first place, which is free from now on.
    mutating func take(_ capacity: Int) -> Int? {
      if count == 0 { return nil }
      defer {
        first = first &+ 1 == capacity ? 0 : first &+ 1
        count &-= 1
      }
      return first
    }
  }

  @inline(__always)
  mutating func push(_ packet: Packet) {
    packet.state.pointee.next = nil
    if let last = tail { last.pointee.next = packet.state } else { head = packet.state }
    tail = packet.state
  }

  @inline(__always)
  mutating func pop() -> Packet? {
    guard let state = head else { return nil }
    head = state.pointee.next
    if head == nil { tail = nil }
    return Packet(state)
  }
}
