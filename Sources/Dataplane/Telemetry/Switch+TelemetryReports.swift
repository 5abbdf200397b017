import CShims
import Wire

/// Reports about packets, each put behind those that wait.
extension Switch {
  /// The sink's report: its own hop as metadata, and the packet with the stack of the others.
  mutating func reportPath(_ task: TelemetryTask, _ hop: HopRecord, at now: Tick) {
    guard telemetry.reports.isOn else { return }
    let shim = hop.packet.bytes + task.shim
    let content = Int(shim.load(fromByteOffset: 1, as: UInt8.self)) &* 4
    guard let header = INTMetadataHeader(at: shim + INTShim.length, available: content) else { return }
    var latency = telemetry.settings.base.pointee.clock.nanoseconds(hop.start - hop.packet.arrival)
    var bytes = hop.leftBytes
    if telemetry.settings.base.pointee.reportsChangesOnly {
      for index in 0..<header.hopCount {
        if let value = header.value(of: .hopLatency, hop: index), value != 0xFFFF_FFFF { latency &+= value }
        if let value = header.value(of: .queue, hop: index), value != 0xFFFF_FFFF {
          bytes = max(bytes, value & 0xFF_FFFF)
        }
      }
    }
    guard isNews(hop.packet, latency: latency, bytes: bytes) else { return }
    let domain = header.domainID != 0 && header.domainID == telemetry.settings.base.pointee.domainID
    let made = append(
      hop, INTInstructions(rawValue: header.instructions.rawValue & 0x7F80),
      domain: domain ? INTDomainWords(rawValue: header.domainInstructions).known : .nothing, flags: .tracked,
      extra: INTShim.length &+ content, at: now)
    if made { telemetry.counters.base.pointee.pathReports &+= 1 }
  }

  /// What INT-MX asks every node for; a header that is none of INT-MX's is not reported on.
  mutating func reportInstructed(_ task: TelemetryTask, _ hop: HopRecord, at now: Tick) {
    guard telemetry.reports.isOn else { return }
    let shim = hop.packet.bytes + task.shim
    let content = Int(shim.load(fromByteOffset: 1, as: UInt8.self)) &* 4
    guard shim.load(as: UInt8.self) >> 4 == INTShim.Kind.instructions.rawValue,
      let header = INTInstructionHeader(at: shim + INTShim.length, available: content)
    else { return }
    let settings = telemetry.settings.base
    let isOurs = header.domainID != 0 && header.domainID == settings.pointee.domainID
    reportPostcard(
      hop, INTInstructions(rawValue: header.instructions.rawValue & 0x7F80),
      domain: isOurs ? INTDomainWords(rawValue: header.domainInstructions).known : .nothing,
      extra: INTShim.length &+ content, at: now)
  }

  /// A postcard: what this node alone has to say.
  mutating func reportPostcard(_ hop: HopRecord, _ metadata: INTInstructions, at now: Tick) {
    reportPostcard(hop, metadata, domain: telemetry.settings.base.pointee.domainWords, extra: 0, at: now)
  }

  private mutating func reportPostcard(
    _ hop: HopRecord, _ metadata: INTInstructions, domain: INTDomainWords, extra: Int, at now: Tick
  ) {
    guard telemetry.reports.isOn else { return }
    let latency = telemetry.settings.base.pointee.clock.nanoseconds(hop.start - hop.packet.arrival)
    guard isNews(hop.packet, latency: latency, bytes: hop.leftBytes) else { return }
    var flags = TelemetryReport.Flags.tracked
    if telemetry.ports.base[hop.port.index].role != .host { flags.insert(.intermediate) }
    if append(hop, metadata, domain: domain, flags: flags, extra: extra, at: now) {
      telemetry.counters.base.pointee.postcards &+= 1
    }
  }

  /// Reports on a queue that a packet leaves congested, when it has come to another multiple of the quantum.
  @inline(never)
  mutating func noteCongestion(_ hop: HopRecord, at now: Tick) {
    let step = hop.leftBytes / telemetry.settings.base.pointee.congestionQuantum
    let queue = telemetry.queues.base + hop.queue
    guard queue.pointee.reported != step, !hop.packet.flags.contains(.originated) else { return }
    queue.pointee.reported = step
    // The packet may have its telemetry by now: the report has it as it leaves.
    if append(hop, .congestion, domain: .nothing, flags: .congested, extra: 0, at: now) {
      telemetry.counters.base.pointee.congestionReports &+= 1
    }
  }

  /// Reports a packet that is dropped.
  ///
  /// - Parameter port: on account of which it is dropped, if that is where it was to leave.
  @inline(never)
  mutating func reportDrop(_ packet: Packet, _ reason: DropReason, on port: PortID?, at now: Tick) {
    guard packet.ingressPort != .none, packet.flags.isDisjoint(with: .ownOrMirrored),
      telemetry.ports.base[packet.ingressPort.index].role != .none
    else { return }
    let egress = reason.concernsQueue ? port ?? packet.egressPort : .none
    let queue = reason.concernsQueue ? packet.queue.index : 0xFF
    guard let place = reserve(packet, metadata: 16, extra: 0, at: now) else { return }
    TelemetryReport.write(
      to: place.base, kind: TelemetryReport.Kind.int, contents: place.contents, length: place.length,
      metadataLength: 16, flags: .dropped)
    TelemetryReport.writeINT(
      to: place.base, metadata: .drop, domainID: 0, domainMetadata: 0, domainStatus: 0)
    let interfaces =
      UInt32(TelemetryPort.interface(of: packet.ingressPort)) << 16 | UInt32(TelemetryPort.interface(of: egress))
    place.base.storeBigEndian(interfaces, at: 12)
    place.base.storeBigEndian(telemetry.settings.base.pointee.clock.time(packet.arrival), at: 16)
    place.base.storeBigEndian(UInt32(truncatingIfNeeded: queue) << 24 | UInt32(reason.reportCode) << 16, at: 24)
    telemetry.counters.base.pointee.dropReports &+= 1
    finish(packet, place, at: now)
  }

  /// Reports a packet that the sink discards before it comes to a queue: what a queue would say is not known.
  mutating func reportDiscarded(_ packet: Packet, _ place: INTPlace, at now: Tick) {
    guard telemetry.reports.isOn,
      let place = reserve(packet, metadata: 12, extra: INTShim.length &+ place.contentLength, at: now)
    else { return }
    TelemetryReport.write(
      to: place.base, kind: TelemetryReport.Kind.int, contents: place.contents, length: place.length,
      metadataLength: 12, flags: .tracked)
    TelemetryReport.writeINT(
      to: place.base, metadata: .arrival, domainID: 0, domainMetadata: 0, domainStatus: 0)
    place.base.storeBigEndian(UInt32(TelemetryPort.interface(of: packet.ingressPort)) << 16 | 0xFFFF, at: 12)
    place.base.storeBigEndian(telemetry.settings.base.pointee.clock.time(packet.arrival), at: 16)
    telemetry.counters.base.pointee.pathReports &+= 1
    finish(packet, place, at: now)
  }

  /// Whether a report on a flow tells anything new.
  private mutating func isNews(_ packet: Packet, latency: UInt64, bytes: UInt64) -> Bool {
    let settings = telemetry.settings.base
    guard settings.pointee.reportsChangesOnly else { return true }
    let hash = telemetryHash(of: packet)
    let first = telemetry.watch.count &* FlowChange.tableSize
    let flow = telemetry.changes.base + (first &+ Int(hash) & (FlowChange.tableSize &- 1))
    let (time, size) = (settings.pointee.latencyQuantum, settings.pointee.queueQuantum)
    if flow.pointee.notes(flow: hash, latency: time == 0 ? 0 : latency / time, queue: size == 0 ? 0 : bytes / size) {
      return true
    }
    telemetry.counters.base.pointee.unchanged &+= 1
    return false
  }
}

extension INTInstructions {
  /// What a report on congestion holds.
  fileprivate static var congestion: INTInstructions { INTInstructions(rawValue: 0x7C80) }
  /// What a report on a drop holds: interfaces, time of arrival, queue and reason.
  fileprivate static var drop: INTInstructions { INTInstructions(rawValue: 0x4801) }
  /// What is known of a packet that came to no queue: interfaces and time of arrival.
  fileprivate static var arrival: INTInstructions { INTInstructions(rawValue: 0x4800) }
}

extension PacketFlags {
  fileprivate static var ownOrMirrored: PacketFlags {
    PacketFlags(rawValue: originated.rawValue | mirrored.rawValue)
  }
}

extension INTDomainWords {
  /// Those that there are.
  fileprivate var known: INTDomainWords { INTDomainWords(rawValue: rawValue & 0xF000) }
}
