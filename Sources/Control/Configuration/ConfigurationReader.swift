import Dataplane
import Drivers
import Wire

/// Fills a ``SwitchConfiguration`` from the fields of a document, and checks what concerns more than one of them.
final class ConfigurationReader {
  let diagnostics: Diagnostics
  let directory: String
  /// Routes that were taken out of the document.
  let inline: InlineRoutes
  var configuration = SwitchConfiguration()
  /// Impairments by port.
  var impairments: [[ImpairmentSettings]] = []
  /// Workers of a live run, one for each slice.
  var workers: [WorkerSettings] = []
  /// Ports of which nobody said what worker has them.
  var freePorts: Set<String> = []
  /// How long the cables of links are, by port, whatever `cable` says.
  var cables: [String: CableLength] = [:]
  /// `switch.max-ports`, which has to have room for all ports.
  private var maxPorts: Field?
  /// Ports by name, for those with a usable name.
  var ports: [String: PortID] = [:]
  /// Interfaces, for addresses that must be in one of their subnets.
  var connected = ConnectedSubnets()
  /// Next-hop groups of route files, by the text after `via`.
  var groups = NextHopGroupCache()
  /// Next hops found so far, where `routes` itself does not name an interface.
  var resolved: [IPAddress: InterfaceReference] = [:]
  /// The prefixes routed so far.
  var routes = RouteTable()

  init(diagnostics: Diagnostics, directory: String, inline: InlineRoutes) {
    self.diagnostics = diagnostics
    self.directory = directory
    self.inline = inline
  }

  /// Reads the whole document.
  func read(_ root: Field) {
    guard let section = root.section(ConfigurationSchema.root) else { return }
    if let device = section["switch"]?.section(ConfigurationSchema.device) { readSwitch(device) }
    readQoS(section["qos"])
    let list = section["ports"]?.list("[{name: h1, speed: 100G}]")
    readPorts(list ?? [], section["ports"])
    readVLANs(section["vlans"]?.list("[{id: 10, address: 10.0.10.1/24}]") ?? [])
    connected.checkOverlaps()
    readNeighbors(section["neighbors"]?.list("[{port: h1, address: 10.0.1.2, mac: \"02:00:00:00:01:02\"}]") ?? [])
    readMACs(section["macs"]?.list("[{vlan: 10, mac: \"02:00:00:00:01:02\", port: b1}]") ?? [])
    if let routes = section["routes"] { readRoutes(routes) }
    if let ecmp = section["ecmp"]?.section(ConfigurationSchema.ecmp) { readECMP(ecmp) }
    if let buffer = section["buffer"]?.section(ConfigurationSchema.buffer) { readBuffer(buffer) }
    if let pfc = section["pfc"]?.section(ConfigurationSchema.pfc) { readPause(pfc) }
    if let watchdog = section["watchdog"] { readWatchdog(watchdog) }
    if let workers = section["workers"] { readWorkers(workers) }
    readACL(section["acl"]?.list("[{action: deny, source: 10.0.1.0/24}]") ?? [])
    if let telemetry = section["telemetry"] { readTelemetry(telemetry) }
    if let icmp = section["icmp"]?.section(ConfigurationSchema.icmp) {
      icmp["rate"]?.integer(0...1_000_000, "a number per second").map { configuration.icmpRatePerSecond = $0 }
    }
    checkMaxPorts()
    checkDirect(root)
    checkTelemetry(root)
    checkLosslessness(root)
  }

  /// What was read.
  func loaded(_ file: String) -> LoadedConfiguration {
    LoadedConfiguration(
      file: file, configuration: configuration, notices: diagnostics.notices, impairments: impairments,
      workers: workers,
      freePorts: freePorts)
  }

  private func readSwitch(_ section: Section) {
    if let name = section["name"]?.name("a switch name") { configuration.name = name }
    if let id = section["id"]?.integer(0...UInt64(UInt32.max), "a switch number") { configuration.id = UInt32(id) }
    if let mac = section["mac"]?.stationMAC() { configuration.mac = mac }
    if let mode = section["mode"]?.choice(ForwardingMode.self) { configuration.forwardingMode = mode }
    if let latency = section["latency"]?.time(.zero ... .seconds(1)) { configuration.pipelineLatency = latency }
    if let ageing = section["mac-ageing"]?.time(.seconds(1) ... .seconds(1_000_000)) {
      configuration.macAgeing = ageing
    }
    if let seed = section["seed"]?.integer(0...UInt64.max, "a seed") { configuration.seed = seed }
    if let most = section["max-ports"]?.integer(1...UInt64(Self.portLimit), "a number of ports") {
      configuration.maxPorts = Int(most)
      maxPorts = section["max-ports"]
    }
  }

  /// `max-ports` has room for the ports there are.
  private func checkMaxPorts() {
    guard let field = maxPorts, let most = configuration.maxPorts else { return }
    let count = configuration.ports.count
    if most < count {
      field.report("there are \(count) ports already", "write \(count) to \(Self.portLimit), or leave `max-ports` out")
    } else if most > count, configuration.buffer.model == .hpcc {
      field.report(
        "the buffer of model `hpcc` is divided among the ports of the start for good", "leave `max-ports` out")
    }
  }

  private func readECMP(_ section: Section) {
    if let mode = section["mode"]?.choice(ECMPMode.self) { configuration.ecmp.mode = mode }
    if let seed = section["seed"]?.integer(0...UInt64.max, "a seed") { configuration.ecmp.seed = seed }
    if let gap = section["flowlet-gap"]?.time(.nanoseconds(1) ... .seconds(10)) { configuration.ecmp.flowletGap = gap }
    guard let field = section["fields"], let names = field.oneOrMore() else { return }
    var fields: ECMPFields = []
    for name in names {
      guard let one = name.word(of: ECMPFields.names.map { ($0.name, $0.field) }) else { continue }
      if fields.contains(one) { name.report("`\(name.scalar ?? "")` is listed twice", "list it once") }
      fields.insert(one)
    }
    if names.isEmpty {
      let all = Suggestion.alternatives(ECMPFields.names.map(\.name))
      field.report("no field distinguishes flows", "list at least one of \(all)")
    }
    configuration.ecmp.fields = fields
  }
}

extension Field {
  /// A name that can be part of a file name and of a command line: letters, digits, `.`, `_`, `-`.
  func name(_ what: String) -> String? {
    guard let text = text(what, example: "h1") else { return nil }
    func isWordCharacter(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    let punctuation: [UInt8] = [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")]
    guard text.utf8.count <= 64, let first = text.utf8.first, isWordCharacter(first),
      text.utf8.allSatisfy({ isWordCharacter($0) || punctuation.contains($0) })
    else {
      report(
        "`\(text)` is not usable as \(what)",
        "write up to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit")
      return nil
    }
    return text
  }
}
