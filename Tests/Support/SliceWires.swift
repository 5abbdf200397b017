import Dataplane

/// The slices of a switch behind the first, and the rings between all of them, in virtual time.
///
/// What slices have for each other arrives at once, unless ``isHeld``.
public struct SliceWires: ~Copyable {
  /// How many slices there are, the first included.
  public let count: Int
  /// Packets that a ring holds.
  public var room = Int.max
  /// Whether everything stays in the rings.
  public var isHeld = false

  private let owners: [Int]
  private let others: FlatTable<Switch>
  private var rings: [[Packet]]
  private var burst: PacketBurst

  /// Builds the slices of a configuration but for the first, which has the memory.
  init(_ configuration: SwitchConfiguration, memory: borrowing PacketMemory, ticksPerSecond: UInt64) throws {
    owners = configuration.owners
    let sliceCount = configuration.sliceCount
    // A closure cannot borrow what its function borrows.
    var memories: [SharedMemory] = []
    for _ in 1..<max(2, sliceCount) where sliceCount > 1 { memories.append(SharedMemory(memory.shared())) }
    others = try FlatTable(count: sliceCount - 1) { index in
      try Switch(
        configuration, memory: memories[index].memory.shared(), ticksPerSecond: ticksPerSecond,
        slice: Slice(index + 1, of: configuration))
    }
    count = sliceCount
    rings = Array(repeating: [], count: count * count)
    burst = PacketBurst()
  }

  private final class SharedMemory {
    let memory: PacketMemory

    init(_ memory: consuming PacketMemory) { self.memory = memory }
  }

  deinit {
    for ring in rings { for packet in ring { PacketMemory.free(packet) } }
  }

  /// The slice that a port belongs to.
  public func owner(of port: Int) -> Int { owners.indices.contains(port) ? owners[port] : 0 }

  /// Lends a slice out; `first` is the one that is not here.
  public func with<Result>(
    _ slice: Int, _ first: inout Switch, _ body: (inout Switch) throws -> Result
  ) rethrows -> Result {
    slice == 0 ? try body(&first) : try body(&others.base[slice - 1])
  }

  /// What each slice says, in their order.
  public func each<Result>(_ first: inout Switch, _ body: (inout Switch) throws -> Result) rethrows -> [Result] {
    try (0..<count).map { try with($0, &first, body) }
  }

  /// What all slices have counted together; what lies in rings waits.
  public func totals(_ first: inout Switch) -> Switch.Totals { Switch.Totals(slices: each(&first) { $0.totals }) }

  /// Carries packets and messages until nobody has any more.
  mutating func exchange(_ first: inout Switch, at now: Tick) {
    if count == 1 { return }
    var isMoving = true
    while isMoving {
      isMoving = false
      for slice in 0..<count { collect(from: slice, &first, at: now) }
      if isHeld { return }
      for slice in 0..<count {
        if deliver(to: slice, &first, at: now) { isMoving = true }
        if carryMessages(from: slice, &first, at: now) { isMoving = true }
      }
    }
  }

  private mutating func collect(from slice: Int, _ first: inout Switch, at now: Tick) {
    while let target = with(slice, &first, { $0.nextHandOver() }) {
      takeHandOver(slice, target, &first)
      let free = max(0, room - rings[slice * count + target].count)
      let taken = min(free, burst.count)
      for index in 0..<taken { rings[slice * count + target].append(burst[index]) }
      dropHandOver(slice, from: taken, &first, at: now)
    }
  }

  // A burst cannot be lent to a closure that is lent a slice as well.

  private mutating func takeHandOver(_ slice: Int, _ target: Int, _ first: inout Switch) {
    if slice == 0 {
      first.takeHandOver(to: target, into: &burst)
    } else {
      others.base[slice - 1].takeHandOver(to: target, into: &burst)
    }
  }

  private mutating func dropHandOver(_ slice: Int, from taken: Int, _ first: inout Switch, at now: Tick) {
    if slice == 0 {
      first.dropHandOver(&burst, from: taken, at: now)
    } else {
      others.base[slice - 1].dropHandOver(&burst, from: taken, at: now)
    }
  }

  private mutating func takeOver(_ slice: Int, _ first: inout Switch, at now: Tick) {
    if slice == 0 {
      first.takeOver(&burst, at: now)
    } else {
      others.base[slice - 1].takeOver(&burst, at: now)
    }
  }

  private mutating func deliver(to slice: Int, _ first: inout Switch, at now: Tick) -> Bool {
    var hasMoved = false
    for source in 0..<count {
      while !rings[source * count + slice].isEmpty {
        let packets = rings[source * count + slice].prefix(PacketBurst.capacity)
        for packet in packets { burst.append(packet) }
        rings[source * count + slice].removeFirst(packets.count)
        takeOver(slice, &first, at: now)
        hasMoved = true
      }
    }
    return hasMoved
  }

  private func carryMessages(from slice: Int, _ first: inout Switch, at now: Tick) -> Bool {
    var hasMoved = false
    while let target = with(slice, &first, { $0.nextMessages() }) {
      var message = SliceMessage()
      while with(slice, &first, { $0.takeMessage(for: target, &message) }) {
        with(target, &first) { $0.receive(message, from: slice, at: now) }
        hasMoved = true
      }
    }
    return hasMoved
  }
}
