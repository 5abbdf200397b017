import Dataplane

/// A switch with a host at every port, in virtual time; hosts send when they may, and obey the switch's pause frames.
///
///     var hosted = try HostedSwitch(configuration)
///     hosted.send(frame, wireLength: 1062, priority: 3, on: 0, at: 0)
///     hosted.run()
///
/// Where ``VirtualSwitch`` shows what leaves and when, this shows whether the buffer holds: after events the accounts are
/// compared with the queues, and the first difference ends the run.
public struct HostedSwitch: ~Copyable {
  /// The switch itself; of several slices, the first.
  public var device: Switch
  /// The other slices.
  public var slices: SliceWires
  /// The tick that has been reached.
  public private(set) var now: UInt64 = 0
  /// Every how many events accounts are compared; 0: never.
  public var auditInterval = 1
  /// What was found wrong first.
  public private(set) var finding: String?
  /// Events so far: arrivals, departures, pauses that reached hosts, and links that went up or down.
  public private(set) var events = 0
  /// Pause frames that the switch sent.
  public private(set) var pauseFrames = 0

  private var hosts: [PausedHost]
  private var departures: [UInt64]
  private var links: [(tick: UInt64, port: Int, isUp: Bool)] = []
  private var burst: PacketBurst
  private var sentFrames: UInt64 = 0
  private let wholeMemory: Int
  private let mode: ForwardingMode
  /// A run of more events is no run that comes to an end.
  private let mostEvents = 300_000

  /// Builds a switch.
  ///
  /// - Parameter responses: picoseconds that the host of each port takes to stop; nothing by default.
  public init(
    _ configuration: SwitchConfiguration, responses: [UInt64] = [], counts: (Int, Int, Int) = (512, 16, 16)
  ) throws {
    let memory = try PacketMemory(counts: counts)
    let available = memory.available
    let slices = try SliceWires(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    let device = try Switch(
      configuration, memory: memory, ticksPerSecond: 1_000_000_000_000, slice: Slice(0, of: configuration))
    self.device = device
    self.slices = slices
    wholeMemory = available
    mode = configuration.forwardingMode
    hosts = configuration.ports.enumerated().map {
      PausedHost($0.element, response: $0.offset < responses.count ? responses[$0.offset] : 0)
    }
    departures = Array(repeating: .max, count: configuration.ports.count)
    burst = PacketBurst()
  }

  /// Lets a host send a frame from `tick` on, when it may.
  ///
  /// - Parameters:
  ///   - frame: its bytes without check sequence, or their beginning.
  ///   - wireLength: its length without check sequence.
  ///   - priority: the priority whose pause stops it; nil: none does.
  public mutating func send(_ frame: [UInt8], wireLength: Int, priority: Int?, on port: Int, at tick: UInt64) {
    hosts[port].send(
      PausedHost.Frame(
        bytes: frame, wireLength: max(wireLength, frame.count), tick: max(tick, now), priority: priority))
  }

  /// Takes a link up or down at a tick.
  public mutating func setLink(_ port: Int, isUp: Bool, at tick: UInt64) {
    links.append((max(tick, now), port, isUp))
    links.sort { $0.tick < $1.tick }
  }

  /// Runs until nothing is due, or something is found wrong.
  public mutating func run() {
    let begin = events
    for index in hosts.indices { hosts[index].choose() }
    while finding == nil, step() {
      events += 1
      if auditInterval > 0, events % auditInterval == 0 { audit() }
      if events - begin > mostEvents { fail("it does not come to rest in \(mostEvents) events") }
    }
    if finding == nil { audit() }
    if finding == nil { checkRest() }
  }

  private mutating func step() -> Bool {
    // Hosts start before frames arrive, and frames arrive before others leave.
    var (tick, kind, place) = (UInt64.max, 0, 0)
    if let link = links.first { tick = link.tick }
    for index in hosts.indices {
      if let pause = hosts[index].pauses.first, pause.tick < tick { (tick, kind, place) = (pause.tick, 1, index) }
      if hosts[index].nextStart < tick { (tick, kind, place) = (hosts[index].nextStart, 2, index) }
      if let frame = hosts[index].inFlight.first {
        let due = mode == .cutThrough ? min(frame.end, frame.start + hosts[index].time(ofBytes: 72)) : frame.end
        if due < tick { (tick, kind, place) = (due, 3, index) }
      }
      if departures[index] < tick { (tick, kind, place) = (departures[index], 4, index) }
    }
    guard tick != .max else { return false }
    now = tick
    switch kind {
    case 0: changeLink()
    case 1: if let problem = hosts[place].obey(at: now) { fail(problem) }
    case 2: hosts[place].start()
    case 3: arrive(on: place)
    default: depart(from: place)
    }
    return true
  }

  private mutating func arrive(on port: Int) {
    guard let (frame, start, end) = hosts[port].inFlight.popFirst() else { return }
    if let packet = device.memory.allocate(capacity: frame.bytes.count) {
      frame.bytes.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
      packet.arrived(
        number: sentFrames, wireLength: frame.wireLength, start: Tick(start), end: Tick(end),
        latencyFrom: Tick(mode == .cutThrough ? start : end))
      burst.append(packet)
      receive(on: port)
    } else {
      fail("packet memory is used up: give the test more")
    }
    sentFrames += 1
    schedule()
  }

  // A burst is not copyable, so it is taken out of the switch while the switch is lent to it.

  private mutating func receive(on port: Int) {
    var arrived = PacketBurst()
    swap(&arrived, &burst)
    slices.with(slices.owner(of: port), &device) { $0.receive(&arrived, on: PortID(port), at: Tick(now)) }
    swap(&arrived, &burst)
  }

  private mutating func depart(from port: Int) {
    var left = PacketBurst()
    swap(&left, &burst)
    slices.with(slices.owner(of: port), &device) { $0.transmit(PortID(port), at: Tick(now), into: &left) }
    swap(&left, &burst)
    for index in 0..<burst.count {
      let packet = burst[index]
      if packet.isPauseFrame {
        pauseFrames += 1
        let bytes = Array(UnsafeRawBufferPointer(start: packet.bytes, count: packet.capturedLength))
        hosts[port].pauseSent(bytes, departure: packet.departure.rawValue)
      }
      PacketMemory.free(packet)
    }
    burst.removeAll()
    setDeadline(of: PortID(port))
    schedule()
  }

  private mutating func changeLink() {
    let link = links.removeFirst()
    hosts[link.port].setLink(isUp: link.isUp, at: now)
    for slice in 0..<slices.count {
      slices.with(slice, &device) { $0.setPort(PortID(link.port), isUp: link.isUp, at: Tick(now)) }
    }
    setDeadline(of: PortID(link.port))
    schedule()
  }

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
    departures[port.index] = deadline == .never ? .max : max(now, deadline.rawValue)
  }

  private mutating func audit() {
    for slice in 0..<slices.count {
      if let difference = slices.with(slice, &device, { $0.audit() }) { fail("slice \(slice): \(difference)") }
    }
  }

  private mutating func fail(_ what: String) {
    if finding == nil { finding = "at \(now) ps, event \(events): \(what)" }
  }

  /// At rest everything has left, and nobody has anything of the buffer.
  private mutating func checkRest() {
    let totals = slices.totals(&device)
    if !totals.isConserved { return fail("packets are not conserved: \(totals)") }
    if totals.waitingPackets != 0 { return fail("\(totals.waitingPackets) packets wait for ever") }
    let missing = wholeMemory - device.memory.available
    if missing != 0 { return fail("\(missing) packets are lost") }
    for port in hosts.indices {
      if !hosts[port].isDone { return fail("the host of port \(port) waits for ever") }
      for number in 0..<8 {
        for use in slices.each(&device, { $0.use(of: PriorityGroup(number), on: PortID(port)) })
        where use.reservedBytes + use.sharedBytes + use.headroomBytes != 0 || use.isXOFF {
          return fail("port \(port), priority group \(number) is not at rest: \(use)")
        }
      }
    }
    for pools in slices.each(&device, { $0.bufferStatistics }) {
      let used = pools.shared.usedBytes + pools.lossy.usedBytes + pools.headroom.usedBytes + pools.egress.usedBytes
      if used != 0 { return fail("\(used) bytes of the pools are in use at rest") }
    }
  }

  /// Packets dropped for a reason, on all ports.
  public mutating func drops(_ reason: DropReason) -> UInt64 {
    var sum: UInt64 = 0
    for port in hosts.indices {
      for drops in slices.each(&device, { $0.drops(on: PortID(port)) }) {
        for drop in drops where drop.reason == reason { sum += drop.packets }
      }
    }
    return sum
  }
}
