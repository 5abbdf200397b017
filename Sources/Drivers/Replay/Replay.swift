import CShims
import Dataplane
import Glibc

/// Drives a switch in virtual time with packets from captures.
///
/// Events are handled in the order of their ticks (one tick is a picosecond); at equal ticks arrivals come before
/// departures, and lower ports before higher ones. So the output is a function of captures, configuration and seed.
public struct Replay: ~Copyable {
  /// The switch.
  public var device: Switch
  private let options: ReplayOptions
  private let inputs: [ReplayInput]
  private let sources: FlatTable<PortSource>
  private let events: EventTree
  private let outputs: FlatTable<CaptureWriter>
  private var log: PacketLog?
  private var pauseLog: PauseLog?
  private var series: TimeSeries
  private let clock: ReplayClock
  private let mode: ForwardingMode
  private var burst = PacketBurst()
  private var lastArrival = Tick.zero
  private var packets: UInt64 = 0
  private let totalBytes: UInt64
  /// How often the captures have been begun.
  private var loopsBegun: UInt64 = 0
  /// Ports that have more to offer in this loop.
  private var portsOffering = 0
  /// The last frame that each port sent.
  private let lastFrames: FlatTable<SentFrame>

  /// Opens captures and outputs.
  public init(_ device: consuming Switch, _ options: ReplayOptions) throws(ReplayError) {
    // The same captures in another order are the same replay.
    let inputs = options.inputs.sorted {
      ($0.port, $0.path, $0.filter ?? "") < ($1.port, $1.path, $1.filter ?? "")
    }
    let ports = device.configuration.ports
    try Replay.protect(inputs, from: options, ports)
    let zero = try Replay.firstStamp(of: inputs) &+ options.start.count / 1000
    let clock = ReplayClock(
      zeroNanoseconds: zero,
      untilNanoseconds: options.until.map { ($0.count - min($0.count, options.start.count)) / 1000 },
      skipsEarly: options.start > .zero, speed: options.speed, isStrict: options.isStrict, portNames: ports.map(\.name))
    let sources = try Replay.openSources(inputs, device.configuration, clock, options)
    let outputs = try Replay.openOutputs(options, ports)
    let log = try Replay.openLog(options, device.configuration)
    let pauseLog = try Replay.openPauseLog(options, ports)
    self.sources = sources
    self.outputs = outputs
    self.device = device
    self.device.recordsEndings = options.writesPacketLog
    self.device.recordsPauseEvents = true
    self.device.setTelemetryEpoch(nanoseconds: zero)
    self.log = log
    self.pauseLog = pauseLog
    events = EventTree(slots: 2 * ports.count)
    series = TimeSeries(self.device.configuration)
    lastFrames = FlatTable(repeating: SentFrame(), count: ports.count)
    totalBytes = options.loops &* inputs.reduce(0) { $0 &+ Replay.size(of: $1.path) }
    self.clock = clock
    mode = self.device.configuration.forwardingMode
    self.options = options
    self.inputs = inputs
  }

  /// Runs to the end: until every packet has left the switch.
  ///
  /// - Parameter progress: called every 65536 packets with the packets offered so far, and the fraction of the input's
  ///   bytes. False stops the replay.
  /// - Throws: ``ReplayError``; what was written until then is removed with the replay.
  public mutating func run(
    progress: (UInt64, Double) -> Bool = { _, _ in true }
  ) throws(ReplayError) -> ReplayResult {
    try learnNeighbors()
    if options.loops > 0 { try beginLoop() }
    try drain(progress: progress)
    let end = lastBit
    series.finish(of: device, at: end)
    do throws(CaptureError) {
      // All are completed before the first gets its name: a disk that fills up at the end leaves none.
      try log?.finish()
      try pauseLog?.finish()
      for port in 0..<outputs.count { try outputs.base[port].finish() }
      try log?.commit()
      try pauseLog?.commit()
      for port in 0..<outputs.count { try outputs.base[port].commit() }
    } catch {
      throw .capture(error)
    }
    return ReplayResult(
      duration: Picoseconds(end.rawValue), startNanoseconds: clock.zeroNanoseconds, inputs: inputResults,
      series: series)
  }

  /// Offers the captures once more, from the moment at which every input's wire is free. The queues may still be full.
  private mutating func beginLoop() throws(ReplayError) {
    var start = Tick.zero
    for port in 0..<sources.count { start = max(start, sources.base[port].wireFree) }
    for port in 0..<sources.count where sources.base[port].streams.count > 0 {
      try sources.base[port].begin(at: start, isFirst: loopsBegun == 0, &device)
      let due = sources.base[port].due(mode)
      if due != .never { portsOffering += 1 }
      events.set(port, to: due)
    }
    loopsBegun += 1
  }

  /// The end of the last frame received or sent.
  private var lastBit: Tick {
    var last = lastArrival
    for (index, port) in device.configuration.ports.enumerated() where lastFrames.base[index].length > 0 {
      let line = Serializer(
        rate: port.speed, ticksPerSecond: ReplayClock.ticksPerSecond,
        serialization: device.configuration.serialization)
      let frame = lastFrames.base[index]
      let onWire = max(frame.length, EthernetOverhead.minimumFrame) + EthernetOverhead.total
      let ticks = line.ticks(bytes: onWire) - line.ticks(bytes: EthernetOverhead.interPacketGap)
      last = max(last, frame.start + ticks)
    }
    return last
  }

  /// Handles events until nothing is due. Cost: 90 ns a packet in the switch and its events, the files aside.
  private mutating func drain(progress: (UInt64, Double) -> Bool) throws(ReplayError) {
    let portCount = sources.count
    var boundary = series.boundary
    while true {
      let slot = events.first
      let now = events.firstTick
      if now == .never { break }
      guard now.rawValue <= ReplayClock.horizon else { throw .duration }
      if boundary <= now {
        series.close(upTo: now, of: device)
        boundary = series.boundary
      }
      if slot < portCount {
        try arrive(on: slot, at: now)
        if packets & 0xFFFF == 0 { try report(progress) }
      } else {
        try depart(from: slot &- portCount, at: now)
      }
    }
    try report(progress)
  }

  @inline(__always)
  private mutating func arrive(on index: Int, at now: Tick) throws(ReplayError) {
    let source = sources.base + index
    guard let frame = source.pointee.next else { return }
    lastArrival = max(lastArrival, frame.end)
    // What a jumbo packet cannot hold of an oversized frame is not needed: the switch drops it by its wire length.
    let captured = min(frame.captured, PacketMemory.capacities.2)
    if let packet = device.memory.allocateGrowing(capacity: captured) {
      packet.fill(frame.bytes, count: captured)
      packet.arrived(
        number: packets, wireLength: frame.length, start: frame.start, end: frame.end,
        latencyFrom: mode == .cutThrough ? frame.start : frame.end)
      burst.append(packet)
      device.receive(&burst, on: source.pointee.port, at: now)
    } else {
      device.dropUnallocated(on: source.pointee.port, wireLength: frame.length, number: packets, at: now)
    }
    packets &+= 1
    if packets & 0xFFF == 0 { try checkLog() }
    try source.pointee.take(&device)
    let due = source.pointee.due(mode)
    events.set(index, to: due)
    if due == .never {
      portsOffering -= 1
      if portsOffering == 0, loopsBegun < options.loops { try beginLoop() }
    }
    scheduleTouchedPorts(at: now)
    if device.endingCount > 0 { try logEndings(packets &- 1, start: frame.start) }
    if device.pauseEventCount > 0 { try logPauseEvents() }
  }

  /// Asks the ports that got something to send when they could.
  @inline(__always)
  private mutating func scheduleTouchedPorts(at now: Tick) {
    while let port = device.takeTouchedPort() {
      events.set(sources.count &+ port.index, to: max(now, device.nextDeadline(port)))
    }
  }

  @inline(__always)
  private mutating func depart(from index: Int, at now: Tick) throws(ReplayError) {
    let port = PortID(index)
    device.transmit(port, at: now, into: &burst)
    var position = 0
    while position < burst.count {
      let packet = burst[position]
      lastFrames.base[index] = SentFrame(start: packet.departure, length: packet.wireLength)
      if outputs.count > 0 {
        let stamp = clock.zeroNanoseconds &+ packet.departure.rawValue / 1000
        do { try outputs.base[index].write(packet, stampNanoseconds: stamp) } catch { throw .capture(error) }
      }
      if packet.isPauseFrame {
        if try sources.base[index].heed(packet, &device) { events.set(index, to: sources.base[index].due(mode)) }
      } else if log != nil {
        log?.transmitted(packet)
      }
      position &+= 1
    }
    PacketMemory.free(&burst)
    let deadline = device.nextDeadline(port)
    events.set(sources.count &+ index, to: deadline == .never ? .never : max(now, deadline))
    // What has left may let another port's neighbour go on; what the watchdog dropped has ended.
    scheduleTouchedPorts(at: now)
    if device.endingCount > 0 { try logEndings(.max, start: now) }
    if device.pauseEventCount > 0 { try logPauseEvents() }
  }

  /// Logs what happened to flow control in the last call into the switch.
  @inline(never)
  private mutating func logPauseEvents() throws(ReplayError) {
    for index in 0..<device.pauseEventCount {
      let event = device.pauseEvent(index)
      series.note(event)
      do { try pauseLog?.note(event) } catch { throw .capture(error) }
    }
    device.forgetPauseEvents()
  }

  /// Logs what ended in the last call into the switch: the packet that arrived, copies of it, what the switch made
  /// because of it, what the watchdog dropped.
  ///
  /// - Parameter start: when the packet `number` started to arrive, for which there may have been no memory.
  @inline(never)
  private mutating func logEndings(_ number: UInt64, start: Tick) throws(ReplayError) {
    for index in 0..<device.endingCount {
      let ending = device.ending(index)
      log?.ended(ending, start: ending.number == number ? start : ending.start)
    }
    device.forgetEndings()
  }

  /// Stops a replay whose log cannot be written.
  @inline(never)
  private func checkLog() throws(ReplayError) {
    do { try log?.check() } catch { throw .capture(error) }
  }

  private func report(_ progress: (UInt64, Double) -> Bool) throws(ReplayError) {
    var read: UInt64 = 0
    for port in 0..<sources.count {
      for stream in 0..<sources.base[port].streams.count {
        read &+= sources.base[port].streams.base[stream].reader.bytes
      }
    }
    let fraction = totalBytes == 0 ? 1 : min(1, Double(read) / Double(totalBytes))
    if !progress(packets, fraction) { throw .stopped }
  }

  /// The captures, in the order of ports and paths.
  var inputsForScan: [ReplayInput] { inputs }

  private var inputResults: [ReplayInputResult] {
    var results = inputs.map { ReplayInputResult(input: $0, packets: 0, bytes: 0, error: nil) }
    for port in 0..<sources.count {
      for position in 0..<sources.base[port].streams.count {
        let stream = sources.base[port].streams.base + position
        results[stream.pointee.index].packets = stream.pointee.packets
        results[stream.pointee.index].bytes = stream.pointee.bytes
        results[stream.pointee.index].error = stream.pointee.error
      }
    }
    return results
  }
}

/// A frame that a port sent.
struct SentFrame {
  /// Tick of its first bit.
  var start = Tick.zero
  var length = 0
}
