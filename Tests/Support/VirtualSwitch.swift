import Dataplane
import Testing

/// A switch with frames on its wires, in virtual time: one tick is a picosecond.
///
///     var leaf = try VirtualSwitch(TestConfiguration.leaf())
///     leaf.send(frame, on: "h1", at: 0)
///     let departures = leaf.run()
///
/// It is a driver of its own, independent of the one for captures: a list of what is due and nothing else. At equal
/// ticks arrivals come before departures, and lower ports before higher ones.
public struct VirtualSwitch: ~Copyable {
  /// Ticks per second.
  public static let ticksPerSecond: UInt64 = 1_000_000_000_000

  /// The switch itself, for its statistics; of several slices, the first.
  public var device: Switch
  /// The other slices.
  public var slices: SliceWires
  /// The tick that has been reached.
  public private(set) var now: UInt64 = 0
  /// Whether departures carry the bytes of their frames; without them long runs are faster.
  public var recordsBytes = true

  private let names: [String]
  private let numbers: [String: Int]
  private var wires: [IngressWire]
  /// When something is due: the arrivals on each port, then the departures from each.
  private var due: [UInt64]
  private var burst: PacketBurst
  private var departures: [Departure] = []
  private var nextNumber: UInt64 = 0
  private let wholeMemory: Int
  private let mode: ForwardingMode

  /// Builds a switch.
  ///
  /// - Parameters:
  ///   - counts: packets in the small, ordinary and jumbo pool: as many as wait in queues at a time.
  ///   - owners: the slice of each port; empty: there is one.
  public init(
    _ configuration: SwitchConfiguration, counts: (Int, Int, Int) = (8192, 2048, 64), owners: [Int] = []
  ) throws {
    var configuration = configuration
    configuration.owners = owners
    let memory = try PacketMemory(counts: counts)
    let available = memory.available
    // What can fail comes first: a value that is not copyable must be whole or not at all.
    let slices = try SliceWires(configuration, memory: memory, ticksPerSecond: VirtualSwitch.ticksPerSecond)
    let device = try Switch(
      configuration, memory: memory, ticksPerSecond: VirtualSwitch.ticksPerSecond, slice: Slice(0, of: configuration))
    self.device = device
    self.slices = slices
    wholeMemory = available
    burst = PacketBurst()
    names = configuration.ports.map(\.name)
    // Vacant places have no name.
    numbers = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    wires = configuration.ports.map { IngressWire(rate: $0.speed) }
    due = Array(repeating: .max, count: 2 * names.count)
    mode = configuration.forwardingMode
  }

  /// The port with a name; the test fails without it.
  public func port(_ name: String) -> PortID {
    guard let number = numbers[name] else {
      Issue.record("no port \(name) in \(names)")
      return .none
    }
    return PortID(number)
  }

  /// Puts a frame on the wire of a port: its first bit, the preamble's, is there at `tick`, or when the frame before
  /// it and its gap are over.
  ///
  /// - Parameters:
  ///   - frame: its bytes without check sequence.
  ///   - wireLength: bytes of the frame on the wire, if `frame` is only their beginning.
  public mutating func send(_ frame: [UInt8], on port: String, at tick: UInt64, wireLength: Int? = nil) {
    guard let number = numbers[port] else {
      Issue.record("no port \(port) in \(names)")
      return
    }
    wires[number].append(
      IngressWire.Arrival(frame: frame, tick: max(tick, now), length: max(wireLength ?? 0, frame.count)))
  }

  /// Takes a port up or down at the tick that ``run(until:)`` has reached.
  public mutating func setPort(_ name: String, isUp: Bool) {
    let port = port(name)
    guard port != .none else { return }
    for slice in 0..<slices.count { slices.with(slice, &device) { $0.setPort(port, isUp: isUp, at: Tick(now)) } }
    due[names.count + port.index] = .max
    schedule()
  }

  /// Runs until nothing is due, or to the end of tick `until`, and hands out what has left since the last run in the
  /// order in which it started to leave.
  ///
  /// Afterwards every packet must be accounted for; see ``expectConserved(sourceLocation:)``.
  public mutating func run(until: UInt64? = nil, sourceLocation: SourceLocation = #_sourceLocation) -> [Departure] {
    let count = names.count
    for index in wires.indices { due[index] = wires[index].due(mode) }
    let end = until ?? UInt64.max - 1
    while true {
      var slot = 0
      var tick = due[0]
      var candidate = 1
      while candidate < 2 * count {
        if due[candidate] < tick { (slot, tick) = (candidate, due[candidate]) }
        candidate += 1
      }
      if tick > end || tick == .max { break }
      now = tick
      if slot < count { arrive(on: slot) } else { depart(from: slot - count) }
    }
    if let until { now = max(now, until) }
    expectConserved(sourceLocation: sourceLocation)
    defer { departures = [] }
    return departures
  }

  private mutating func arrive(on index: Int) {
    guard let frame = wires[index].take(mode) else { return }
    due[index] = wires[index].due(mode)
    let bytes = frame.arrival.frame
    if let packet = device.memory.allocate(capacity: bytes.count) {
      bytes.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
      packet.arrived(
        number: nextNumber, wireLength: frame.arrival.length, start: Tick(frame.start), end: Tick(frame.end),
        latencyFrom: Tick(mode == .cutThrough ? frame.start : frame.end))
      burst.append(packet)
      receive(on: index)
    } else {
      slices.with(slices.owner(of: index), &device) {
        $0.dropUnallocated(on: PortID(index), wireLength: frame.arrival.length, number: nextNumber, at: Tick(now))
      }
    }
    nextNumber += 1
    schedule()
  }

  // A burst is not copyable, so it is taken out of the switch while the switch is lent to it.

  private mutating func receive(on index: Int) {
    var arrived = PacketBurst()
    swap(&arrived, &burst)
    slices.with(slices.owner(of: index), &device) { $0.receive(&arrived, on: PortID(index), at: Tick(now)) }
    swap(&arrived, &burst)
  }

  private mutating func depart(from index: Int) {
    var left = PacketBurst()
    swap(&left, &burst)
    slices.with(slices.owner(of: index), &device) { $0.transmit(PortID(index), at: Tick(now), into: &left) }
    swap(&left, &burst)
    for position in 0..<burst.count {
      departures.append(Departure(burst[position], port: names[index], withBytes: recordsBytes))
      PacketMemory.free(burst[position])
    }
    burst.removeAll()
    setDeadline(of: PortID(index))
    schedule()
  }

  /// Asks when the ports that got something to send could send it.
  private mutating func schedule() {
    slices.exchange(&device, at: Tick(now))
    for slice in 0..<slices.count {
      while let port = slices.with(slice, &device, { $0.takeTouchedPort() }) {
        if slices.owner(of: port.index) == slice { setDeadline(of: port) }
      }
    }
  }

  private mutating func setDeadline(of port: PortID) {
    let deadline = slices.with(slices.owner(of: port.index), &device) { $0.nextDeadline(port) }
    due[names.count + port.index] = deadline == .never ? .max : max(now, deadline.rawValue)
  }
}

extension VirtualSwitch {
  /// Fails the test unless every packet that came in, was made or was copied has left, was dropped, was consumed or
  /// waits in a queue, and all packet memory is there but for what waits.
  public mutating func expectConserved(sourceLocation: SourceLocation = #_sourceLocation) {
    let totals = slices.totals(&device)
    if !totals.isConserved { Issue.record("packets are not conserved: \(totals)", sourceLocation: sourceLocation) }
    let missing = wholeMemory - device.memory.available
    if missing != Int(totals.waitingPackets) {
      Issue.record(
        "\(missing) packets are out of memory, and \(totals.waitingPackets) wait", sourceLocation: sourceLocation)
    }
  }

  /// How many packets were dropped on account of a port for a reason.
  public func drops(_ reason: DropReason, on name: String) -> UInt64 {
    device.drops(on: port(name)).first { $0.reason == reason }?.packets ?? 0
  }

  /// Lets what stands still in the rings between slices go on.
  public mutating func releaseRings() {
    slices.isHeld = false
    schedule()
  }
}
