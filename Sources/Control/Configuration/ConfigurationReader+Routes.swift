import Dataplane
import Wire

extension ConfigurationReader {
  /// Next hops a group can have.
  static let memberLimit = 512
  /// Weights a next hop can have.
  static let weights: ClosedRange<UInt64> = 0...65535

  /// Reads `routes`: a list of routes and files, or one file.
  func readRoutes(_ field: Field) {
    if field.isMapping {
      if let section = field.section(ConfigurationSchema.routeFile) { section["file"].map(readRouteFile) }
      return
    }
    var next = 0
    for (index, entry) in (field.list("[{prefix: 10.9.0.0/16, via: 10.1.1.1}]") ?? []).enumerated() {
      let before = inline.count(before: entry.line)
      readInlineRoutes(next..<max(next, before), field)
      next = max(next, before)
      readEntry(Field(node: entry.node, key: "\(field.key)[\(index + before)]", context: entry.context))
    }
    readInlineRoutes(next..<inline.entries.count, field)
  }

  private func readEntry(_ entry: Field) {
    guard let section = entry.section(ConfigurationSchema.route) else { return }
    guard let file = section["file"] else { return readRoute(section) }
    for key in ["prefix", "via"] {
      section[key]?.report("`\(key)` stands beside `file`", "write them as two entries of `routes`")
    }
    readRouteFile(file)
  }

  /// Reads entries that were taken out of the document, those that are not plainly right through YAML after all.
  private func readInlineRoutes(_ range: Range<Int>, _ field: Field) {
    guard !range.isEmpty else { return }
    configuration.routes.reserveCapacity(configuration.routes.count + range.count)
    configuration.nextHopGroups.reserveCapacity(configuration.nextHopGroups.count + range.count)
    routes.reserve(range.count)
    var source = inline.source
    source.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(utf8)
      for entry in inline.entries[range] {
        var parser = InlineRouteParser(bytes, entry.range)
        if let route = parser.route(), append(route, line: entry.line) { continue }
        let text = String(decoding: bytes[entry.range], as: UTF8.self)
        let linesBefore = entry.line - 1
        guard let document = YAMLDocument.compose(text, diagnostics, linesBefore: linesBefore) else { continue }
        let context = Field.ReadingContext(
          diagnostics: diagnostics, marks: document.marks, linesBefore: linesBefore)
        let list = Field(node: document.root, key: field.key, context: context)
        for one in list.list("") ?? [] {
          readEntry(Field(node: one.node, key: "\(field.key)[\(entry.index)]", context: context))
        }
      }
    }
  }

  /// Adds a route if there is nothing to say about it.
  private func append(_ route: InlineRouteParser.Route, line: Int) -> Bool {
    let prefix = route.prefix
    guard prefix.network == prefix, connected.name(of: prefix) == nil, !routes.has(prefix, configuration.routes) else {
      return false
    }
    var group = RouteConfiguration.discard
    if !route.via.isEmpty {
      var members: [NextHopConfiguration] = []
      members.reserveCapacity(route.via.count)
      for hop in route.via {
        guard hop.address.bitWidth == prefix.address.bitWidth, let interface = interface(of: hop.address),
          !members.contains(where: { $0.address == hop.address })
        else { return false }
        members.append(NextHopConfiguration(address: hop.address, interface: interface, weight: hop.weight))
      }
      guard members.count <= Self.memberLimit, members.contains(where: { $0.weight > 0 }) else { return false }
      group = configuration.nextHopGroups.count
      configuration.nextHopGroups.append(NextHopGroupConfiguration(prefix: prefix, members: members))
    }
    let mistake = routes.append(
      RouteConfiguration(prefix: prefix, group: group), line: line, connected, file: diagnostics.file,
      to: &configuration.routes)
    return mistake == nil
  }

  private func interface(of address: IPAddress) -> InterfaceReference? {
    if let known = resolved[address] { return known }
    guard case .neighbor(let interface) = connected.lookup(address) else { return nil }
    resolved[address] = interface
    return interface
  }

  private func readRoute(_ section: Section) {
    section.require("prefix", example: "10.9.0.0/16")
    section.require("via", example: "10.1.1.1")
    let prefix = section["prefix"]?.networkPrefix()
    guard let via = section["via"] else { return }
    var group = RouteConfiguration.discard
    if via.scalar != "discard" {
      let members = readMembers(via, for: prefix)
      if let prefix, !members.isEmpty, members.allSatisfy({ $0.weight == 0 }) {
        diagnostics.notice("every next hop of `\(prefix)` is drained: its packets are dropped")
      }
      group = configuration.nextHopGroups.count
      if let prefix {
        configuration.nextHopGroups.append(NextHopGroupConfiguration(prefix: prefix, members: members))
      }
    }
    guard let prefix, let field = section["prefix"] else { return }
    let route = RouteConfiguration(prefix: prefix, group: group)
    let file = diagnostics.file
    if let mistake = routes.append(route, line: field.line, connected, file: file, to: &configuration.routes) {
      field.report(mistake.problem, mistake.remedy)
    }
  }

  /// Reads one next hop or a list of them.
  private func readMembers(_ field: Field, for prefix: IPPrefix?) -> [NextHopConfiguration] {
    guard let entries = field.oneOrMore() else { return [] }
    if entries.isEmpty { field.report("there is no next hop", "list at least one, or write `discard`") }
    if entries.count > Self.memberLimit {
      field.report("there are \(entries.count) next hops", "write at most \(Self.memberLimit)")
    }
    var members: [NextHopConfiguration] = []
    var lines: [NextHopKey: Int] = [:]
    for entry in entries.prefix(Self.memberLimit) {
      var addressField: Field? = entry
      var weight: UInt64 = 1
      var written = WrittenInterface.missing
      if entry.isMapping {
        guard let section = entry.section(ConfigurationSchema.nextHop) else { continue }
        addressField = section["address"]
        if let number = section["weight"]?.integer(Self.weights, "a weight") { weight = number }
        written = readInterface(section)
      } else if entry.scalar == "discard" {
        entry.report("`discard` stands among next hops", "write `via: discard` alone")
        continue
      }
      guard let addressField, let address = addressField.hostAddress() else { continue }
      guard checkVersion(of: address, for: prefix, addressField), written != .wrong,
        let interface = resolve(address, written, addressField)
      else { continue }
      let key = NextHopKey(address: address, interface: interface)
      if let first = lines.updateValue(addressField.line, forKey: key) {
        addressField.report(
          "next hop `\(address)` is listed twice, first in line \(first)", "list it once, with the sum of the weights")
        continue
      }
      members.append(NextHopConfiguration(address: address, interface: interface, weight: UInt32(weight)))
    }
    return members
  }

  private struct NextHopKey: Hashable {
    let address: IPAddress
    let interface: InterfaceReference
  }

  private func checkVersion(of address: IPAddress, for prefix: IPPrefix?, _ field: Field) -> Bool {
    guard let prefix, prefix.address.bitWidth != address.bitWidth else { return true }
    let mistake = Self.versionMistake(address, prefix)
    field.report(mistake.problem, mistake.remedy)
    return false
  }

  /// What to say about a next hop of another IP version than its route.
  static func versionMistake(_ address: IPAddress, _ prefix: IPPrefix) -> (problem: String, remedy: String) {
    let version = prefix.address.bitWidth == 32 ? "IPv4" : "IPv6"
    return ("next hop `\(address)` is of another IP version than `\(prefix)`", "write an \(version) next hop")
  }
}
