import CShims
import Dataplane
import Wire

extension Fabric {
  private var scriptSlot: Int { channels.count }

  /// Runs until everything that was sent has arrived or was dropped, or until the configured end.
  ///
  /// - Parameter progress: called every 65536 arrivals with the frames received by hosts so far, and the fraction of
  ///   virtual time if that has an end. False stops the run.
  /// - Throws: ``FabricError``.
  public mutating func run(progress: (UInt64, Double?) -> Bool = { _, _ in true }) throws(FabricError) -> FabricResult {
    let end = configuration.until.map { Tick($0.count) } ?? Fabric.horizon
    for host in 0..<hosts.count { scheduleStart(host, at: .zero) }
    if let first = script.first { events.set(scriptSlot, to: Tick(first.at.count)) }
    var boundary = TimeSeries.firstInterval.count
    var isStalled = false
    var arrivals: UInt64 = 0
    while true {
      let slot = events.first
      let now = events.firstTick
      if now == .never || now > end || now > graceEnd { break }
      if now.rawValue - min(lastProgress.rawValue, now.rawValue) > stallTicks, outstanding > 0,
        scriptPosition == script.count
      {
        isStalled = true
        break
      }
      if boundary <= now.rawValue { boundary = closeIntervals(upTo: now) }
      if slot < channels.count {
        try arrive(on: slot, at: now)
        arrivals &+= 1
        if arrivals & 0xFFFF == 0, !report(progress, at: now) { throw .stopped }
      } else if slot == scriptSlot {
        runScript(at: now)
      } else if slot <= scriptSlot + hosts.count {
        try startFrame(of: slot - scriptSlot - 1, at: now)
      } else {
        depart(slot, at: now)
      }
      guard now < Fabric.horizon else { throw .duration }
    }
    _ = progress(records.reduce(0) { $0 + $1.received }, 1)
    return result(isStalled: isStalled)
  }

  private func report(_ progress: (UInt64, Double?) -> Bool, at now: Tick) -> Bool {
    let fraction = configuration.until.map { Double(now.rawValue) / Double(max(1, $0.count)) }
    return progress(records.reduce(0) { $0 + $1.received }, fraction)
  }

  private mutating func closeIntervals(upTo now: Tick) -> UInt64 {
    for index in series.indices { series[index].close(upTo: now, of: switches.base[index]) }
    return series.first?.boundary.rawValue ?? .max
  }

  // MARK: Hosts

  private mutating func startFrame(of host: Int, at now: Tick) throws(FabricError) {
    let state = hosts.base + host
    guard let frame = state.pointee.line.start(at: now) else { return scheduleStart(host, at: now) }
    records[frame.flow].sent += 1
    records[frame.flow].firstSent = min(records[frame.flow].firstSent, frame.start)
    sentTicks[frame.flow].append(frame.start.rawValue)
    let number = records[frame.flow].sent
    templates[frame.flow].store(sequence: number - 1)
    let bytes = templates[frame.flow].bytes
    guard let packet = memory.allocateGrowing(capacity: bytes.count) else {
      throw .memory("all packets that fit are on their way; send less at a time")
    }
    bytes.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
    let flow = configuration.flows[frame.flow]
    packet.arrived(
      number: UInt64(frame.flow) << 40 | number, wireLength: flow.length, start: frame.start, end: frame.end,
      latencyFrom: frame.end)
    // The state of a packet is undefined until somebody writes it.
    packet.state.pointee.flags = 0
    outstanding += 1
    flying += 1
    lastProgress = now
    let channel = 2 * (configuration.links.count + host)
    let isFirst = channels.base[channel].inFlight.isEmpty
    let due = channels.base[channel].send(packet, from: frame.start, to: frame.end)
    if isFirst { events.set(channel, to: due) }
    scheduleStart(host, at: now)
  }

  private func scheduleStart(_ host: Int, at now: Tick) {
    events.set(scriptSlot + 1 + host, to: hosts.base[host].line.nextStart(at: now))
  }

  private mutating func receive(_ frame: FabricChannel.Frame, host: Int, at now: Tick) {
    let packet = frame.packet
    defer { PacketMemory.free(packet) }
    if packet.isPauseFrame {
      _ = hosts.base[host].line.gate.receive(packet, firstBit: frame.start)
      hosts.base[host].line.gate.settle(upTo: now)
      return scheduleStart(host, at: now)
    }
    let number = packet.state.pointee.number
    guard number != .max else {
      strayFrames += 1
      return
    }
    let (flow, sequence) = (Int(number >> 40), number & ((1 << 40) - 1))
    outstanding -= 1
    if configuration.flows[flow].destination == host {
      note(packet, flow: flow, sequence: sequence, at: frame.end)
    } else {
      misdirectedFrames += 1
    }
    if outstanding <= 0 { endIfDone(at: now) }
  }

  private mutating func note(_ packet: Packet, flow: Int, sequence: UInt64, at end: Tick) {
    records[flow].received += 1
    records[flow].receivedBytes += UInt64(packet.wireLength)
    records[flow].lastReceived = max(records[flow].lastReceived, end)
    if packet.arrivesMarked { records[flow].marked += 1 }
    if packet.wireLength < configuration.flows[flow].length { records[flow].trimmed += 1 }
    if sequence < records[flow].latest {
      records[flow].reordered += 1
      records[flow].reorderDepth = max(records[flow].reorderDepth, records[flow].latest - sequence)
    } else {
      records[flow].latest = sequence
    }
    latencies.base[configuration.flows[flow].entry].record(end.rawValue - sentTicks[flow][Int(sequence) - 1])
  }

  /// Copies of frames (flooding, mirrors, what trimming leaves) end too, so that reaching zero is not enough.
  private mutating func endIfDone(at now: Tick) {
    guard graceEnd == .never else { return }
    for host in 0..<hosts.count where !hosts.base[host].line.isDone(at: now) { return }
    if waitingFrames == 0 { graceEnd = now + Fabric.graceTicks }
  }

  // MARK: Links

  private mutating func arrive(on index: Int, at now: Tick) throws(FabricError) {
    guard let frame = channels.base[index].inFlight.popFirst() else { return events.set(index, to: .never) }
    events.set(index, to: channels.base[index].inFlight.first?.due ?? .never)
    let packet = frame.packet
    if !packet.isPauseFrame {
      lastProgress = now
      lastArrival = max(lastArrival, frame.end)
      if packet.state.pointee.number != .max { flying -= 1 }
    }
    switch channels.base[index].target {
    case .host(let host): receive(frame, host: host, at: now)
    case .port(let place):
      let device = switches.base + place.device
      let isCutThrough = device.pointee.configuration.forwardingMode == .cutThrough
      packet.arrived(
        number: packet.state.pointee.number, wireLength: packet.wireLength, start: frame.start, end: frame.end,
        latencyFrom: isCutThrough ? frame.start : frame.end)
      burst.append(packet)
      device.pointee.receive(&burst, on: place.port, at: now)
      // A packet that ended is no longer ours to look at.
      if recordsHops, device.pointee.endingCount == 0 { observe(packet, .enqueued, device: place.device, at: now) }
      settle(place.device, at: now)
    }
  }

  private mutating func runScript(at now: Tick) {
    while scriptPosition < script.count, script[scriptPosition].at.count <= now.rawValue {
      let event = script[scriptPosition]
      scriptPosition += 1
      let link = configuration.links[event.link]
      switch event.change {
      case .rate(let rate):
        channels.base[2 * event.link].limit(to: rate)
        channels.base[2 * event.link + 1].limit(to: rate)
      case .state(let isUp):
        for end in [link.a, link.b] {
          switches.base[end.device].setPort(end.port, isUp: isUp, at: now)
          setDeadline(of: end.port, on: end.device, at: now)
          settle(end.device, at: now)
        }
      }
      lastProgress = now
    }
    events.set(scriptSlot, to: scriptPosition < script.count ? Tick(script[scriptPosition].at.count) : .never)
  }

  // MARK: Switches

  private mutating func depart(_ slot: Int, at now: Tick) {
    let index = deviceOfPort[slot - firstPort[0]]
    let port = PortID(slot - firstPort[index])
    let device = switches.base + index
    device.pointee.transmit(port, at: now, into: &burst)
    let channel = uplinks[slot - firstPort[0]]
    for position in 0..<burst.count {
      let packet = burst[position]
      if recordsHops, !packet.isPauseFrame { observe(packet, .dequeued, device: index, at: packet.departure) }
      guard channel >= 0 else {
        loseUnplugged(packet)
        continue
      }
      if !packet.isPauseFrame, packet.state.pointee.number != .max { flying += 1 }
      let isFirst = channels.base[channel].inFlight.isEmpty
      let (due, busy) = channels.base[channel].send(packet, from: packet.departure)
      if isFirst { events.set(channel, to: due) }
      if let busy { device.pointee.holdWire(of: port, until: busy) }
    }
    burst.removeAll()
    setDeadline(of: port, on: index, at: now)
    settle(index, at: now)
  }

  /// A frame that leaves by a port with nothing plugged in arrives nowhere.
  private mutating func loseUnplugged(_ packet: Packet) {
    let number = packet.state.pointee.number
    if number != .max {
      records[Int(number >> 40)].dropped += 1
      dropCounts[Int(DropReason.egressDown.rawValue)] += 1
      outstanding -= 1
    }
    PacketMemory.free(packet)
  }

  private func setDeadline(of port: PortID, on device: Int, at now: Tick) {
    let deadline = switches.base[device].nextDeadline(port)
    events.set(firstPort[device] + port.index, to: deadline == .never ? .never : max(now, deadline))
  }

  /// Takes in what a switch has to say after a call.
  private mutating func settle(_ index: Int, at now: Tick) {
    let device = switches.base + index
    while let port = device.pointee.takeTouchedPort() { setDeadline(of: port, on: index, at: now) }
    if device.pointee.endingCount > 0 { noteEndings(of: index, at: now) }
    if device.pointee.pauseEventCount > 0 {
      for event in 0..<device.pointee.pauseEventCount { series[index].note(device.pointee.pauseEvent(event)) }
      device.pointee.forgetPauseEvents()
    }
  }

  private mutating func noteEndings(of index: Int, at now: Tick) {
    let device = switches.base + index
    for position in 0..<device.pointee.endingCount {
      let ending = device.pointee.ending(position)
      guard ending.number != .max else { continue }
      let flow = Int(ending.number >> 40)
      if let reason = ending.dropReason {
        records[flow].dropped += 1
        dropCounts[Int(reason.rawValue)] += 1
      } else {
        records[flow].consumed += 1
      }
      outstanding -= 1
      lastProgress = now
    }
    device.pointee.forgetEndings()
    if outstanding <= 0 { endIfDone(at: now) }
  }

  @inline(never)
  private mutating func observe(_ packet: Packet, _ kind: FabricHop.Kind, device: Int, at tick: Tick) {
    let number = packet.state.pointee.number
    guard number != .max, packet.egressPort != .none else { return }
    let bytes = switches.base[device].statistics(of: packet.queue, on: packet.egressPort).waiting.bytes
    hops.append(
      FabricHop(
        kind: kind, flow: Int(number >> 40), number: number & ((1 << 40) - 1), device: device,
        port: packet.egressPort, queue: packet.queue, tick: tick, queueBytes: bytes))
  }
}

extension Packet {
  /// Whether a frame came with Congestion Experienced.
  fileprivate var arrivesMarked: Bool {
    guard capturedLength >= 20 else { return false }
    let isTagged = bytes.loadUnaligned(fromByteOffset: 12, as: UInt16.self).bigEndian == EtherType.vlan
    return bytes.load(fromByteOffset: isTagged ? 19 : 15, as: UInt8.self) & 3 == ECN.congestionExperienced
  }
}
