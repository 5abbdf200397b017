import Dataplane
import Wire

extension ConfigurationReader {
  /// Reads `telemetry`.
  func readTelemetry(_ field: Field) {
    guard !field.isNone, let section = field.section(ConfigurationSchema.telemetry) else { return }
    var telemetry = TelemetryConfiguration()
    telemetry.nodeID = section["node-id"]?.integer(0...UInt64(UInt32.max), "a node number").map { UInt32($0) }
    telemetry.hostPorts = readPortList(section["host-ports"])
    telemetry.excludedPorts = readPortList(section["excluded-ports"])
    if let both = section["excluded-ports"],
      let port = telemetry.excludedPorts.first(where: telemetry.hostPorts.contains)
    {
      both.report(
        "port `\(configuration.ports[port.index].name)` is in `host-ports` as well", "list it in one of them")
    }
    if let window = section["utilisation-window"]?.time(.nanoseconds(100) ... .seconds(1)) {
      telemetry.utilisationWindow = window
    }
    if let int = section["int"]?.section(ConfigurationSchema.int) { readINT(int, into: &telemetry.int) }
    if let ioam = section["ioam"], !ioam.isNone {
      telemetry.ioam = ioam.section(ConfigurationSchema.ioam).map(readIOAM)
    }
    if let reports = section["reports"], !reports.isNone {
      telemetry.reports = reports.section(ConfigurationSchema.reports).flatMap(readReports)
    }
    check(telemetry, section)
    configuration.telemetry = telemetry
  }

  private func readPortList(_ field: Field?) -> [PortID] {
    guard let field, !field.isNone else { return [] }
    var ports: [PortID] = []
    for entry in field.oneOrMore() ?? [] {
      guard let port = portReference(entry) else { continue }
      if ports.contains(port) { entry.report("`\(entry.scalar ?? "")` is listed twice", "list it once") }
      ports.append(port)
    }
    return ports
  }

  private func readINT(_ section: Section, into int: inout INTConfiguration) {
    if let mode = section["mode"]?.choice(INTMode.self) { int.mode = mode }
    if let roce = section["roce"]?.choice(RoCETelemetry.self) { int.roce = roce }
    if let announcement = section["announce"]?.choice(INTAnnouncement.self) { int.announcement = announcement }
    if let field = section["udp-port"], let port = field.integer(1...65_535, "a UDP port") {
      int.udpPort = UInt16(port)
      if int.udpPort == UDPPort.roceV2 || int.udpPort == UDPPort.vxlan {
        field.report("UDP port `\(port)` has packets of its own", "write a port that nothing else uses")
      }
    }
    if let dscp = section["dscp"]?.integer(0...63, "a DSCP") { int.dscp = UInt8(dscp) }
    if let list = section["instructions"]?.oneOrMore() {
      int.instructions = list.compactMap { $0.word(of: INTInstructions.names.map { ($0.name, $0.instruction) }) }
        .reduce([]) { $0.union($1) }
      if list.isEmpty {
        let all = Suggestion.alternatives(INTInstructions.names.map(\.name), limit: 20)
        section["instructions"]?.report("hops record nothing", "list at least one of \(all)")
      }
    }
    if let hops = section["max-hops"]?.integer(1...255, "a number of hops") { int.maximumHops = UInt8(hops) }
    if let domain = section["domain"]?.section(ConfigurationSchema.domain) { readDomain(domain, into: &int) }
    readWatchList(section["watch"]?.list("[{source: 10.0.1.0/24}]") ?? [], into: &int)
  }

  private func readDomain(_ section: Section, into int: inout INTConfiguration) {
    if let id = section["id"]?.integer(1...65_535, "a domain number") { int.domainID = UInt16(id) }
    let words = section["words"]?.oneOrMore() ?? []
    int.domainWords = words.compactMap { $0.word(of: INTDomainWords.names.map { ($0.name, $0.word) }) }
      .reduce([]) { $0.union($1) }
  }

  private func readWatchList(_ list: [Field], into int: inout INTConfiguration) {
    for (index, entry) in list.enumerated() {
      if index == INTConfiguration.watchLimit {
        entry.report("there are more than \(INTConfiguration.watchLimit) rules", "join rules")
      }
      guard let section = entry.section(ConfigurationSchema.watch) else { continue }
      var rule = WatchRule()
      rule.source = section["source"]?.networkPrefix()
      rule.destination = section["destination"]?.networkPrefix()
      if let source = rule.source, let destination = rule.destination,
        source.address.bitWidth != destination.address.bitWidth
      {
        section["destination"]?.report(
          "`\(destination)` is of another IP version than the source `\(source)`",
          "write two rules, one for each version")
      }
      rule.ipProtocol = section["protocol"]?.ipProtocol()
      rule.sourcePorts = section["source-port"]?.portRange()
      rule.destinationPorts = section["destination-port"]?.portRange()
      rule.dscp = section["dscp"]?.integer(0...63, "a DSCP").map { UInt8($0) }
      rule.queuePair = section["qp"]?.integer(0...0xFF_FFFF, "a queue pair").map { UInt32($0) }
      if let sample = section["sample"], !sample.isAll { rule.sampling = readSampling(sample) ?? .all }
      int.watch.append(rule)
    }
  }

  private func readSampling(_ field: Field) -> TelemetrySampling? {
    guard let section = field.section(ConfigurationSchema.sample) else { return nil }
    let (every, flows, change) = (section["every"], section["flows"], section["change"])
    if [every, flows, change].compactMap({ $0 }).count != 1 {
      field.report("packets are sampled in one way", "write one of `every`, `flows` and `change`")
      return nil
    }
    if let every { return every.integer(1...UInt64(UInt32.max), "a number of packets").map { .every(UInt32($0)) } }
    if let flows { return flows.integer(1...UInt64(UInt32.max), "a number of flows").map { .flows(UInt32($0)) } }
    return change?.section(ConfigurationSchema.sampleChange).map { .change(readQuanta($0)) }
  }

  private func readQuanta(_ section: Section) -> TelemetryQuanta {
    var quanta = TelemetryQuanta(latency: .zero, queue: ByteCount(0))
    if let latency = section["latency"]?.time(.nanoseconds(1) ... .seconds(1)) { quanta.latency = latency }
    if let queue = section["queue"]?.size(1...1_000_000_000) { quanta.queue = queue }
    if !section.has("latency"), !section.has("queue") {
      section.field.report("nothing counts as a change", "add `latency: 1us` or `queue: 10kB`")
    }
    return quanta
  }

  private func readIOAM(_ section: Section) -> IOAMConfiguration {
    var ioam = IOAMConfiguration()
    ioam.nodeID = section["node-id"]?.integer(0...0xFF_FFFF, "a node number").map { UInt32($0) }
    ioam.wideNodeID = section["wide-node-id"]?.integer(0...0xFF_FFFF_FFFF_FFFF, "a node number")
    var known: Set<UInt16> = []
    for entry in section["namespaces"]?.list("[{id: 0}]") ?? [] {
      guard let section = entry.section(ConfigurationSchema.ioamNamespace),
        let id = section["id"]?.integer(0...65_535, "a namespace").map({ UInt16($0) })
      else { continue }
      if !known.insert(id).inserted { entry.report("namespace \(id) is listed twice", "list it once") }
      var namespace = IOAMNamespace(id: id)
      if let data = section["data"]?.integer(0...UInt64(UInt32.max), "data of 32 bits") {
        namespace.data = UInt32(data)
      }
      if let data = section["wide-data"]?.integer(0...UInt64.max, "data of 64 bits") { namespace.wideData = data }
      ioam.namespaces.append(namespace)
    }
    if ioam.namespaces.isEmpty { section.field.report("there is no namespace", "add `namespaces: [{id: 0}]`") }
    return ioam
  }

  private func readReports(_ section: Section) -> TelemetryReportConfiguration? {
    guard let collector = section["collector"]?.hostAddress() else { return nil }
    var reports = TelemetryReportConfiguration(collector: collector)
    if let port = section["port"]?.integer(1...65_535, "a UDP port") { reports.port = UInt16(port) }
    if let field = section["source"], let source = field.hostAddress() {
      reports.source = source
      if source.bitWidth != collector.bitWidth {
        field.report("`\(source)` is of another IP version than the collector", "write both in one version")
      }
    }
    if let dscp = section["dscp"]?.integer(0...63, "a DSCP") { reports.dscp = UInt8(dscp) }
    if let bytes = section["truncate"]?.integer(16...1024, "a number of bytes") { reports.truncation = Int(bytes) }
    if let bytes = section["batch"]?.integer(1280...8900, "a number of bytes") { reports.batch = Int(bytes) & ~3 }
    if let time = section["flush"]?.time(.nanoseconds(1) ... .seconds(1)) { reports.flush = time }
    if let rate = section["rate"]?.integer(0...1_000_000_000, "a number per second") { reports.rate = rate }
    if let burst = section["burst"]?.integer(1...1_000_000, "a number of reports") { reports.burst = burst }
    if let drops = section["drops"]?.boolean() { reports.drops = drops }
    if let congestion = section["congestion"]?.section(ConfigurationSchema.congestion) {
      reports.congestion = congestion["threshold"]?.size(1...1_000_000_000)
      if let quantum = congestion["quantum"]?.size(1...1_000_000_000) { reports.congestionQuantum = quantum }
    }
    reports.change = section["change"]?.section(ConfigurationSchema.reportChange).map(readQuanta)
    return reports
  }

  /// What concerns more than one key.
  private func check(_ telemetry: TelemetryConfiguration, _ section: Section) {
    let int = telemetry.int
    let words = int.hopLength / 4
    if words > INTConfiguration.longestHop {
      section["int"]?.report(
        "a hop of \(words) words is longer than the room in front of a packet",
        "ask for at most \(INTConfiguration.longestHop) words")
    }
    if telemetry.reports == nil, !int.watch.isEmpty, int.mode != .metadata || telemetry.hostPorts.isEmpty {
      section["int"]?.report("what is watched is reported to nobody", "add `reports`, with a `collector`")
    }
  }

  /// Refuses telemetry in a switch without queues.
  func checkTelemetry(_ root: Field) {
    guard configuration.telemetry != nil, configuration.forwardingMode == .direct, diagnostics.errors.isEmpty else {
      return
    }
    root.nearest(to: "telemetry").report(
      "with `mode: direct` there are no queues to say anything about", "leave `telemetry` out, or the mode")
  }
}

extension Field {
  /// Whether a word says that there is no choice.
  fileprivate var isAll: Bool { scalar == "all" }
}
