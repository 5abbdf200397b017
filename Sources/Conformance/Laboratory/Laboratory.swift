import CShims
import Dataplane
import Drivers
import Wire

/// A switch with a source and a sink on every port, in virtual time: one tick is a picosecond.
///
/// Sources are ideal: they send back to back at line rate, and stop for pause frames as exactly as the standard has it,
/// or not at all. A frame takes the cable's delay to the switch, and so does a pause frame to the source. At equal ticks
/// arrivals come first, then pauses at the sources, then starts of frames, then departures.
struct Laboratory: ~Copyable {
  static let ticksPerSecond: UInt64 = 1_000_000_000_000

  /// The switch.
  var device: Switch
  /// What is sent.
  private(set) var flows: [Flow] = []
  /// What became of it.
  private(set) var records: [FlowRecord] = []
  /// Flow control events of the switch, oldest first.
  private(set) var observed: [ObservedEvent] = []
  /// Pause frames that left ports.
  private(set) var pauseFrames: [SentPause] = []
  /// Frames that have left all ports, pause frames aside.
  private(set) var departed: UInt64 = 0
  /// The tick that has been reached.
  private(set) var now = Tick.zero
  /// Whether the first use of headroom by each flow's group is looked for.
  var watchesHeadroom = false
  /// Whether ``departures`` are kept.
  var recordsDepartures = false
  /// Flow, first bit and mark of every frame that left, in order.
  private(set) var departures: [RecordedDeparture] = []

  private var templates: [FrameTemplate] = []
  private var ports: [LaboratoryPort]
  private var script = PauseScript()
  private let events: EventTree
  private var burst = PacketBurst()
  private let wholeMemory: Int

  /// A bench around a switch.
  ///
  /// - Parameter packets: that may be in the switch at a time.
  init(_ configuration: SwitchConfiguration, packets: Int) throws {
    let memory = try PacketMemory(counts: (packets + 1024, 64, 64))
    let available = memory.available
    var device = try Switch(configuration, memory: memory, ticksPerSecond: Laboratory.ticksPerSecond)
    device.recordsPauseEvents = true
    device.recordsEndings = true
    self.device = device
    wholeMemory = available
    ports = configuration.ports.map { LaboratoryPort($0) }
    events = EventTree(slots: 4 * configuration.ports.count + 1)
  }

  /// True if all packet memory is back.
  var isEmpty: Bool { device.memory.available == wholeMemory }

  /// How late the sources of all ports stop. Before any flow is added.
  mutating func setResponse(_ time: Picoseconds) {
    for (index, port) in device.configuration.ports.enumerated() {
      ports[index].source = HostLine(
        port: port, response: .after(time), ticksPerSecond: Laboratory.ticksPerSecond)
    }
  }

  /// Adds a flow; its number is its position.
  mutating func add(_ flow: Flow) {
    let index = flows.count
    flows.append(flow)
    records.append(FlowRecord())
    let ends = FrameTemplate.Ends(
      source: (
        LaboratoryConfiguration.neighborMAC(flow.source.index),
        LaboratoryConfiguration.neighborAddress(flow.source.index)
      ),
      destination: (device.configuration.mac, LaboratoryConfiguration.neighborAddress(flow.destination.index)))
    templates.append(
      FrameTemplate(
        ends, .udp(source: UInt16(truncatingIfNeeded: 1024 + index), destination: 9), length: flow.length,
        dscp: flow.trafficClass.rawValue, ecn: flow.ecn))
    ports[flow.source.index].source.add(
      flow: index, frames: flow.count, length: flow.length, start: flow.start,
      pace: flow.rate.map { .constant($0) } ?? .backToBack, obeys: flow.obeys)
    scheduleStart(flow.source.index)
  }

  /// Lets the neighbour of a port stop priorities from `start` until `end`, with XOFF in good time, and XON at the end.
  mutating func hold(_ port: PortID, _ priorities: UInt8, from start: Tick, until end: Tick) {
    let quantum = ports[port.index].line.ticks(bytes: 64)
    script.hold(port, priorities, from: start, until: end, interval: max(1, quantum * 65_535 / 2))
    events.set(scriptSlot, to: script.due)
  }

  /// Lets one pause frame arrive on a port.
  mutating func inject(_ port: PortID, _ priorities: UInt8, quanta: UInt16, at tick: Tick) {
    script.add(PauseScript.Entry(tick: tick, port: port, priorities: priorities, quanta: quanta))
    events.set(scriptSlot, to: script.due)
  }

  private var scriptSlot: Int { 3 * ports.count }

  /// Runs until nothing is due, or past the last event at `end`.
  mutating func run(until end: Tick = Tick(.max - 1)) {
    let count = ports.count
    while true {
      let slot = events.first
      let tick = events.firstTick
      if tick > end || tick == .never { break }
      now = tick
      if slot < count {
        arrive(on: slot)
      } else if slot < 2 * count {
        deliverPause(to: slot - count)
      } else if slot < 3 * count {
        startFrame(on: slot - 2 * count)
      } else if slot == 3 * count {
        runScript()
      } else {
        depart(from: slot - 3 * count - 1)
      }
    }
  }
}

/// A pause frame that left a port.
struct SentPause {
  /// First bit.
  var tick: Tick
  var port: PortID
  /// Priorities it is about; all with link-level PAUSE.
  var priorities: UInt8
  /// Those that it stops.
  var xoff: UInt8
  /// Time of the lowest priority that it stops, in quanta.
  var quanta: UInt16
}

/// A frame that left.
struct RecordedDeparture {
  var flow: Int
  var tick: Tick
  var isMarked: Bool
}

// MARK: - Events

extension Laboratory {
  private mutating func startFrame(on index: Int) {
    guard let frame = ports[index].source.start(at: now) else { return scheduleStart(index) }
    records[frame.flow].sent += 1
    let delay = ports[index].delayTicks
    let isFirst = ports[index].inFlight.isEmpty
    ports[index].inFlight.append(InFlight(flow: frame.flow, start: frame.start + delay, end: frame.end + delay))
    if isFirst { events.set(index, to: frame.end + delay) }
    scheduleStart(index)
  }

  private func scheduleStart(_ index: Int) {
    events.set(2 * ports.count + index, to: ports[index].source.nextStart(at: now))
  }

  private mutating func arrive(on index: Int) {
    guard let frame = ports[index].inFlight.popFirst() else { return }
    events.set(index, to: ports[index].inFlight.first?.end ?? .never)
    let flow = frame.flow
    records[flow].arrived += 1
    ports[index].arrived += 1
    let number = UInt64(flow) << 40 | records[flow].arrived
    let bytes = templates[flow].bytes
    if let packet = device.memory.allocate(capacity: bytes.count) {
      bytes.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
      packet.arrived(
        number: number, wireLength: flows[flow].length, start: frame.start, end: frame.end, latencyFrom: frame.end)
      burst.append(packet)
      device.receive(&burst, on: PortID(index), at: now)
    } else {
      device.dropUnallocated(on: PortID(index), wireLength: flows[flow].length, number: number, at: now)
    }
    if watchesHeadroom, records[flow].firstInHeadroom == 0 {
      let group = device.configuration.qos.trafficClassToPriorityGroup[flows[flow].trafficClass.index]
      if device.use(of: group, on: PortID(index)).headroomBytes > 0 {
        records[flow].firstInHeadroom = records[flow].arrived
      }
    }
    observe()
  }

  private mutating func depart(from index: Int) {
    device.transmit(PortID(index), at: now, into: &burst)
    for position in 0..<burst.count {
      let packet = burst[position]
      if packet.isPauseFrame { notePause(packet, from: index) } else { noteDeparture(packet) }
    }
    PacketMemory.free(&burst)
    setDeadline(of: PortID(index))
    observe()
  }

  private mutating func noteDeparture(_ packet: Packet) {
    let number = packet.state.pointee.number
    departed += 1
    guard number != .max else { return }
    let flow = Int(number >> 40)
    let isMarked = packet.bytes.load(fromByteOffset: 15, as: UInt8.self) & 3 == 3
    records[flow].departed += 1
    records[flow].departedBytes += UInt64(packet.wireLength)
    records[flow].firstDeparture = min(records[flow].firstDeparture, packet.departure)
    records[flow].lastDeparture = packet.departure
    if isMarked { records[flow].marked += 1 }
    if recordsDepartures {
      departures.append(RecordedDeparture(flow: flow, tick: packet.departure, isMarked: isMarked))
    }
  }

  /// A pause frame is at the source when its last bit is: preamble, frame and check sequence.
  private mutating func notePause(_ packet: Packet, from index: Int) {
    let body = packet.bytes + EthernetHeader.length
    let available = packet.capturedLength - EthernetHeader.length
    var times = [UInt16?](repeating: nil, count: 8)
    if let frame = PFCFrame(at: body, available: available) {
      for priority in 0..<8 where frame.classEnableVector & 1 << UInt8(priority) != 0 {
        times[priority] = frame.time(of: priority)
      }
    } else if let frame = PauseFrame(at: body, available: available) {
      times = [UInt16?](repeating: frame.time, count: 8)
    }
    var sent = SentPause(tick: packet.departure, port: PortID(index), priorities: 0, xoff: 0, quanta: 0)
    for priority in 0..<8 {
      guard let time = times[priority] else { continue }
      sent.priorities |= 1 << UInt8(priority)
      if time > 0 { sent.xoff |= 1 << UInt8(priority) }
      if sent.quanta == 0 { sent.quanta = time }
    }
    pauseFrames.append(sent)
    let first = packet.departure + ports[index].delayTicks
    guard let arrival = ports[index].source.gate.receive(packet, firstBit: first) else { return }
    let isFirst = ports[index].pauses.isEmpty
    ports[index].pauses.append(arrival)
    if isFirst { events.set(ports.count + index, to: arrival) }
  }

  private mutating func deliverPause(to index: Int) {
    guard ports[index].pauses.popFirst() != nil else { return }
    events.set(ports.count + index, to: ports[index].pauses.first ?? .never)
    ports[index].source.gate.settle(upTo: now)
    scheduleStart(index)
  }

  private mutating func runScript() {
    while let entry = script.take(at: now) {
      guard let packet = device.memory.allocate(capacity: MACControl.frameLength) else { continue }
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: MACControl.frameLength, alignment: 8)
      defer { bytes.deallocate() }
      let source = LaboratoryConfiguration.neighborMAC(entry.port.index)
      if device.configuration.pause.mode == .link {
        PauseFrame.write(to: bytes, source: source, time: entry.quanta)
      } else {
        PFCFrame.write(
          to: bytes, source: source, classEnableVector: entry.priorities,
          times: SIMD8<UInt16>(repeating: entry.quanta))
      }
      packet.fill(bytes, count: MACControl.frameLength)
      packet.arrived(number: .max, wireLength: MACControl.frameLength, start: now, end: now, latencyFrom: now)
      burst.append(packet)
      device.receive(&burst, on: entry.port, at: now)
      observe()
    }
    events.set(scriptSlot, to: script.due)
  }

  /// Takes in what the switch has to say after a call.
  private mutating func observe() {
    while let port = device.takeTouchedPort() { setDeadline(of: port) }
    for index in 0..<device.pauseEventCount {
      let event = device.pauseEvent(index)
      observed.append(ObservedEvent(event: event, arrived: ports[event.port.index].arrived, departed: departed))
    }
    device.forgetPauseEvents()
    for index in 0..<device.endingCount {
      let ending = device.ending(index)
      guard let reason = ending.dropReason, ending.number != .max else { continue }
      let flow = Int(ending.number >> 40)
      records[flow].dropped += 1
      records[flow].lastDropped = ending.number & ((1 << 40) - 1)
      if records[flow].firstDropped == 0 {
        records[flow].firstDropped = ending.number & ((1 << 40) - 1)
        records[flow].dropReason = reason
      }
    }
    device.forgetEndings()
  }

  private mutating func setDeadline(of port: PortID) {
    let deadline = device.nextDeadline(port)
    events.set(3 * ports.count + 1 + port.index, to: deadline == .never ? .never : max(now, deadline))
  }
}
