import Dataplane
import Drivers
import Wire

/// Fills a ``FabricConfiguration`` from the fields of a document.
final class FabricReader {
  let diagnostics: Diagnostics
  private let directory: String
  var configuration = FabricConfiguration()
  /// Of switches in files of their own.
  private(set) var notices: [String] = []
  /// Where each part is written; of flows, the entry.
  var linkFields: [Field] = []
  var hostFields: [Field] = []
  var flowFields: [Field] = []
  private var switchFields: [Field] = []
  private var eventFields: [Field] = []

  init(diagnostics: Diagnostics, directory: String) {
    self.diagnostics = diagnostics
    self.directory = directory
  }

  /// Reads the whole document.
  func read(_ root: Field) {
    guard let section = root.section(FabricSchema.root) else { return }
    if let fabric = section["fabric"]?.section(FabricSchema.fabric) {
      if let name = fabric["name"]?.name("a name") { configuration.name = name }
      if let seed = fabric["seed"]?.integer(0...UInt64.max, "a seed") { configuration.seed = seed }
      configuration.until = fabric["until"]?.time(.nanoseconds(1) ... .seconds(8_640_000))
    }
    for entry in section["switches"]?.list("[{name: leaf1, file: leaf1.yaml}]") ?? [] { readSwitch(entry) }
    if let field = section["switches"], field.isList, configuration.switches.isEmpty {
      field.report("there is no switch", "write at least one")
    }
    for entry in section["links"]?.list("[{a: leaf1/p1, b: spine1/p1}]") ?? [] { readLink(entry) }
    for entry in section["hosts"]?.list("[{name: h1, port: leaf1/p1, address: 10.0.1.2}]") ?? [] { readHost(entry) }
    for entry in section["traffic"]?.list("[{from: h1, to: h2, bytes: 1MB}]") ?? [] { readTraffic(entry) }
    for entry in section["events"]?.list("[{at: 1ms, link: leaf1/p1, rate: 25G}]") ?? [] { readEvent(entry) }
    // What refers to something that is wrong would be wrong once more.
    guard diagnostics.errors.isEmpty else { return }
    for problem in configuration.problems() {
      let field: Field
      switch problem.place {
      case .device(let index): field = switchFields[index]
      case .link(let index): field = linkFields[index]
      case .host(let index): field = hostFields[index]
      case .flow(let index): field = flowFields[index]
      case .event(let index): field = eventFields[index]
      }
      field.report(problem.problem, problem.remedy)
    }
  }

  private func readSwitch(_ entry: Field) {
    switchFields.append(entry)
    let number = configuration.switches.count + 1
    configuration.switches.append(SwitchConfiguration())
    guard let section = entry.section(FabricSchema.device) else { return }
    var device = SwitchConfiguration()
    let usual = device
    switch (section["file"], section["configuration"]) {
    case (let file?, nil):
      guard let name = file.text("a file", example: "leaf1.yaml") else { return }
      let path = name.hasPrefix("/") ? name : directory + name
      do throws(ConfigurationErrors) {
        let loaded = try ConfigurationLoader().load(path: path)
        device = loaded.configuration
        notices += loaded.notices.map { "\(name): \($0)" }
      } catch {
        for mistake in error.errors {
          diagnostics.report(
            mistake.problem, remedy: mistake.remedy, line: mistake.line, column: mistake.column, key: mistake.key,
            file: mistake.file)
        }
        return
      }
    case (nil, let field?):
      let reader = ConfigurationReader(diagnostics: diagnostics, directory: directory, inline: InlineRoutes(""))
      reader.read(field)
      device = reader.configuration
    case (_?, let field?): field.report("the switch has a `file` already", "remove one of the two")
    case (nil, nil): entry.report("the switch has no configuration", "add `file: NAME` or `configuration: {...}`")
    }
    if let name = section["name"]?.name("a switch name") {
      if configuration.switches.contains(where: { $0.name == name }) {
        section["name"]?.report("a switch is named `\(name)` already", "write another name")
      }
      device.name = name
    }
    // Switches that were written apart, or after one pattern, are still different switches.
    if device.id == usual.id { device.id = UInt32(number) }
    if device.mac == usual.mac { device.mac = MACAddress(bits: usual.mac.bits & ~0xFFFF | UInt64(number)) }
    if let id = section["id"]?.integer(0...UInt64(UInt32.max), "a switch number") { device.id = UInt32(id) }
    if let mac = section["mac"]?.stationMAC() { device.mac = mac }
    configuration.switches[number - 1] = device
  }

  private func readLink(_ entry: Field) {
    guard let section = entry.section(FabricSchema.link), let a = section["a"].flatMap(port),
      let b = section["b"].flatMap(port)
    else { return }
    let length = configuration.port(a).cable.delay
    let delay = section["delay"]?.time(.zero ... .seconds(1)) ?? length
    if let rate = section["rate"]?.rate(portSpeeds) {
      for end in [a, b] { configuration.switches[end.device].ports[end.port.index].speed = rate }
    }
    linkFields.append(entry)
    configuration.links.append(FabricLink(a, b, delay: delay))
  }

  private func readHost(_ entry: Field) {
    guard let section = entry.section(FabricSchema.host) else { return }
    let name = section["name"]?.name("a host name")
    if let name, configuration.hosts.contains(where: { $0.name == name }) {
      section["name"]?.report("a host named `\(name)` exists already", "write another name")
    }
    let address = section["address"]?.hostAddress()
    if case .v6 = address { section["address"]?.report("hosts send IPv4", "write an address like `10.0.1.2`") }
    guard let place = section["port"].flatMap(port), let name, case .v4(let bits) = address else { return }
    let number = UInt64(configuration.hosts.count + 1)
    let mac = section["mac"]?.stationMAC() ?? MACAddress(bits: 0x0200_0100_0000 | number)
    let delay = section["delay"]?.time(.zero ... .seconds(1)) ?? configuration.port(place).cable.delay
    var host = FabricHost(name: name, port: place, delay: delay, address: bits, mac: mac)
    if let response = section["response"] {
      switch response.scalar {
      case "immediate": host.response = .immediate
      case "standard": host.response = .standard
      default: if let time = response.time(.zero ... .seconds(1)) { host.response = .after(time) }
      }
    }
    hostFields.append(entry)
    configuration.hosts.append(host)
  }

  /// A port as `SWITCH/PORT`.
  private func port(_ field: Field) -> FabricPort? {
    guard let text = field.text("a port", example: "leaf1/p1") else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      field.report("`\(text)` is not a port", "write `SWITCH/PORT`, as `leaf1/p1`")
      return nil
    }
    guard let device = configuration.switches.firstIndex(where: { $0.name == parts[0] }) else {
      // A switch that could not be read has no name here.
      if diagnostics.errors.isEmpty {
        field.report(
          "there is no switch `\(parts[0])`",
          Suggestion.remedy(for: parts[0], among: configuration.switches.map(\.name)))
      }
      return nil
    }
    let ports = configuration.switches[device].ports
    guard let port = ports.firstIndex(where: { $0.name == parts[1] }) else {
      field.report(
        "switch \(parts[0]) has no port `\(parts[1])`", Suggestion.remedy(for: parts[1], among: ports.map(\.name)))
      return nil
    }
    return FabricPort(device, PortID(port))
  }

  private func readEvent(_ entry: Field) {
    guard let section = entry.section(FabricSchema.event), let field = section["link"],
      let at = section["at"]?.time(.zero ... .seconds(8_640_000)), let place = port(field)
    else { return }
    guard let link = configuration.links.firstIndex(where: { $0.a == place || $0.b == place }) else {
      return field.report("no link is plugged into it", "name an end of one of the `links`")
    }
    func add(_ change: FabricEvent.Change) {
      eventFields.append(entry)
      configuration.events.append(FabricEvent(at: at, link: link, change))
    }
    if let up = section["up"]?.boolean() { add(.state(isUp: up)) }
    if let rate = section["rate"] {
      if rate.scalar == "full" {
        add(.rate(nil))
      } else if let limit = rate.rate(portSpeeds) {
        let full = configuration.port(place).speed
        if limit > full {
          rate.report("the link is faster than its ports", "write at most `\(Quantity.rate.text(full.bitsPerSecond))`")
        }
        add(.rate(limit))
      }
    }
    if !section.has("rate"), !section.has("up") {
      entry.report("nothing happens", "add `rate: 25G`, `rate: full`, `up: false` or `up: true`")
    }
  }
}
