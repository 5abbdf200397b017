import CShims
import Wire

/// Reports that are gathered and sent together.
extension Switch {
  /// Where a report is written, and how long it is.
  struct ReportPlace {
    let base: UnsafeMutableRawPointer
    let length: Int
    /// Octets of headers and metadata, and of the packet behind them.
    let metadataEnd: Int
    let contentsLength: Int
    /// What the contents are.
    let contents: UInt8
  }

  /// Adds a report of INT metadata about a packet that leaves. False: the rate does not allow it.
  mutating func append(
    _ hop: HopRecord, _ metadata: INTInstructions, domain: INTDomainWords, flags: TelemetryReport.Flags, extra: Int,
    at now: Tick
  ) -> Bool {
    let settings = telemetry.settings.base
    let octets = (metadata.words &+ domain.rawValue.nonzeroBitCount) &* 4
    guard let place = reserve(hop.packet, metadata: octets, extra: extra, at: now) else { return false }
    TelemetryReport.write(
      to: place.base, kind: TelemetryReport.Kind.int, contents: place.contents, length: place.length,
      metadataLength: octets,
      flags: hop.leftBytes >= settings.pointee.congestionBytes ? flags.union(.congested) : flags)
    TelemetryReport.writeINT(
      to: place.base, metadata: metadata, domainID: domain.isEmpty ? 0 : settings.pointee.domainID,
      domainMetadata: domain.rawValue, domainStatus: 0)
    writeHop(
      hop, to: place.base + TelemetryReport.intHeaderLength, metadata, octets: octets, domain: domain)
    finish(hop.packet, place, at: now)
    return true
  }

  /// Finds room for a report, sending those before it if it does not fit behind them. Nil: the rate does not allow it.
  ///
  /// - Parameters:
  ///   - metadata: octets of metadata.
  ///   - extra: octets of the packet that are kept beyond the usual.
  mutating func reserve(_ packet: Packet, metadata: Int, extra: Int, at now: Tick) -> ReportPlace? {
    let state = telemetry.reports.state.base
    guard telemetry.reports.isOn else { return nil }
    guard state.pointee.allows(at: now) else {
      telemetry.counters.base.pointee.overRate &+= 1
      return nil
    }
    let headers = TelemetryReport.intHeaderLength &+ metadata
    let isFrame = packet.capturedLength >= EthernetHeader.length
    let kept = min(isFrame ? packet.capturedLength : 0, state.pointee.truncation &+ extra)
    let contents = min(kept, (state.pointee.capacity &- headers) & ~3)
    let length = headers &+ (contents &+ 3) & ~3
    if state.pointee.used &+ length > state.pointee.capacity { sendReports(at: now) }
    return ReportPlace(
      base: UnsafeMutableRawPointer(telemetry.reports.buffer.base) + state.pointee.used, length: length,
      metadataEnd: headers, contentsLength: contents,
      contents: isFrame ? TelemetryReport.Contents.ethernet : TelemetryReport.Contents.none)
  }

  /// Puts the packet's contents behind a report's metadata.
  mutating func finish(_ packet: Packet, _ place: ReportPlace, at now: Tick) {
    let state = telemetry.reports.state.base
    let contents = place.base + place.metadataEnd
    contents.copyMemory(from: packet.bytes, byteCount: place.contentsLength)
    var end = place.metadataEnd &+ place.contentsLength
    while end < place.length {
      place.base.storeBytes(of: 0, toByteOffset: end, as: UInt8.self)
      end &+= 1
    }
    state.pointee.used &+= place.length
    state.pointee.count &+= 1
    // One that long has no other length than "to the end of the datagram".
    if place.length >= 1024 { return sendReports(at: now) }
    if state.pointee.count == 1 {
      state.pointee.deadline = now + state.pointee.flushTicks
      chooseReportOwner()
    }
  }

  /// Has the first port that is up see to the reports that wait; without any they wait until the buffer is full.
  mutating func chooseReportOwner() {
    let state = telemetry.reports.state.base
    guard state.pointee.count > 0 else { return }
    for index in 0..<egress.ports.count {
      let port = egress.ports.base + index
      guard port.pointee.isUp, !port.pointee.isForeign else { continue }
      port.pointee.owesReports = true
      state.pointee.owner = PortID(index)
      return touch(PortID(index))
    }
  }

  private mutating func releaseReportOwner() {
    let state = telemetry.reports.state.base
    guard state.pointee.owner != .none else { return }
    egress.ports.base[state.pointee.owner.index].owesReports = false
    state.pointee.owner = .none
  }

  /// A port goes down: another one sees to the reports that wait.
  mutating func moveReports(from port: PortID) {
    guard telemetry.isOn, telemetry.reports.state.base.pointee.owner == port else { return }
    releaseReportOwner()
    chooseReportOwner()
  }

  /// Sends the reports that wait if it is time.
  @inline(never)
  mutating func sendDueReports(at now: Tick) {
    if telemetry.reports.state.base.pointee.deadline <= now { sendReports(at: now) }
  }

  /// Sends all reports that wait.
  @inline(never)
  mutating func sendReports(at now: Tick) {
    let state = telemetry.reports.state.base
    let (octets, reports) = (state.pointee.used, state.pointee.count)
    guard reports > 0 else { return }
    state.pointee.used = 0
    state.pointee.count = 0
    state.pointee.deadline = .never
    releaseReportOwner()
    let sequence = state.pointee.sequence
    state.pointee.sequence = (sequence &+ 1) & 0x3F_FFFF
    guard let packet = newReportDatagram(payload: TelemetryReportGroup.length &+ octets, at: now) else {
      telemetry.counters.base.pointee.reportsLost &+= UInt64(reports)
      return
    }
    let udp = packet.bytes + state.pointee.transportOffset
    let group = udp + UDPHeader.length
    TelemetryReportGroup.write(
      to: group, hardwareID: state.pointee.hardwareID, sequenceNumber: sequence,
      nodeID: telemetry.settings.base.pointee.nodeID)
    (group + TelemetryReportGroup.length).copyMemory(from: telemetry.reports.buffer.base, byteCount: octets)
    writeReportChecksum(packet, payload: TelemetryReportGroup.length &+ octets)
    let counters = telemetry.counters.base
    counters.pointee.datagrams &+= 1
    counters.pointee.reportsSent &+= UInt64(reports)
    counters.pointee.reportBytes &+= UInt64(octets)
    originate(packet, interface: 0, at: now)
  }
}
