import CShims
import Wire

/// Telemetry of packets that leave: their queue is as they leave it, and their headers are not yet rewritten.
extension Switch {
  /// Does with a packet that leaves what was planned when it came to its queue.
  ///
  /// Cost: 40 instructions for a packet without telemetry; of a hop that is put on the stack 150.
  @inline(never)
  mutating func departWithTelemetry(_ packet: Packet, queue: Int, on portID: PortID, start: Tick, at now: Tick) {
    let port = telemetry.ports.base + portID.index
    let utilisation = port.pointee.utilisation.value(at: start)
    port.pointee.utilisation.add(start, ticks: egress.ports.base[portID.index].wireFree - start)
    let left = egress.queues.base[queue].bytes
    telemetry.queues.base[queue].lastLatency = start - packet.arrival
    // Its charge is refunded: the place tells drivers what the packet left behind.
    packet.state.pointee.queued_bytes = UInt32(truncatingIfNeeded: min(left, UInt64(UInt32.max)))
    let hop = HopRecord(
      packet: packet, port: portID, queue: queue, start: start, leftBytes: left, utilisation: utilisation)
    let task = packet.telemetryTask
    if !task.is(.none) { perform(task, hop, at: now) }
    if telemetry.settings.base.pointee.fillsTraces, packet.flags.contains(.ipv6), !packet.flags.contains(.mirrored) {
      traceIOAM(hop)
    }
    if left >= telemetry.settings.base.pointee.congestionBytes {
      noteCongestion(hop, at: now)
    } else {
      telemetry.queues.base[queue].reported = .max
    }
  }

  @inline(always)
  private mutating func perform(_ task: TelemetryTask, _ hop: HopRecord, at now: Tick) {
    let packet = hop.packet
    switch task.kind {
    case TelemetryTask.Kind.push.rawValue: push(task, hop)
    case TelemetryTask.Kind.source.rawValue, TelemetryTask.Kind.sourceWithoutHop.rawValue:
      begin(task, hop, isMetadata: true)
    case TelemetryTask.Kind.sourceInstructions.rawValue:
      reportPostcard(hop, telemetry.settings.base.pointee.postcard, at: now)
      begin(task, hop, isMetadata: false)
    case TelemetryTask.Kind.exceedMTU.rawValue:
      telemetry.counters.base.pointee.tooLong &+= 1
      setFlag(0x02, of: packet, task)
    case TelemetryTask.Kind.exceedHops.rawValue:
      telemetry.counters.base.pointee.hopsExceeded &+= 1
      setFlag(0x04, of: packet, task)
    case TelemetryTask.Kind.instructed.rawValue: reportInstructed(task, hop, at: now)
    case TelemetryTask.Kind.sink.rawValue:
      reportPath(task, hop, at: now)
      end(task, packet)
    case TelemetryTask.Kind.strip.rawValue:
      reportInstructed(task, hop, at: now)
      end(task, packet)
    case TelemetryTask.Kind.postcard.rawValue:
      reportPostcard(hop, telemetry.settings.base.pointee.postcard, at: now)
    default: break
    }
  }

  /// Puts this hop on top of the stack.
  @inline(always)
  private mutating func push(_ task: TelemetryTask, _ hop: HopRecord) {
    let packet = hop.packet
    let octets = task.growth
    let stack = task.shim &+ INTShim.length &+ INTMetadataHeader.length
    INTEdit.open(packet, at: stack, octets: octets)
    let shim = packet.bytes + task.shim
    let header = shim + INTShim.length
    INTShim.lengthen(at: shim, by: octets)
    let remaining = header.load(fromByteOffset: 3, as: UInt8.self)
    header.storeBytes(of: remaining &- 1, toByteOffset: 3, as: UInt8.self)
    let domainID = header.loadBigEndian(UInt16.self, at: 6)
    let settings = telemetry.settings.base
    writeHop(
      hop, to: packet.bytes + stack, INTInstructions(rawValue: header.loadBigEndian(UInt16.self, at: 4)),
      octets: octets,
      domain: domainID != 0 && domainID == settings.pointee.domainID
        ? INTDomainWords(rawValue: header.loadBigEndian(UInt16.self, at: 8)) : .nothing)
    var change = ChecksumChange()
    change.add(packet.bytes + stack, count: octets)
    // Of the two words that count themselves one goes up and one goes down, neither with a carry.
    change.add(octets / 4)
    change.remove(1)
    INTEdit.changeLength(of: packet, by: octets)
    let transport = Int(packet.state.pointee.transport_offset)
    INTEdit.changeTransport(
      of: packet, at: transport, isUDP: INTPlace.isOverUDP(packet, transport: transport), by: octets, change)
    telemetry.counters.base.pointee.hops &+= 1
  }

  /// Sets a flag in the first octet of the INT-MD header.
  private func setFlag(_ flag: UInt8, of packet: Packet, _ task: TelemetryTask) {
    let header = packet.bytes + task.shim + INTShim.length
    let octet = header.load(as: UInt8.self)
    if octet & flag != 0 { return }
    header.storeBytes(of: octet | flag, as: UInt8.self)
    var change = ChecksumChange()
    change.add(Int(flag) << 8)
    let transport = Int(packet.state.pointee.transport_offset)
    INTEdit.changeTransport(
      of: packet, at: transport, isUDP: INTPlace.isOverUDP(packet, transport: transport), by: 0, change)
  }

  // MARK: Source

  /// Begins INT on a packet: this node is the source.
  @inline(never)
  private mutating func begin(_ task: TelemetryTask, _ hop: HopRecord, isMetadata: Bool) {
    let settings = telemetry.settings.base
    let packet = hop.packet
    let transport = Int(packet.state.pointee.transport_offset)
    let isUDP = INTPlace.isOverUDP(packet, transport: transport)
    let hasHop = task.is(.source)
    let hopLength = hasHop ? settings.pointee.hopLength : 0
    let original = original(of: packet, transport: transport, isUDP: isUDP)
    INTEdit.open(packet, at: task.shim, octets: task.growth)
    let isHeader = settings.pointee.announcement == .header
    let shim = packet.bytes + task.shim + (isHeader ? UDPHeader.length : 0)
    if isHeader { writeHeader(packet, at: task.shim, octets: task.growth) }
    INTShim.write(
      to: shim, kind: isMetadata ? .metadata : .instructions, nextProtocol: nextProtocol,
      contentLength: INTMetadataHeader.length &+ hopLength, original: original)
    let header = shim + INTShim.length
    if isMetadata {
      INTMetadataHeader.write(
        to: header, hopLength: settings.pointee.hopLength,
        remainingHops: settings.pointee.maximumHops &- (hasHop ? 1 : 0), instructions: settings.pointee.instructions,
        domainID: settings.pointee.domainID, domainInstructions: settings.pointee.domainWords.rawValue)
      let flags: UInt8 = (task.discards ? 0x08 : 0) | (hasHop ? 0 : 0x02)
      header.storeBytes(of: header.load(as: UInt8.self) | flags, as: UInt8.self)
      if hasHop {
        writeHop(
          hop, to: header + INTMetadataHeader.length, settings.pointee.instructions, octets: hopLength,
          domain: settings.pointee.domainWords)
        telemetry.counters.base.pointee.hops &+= 1
      } else {
        telemetry.counters.base.pointee.tooLong &+= 1
      }
    } else {
      INTInstructionHeader.write(
        to: header, instructions: settings.pointee.instructions, domainID: settings.pointee.domainID,
        domainInstructions: settings.pointee.domainWords.rawValue)
    }
    announce(packet, task, transport: transport, isUDP: isUDP)
    telemetry.counters.base.pointee.begun &+= 1
  }

  private var nextProtocol: INTShim.NextProtocol {
    switch telemetry.settings.base.pointee.announcement {
    case .port: .originalPort
    case .header: .originalProtocol
    case .dscp: .unchanged
    }
  }

  /// What the shim keeps of the packet.
  private func original(of packet: Packet, transport: Int, isUDP: Bool) -> UInt16 {
    switch telemetry.settings.base.pointee.announcement {
    case .port: packet.bytes.loadBigEndian(UInt16.self, at: transport &+ 2)
    case .header: UInt16(isUDP ? IPProtocol.udp : IPProtocol.tcp)
    case .dscp: UInt16(packet.state.pointee.dscp) << 2
    }
  }

  /// Lays a UDP header in front of a shim, without a checksum (section 5.7.2).
  private func writeHeader(_ packet: Packet, at offset: Int, octets: Int) {
    let state = packet.state
    let base = packet.bytes + offset
    let rest = Int(state.pointee.network_offset) &+ Int(state.pointee.network_length) &- offset
    base.storeBigEndian(0xC000 | UInt16(truncatingIfNeeded: telemetryHash(of: packet) & 0x3FFF), at: 0)
    base.storeBigEndian(telemetry.settings.base.pointee.udpPort, at: 2)
    base.storeBigEndian(UInt16(truncatingIfNeeded: rest &+ octets), at: 4)
    base.storeBigEndian(UInt16(0), at: 6)
  }

  /// Says in the headers that there is INT, and mends lengths and checksums.
  private func announce(_ packet: Packet, _ task: TelemetryTask, transport: Int, isUDP: Bool) {
    let settings = telemetry.settings.base
    INTEdit.changeLength(of: packet, by: task.growth)
    var change = ChecksumChange()
    switch settings.pointee.announcement {
    case .header: return INTEdit.setProtocol(of: packet, IPProtocol.udp)
    case .dscp: INTEdit.setDSCP(of: packet, settings.pointee.dscp)
    case .port:
      let base = packet.bytes + transport
      change.remove(Int(base.loadBigEndian(UInt16.self, at: 2)))
      base.storeBigEndian(settings.pointee.udpPort, at: 2)
      change.add(Int(settings.pointee.udpPort))
    }
    change.add(packet.bytes + task.shim, count: task.growth)
    INTEdit.changeTransport(of: packet, at: transport, isUDP: isUDP, by: task.growth, change)
  }

  // MARK: Sink

  /// Takes INT out of a packet, and restores what announced it.
  @inline(never)
  private mutating func end(_ task: TelemetryTask, _ packet: Packet) {
    let transport = Int(packet.state.pointee.transport_offset)
    let isUDP = INTPlace.isOverUDP(packet, transport: transport)
    let shim = packet.bytes + task.shim
    let kept = shim.loadBigEndian(UInt16.self, at: 2)
    let octets = task.growth
    telemetry.counters.base.pointee.ended &+= 1
    INTEdit.changeLength(of: packet, by: -octets)
    var change = ChecksumChange()
    switch INTShim.NextProtocol(rawValue: shim.load(as: UInt8.self) >> 2 & 3) {
    case .originalProtocol:
      INTEdit.setProtocol(of: packet, UInt8(truncatingIfNeeded: kept))
      return INTEdit.close(packet, at: task.shim &- UDPHeader.length, octets: octets)
    case .originalPort:
      let base = packet.bytes + transport
      change.remove(Int(base.loadBigEndian(UInt16.self, at: 2)))
      base.storeBigEndian(kept, at: 2)
      change.add(Int(kept))
    case .unchanged, nil: INTEdit.setDSCP(of: packet, UInt8(truncatingIfNeeded: kept) >> 2)
    }
    change.remove(shim, count: octets)
    INTEdit.changeTransport(of: packet, at: transport, isUDP: isUDP, by: -octets, change)
    INTEdit.close(packet, at: task.shim, octets: octets)
  }
}
