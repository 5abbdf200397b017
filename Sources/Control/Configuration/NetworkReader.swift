import Dataplane
import Wire

/// Reads a file that describes several switches and the links between them.
struct NetworkReader {
  let diagnostics: Diagnostics
  let directory: String
  /// The delays that links may have.
  private static let delays: ClosedRange<Picoseconds> = .zero ... .seconds(1)

  /// Whether a document is such a file.
  static func isNetwork(_ root: Field) -> Bool {
    root.node.mapping?.contains { $0.key.scalar?.string == "switches" || $0.key.scalar?.string == "links" } ?? false
  }

  /// The switches with their links; mistakes are in the diagnostics.
  func read(_ root: Field) -> [LoadedConfiguration] {
    guard let section = root.section(ConfigurationSchema.network) else { return [] }
    let entries = section["switches"]?.list("[leaf1.yaml, spine1.yaml]") ?? []
    if let field = section["switches"], field.isList, entries.isEmpty {
      field.report("there is no switch", "write the file of at least one")
    }
    var (switches, fields): ([LoadedConfiguration], [Field]) = ([], [])
    for entry in entries {
      guard let loaded = load(entry, cables: [:]) else { continue }
      if let first = switches.firstIndex(where: { $0.configuration.name == loaded.configuration.name }) {
        entry.report(
          "a switch named `\(loaded.configuration.name)` exists already, in line \(fields[first].line)",
          "give each its own `switch.name`")
      }
      switches.append(loaded)
      fields.append(entry)
    }
    noticeTwins(switches)
    // Of a switch that is wrong nobody knows what ports it has.
    guard diagnostics.errors.isEmpty else { return [] }
    let links = readLinks(section["links"]?.list("[{a: leaf1/p5, b: spine1/p1, delay: 1us}]") ?? [], switches)
    guard diagnostics.errors.isEmpty else { return [] }
    return lay(links, between: switches, fields)
  }

  // MARK: Switches

  private func load(_ entry: Field, cables: [String: CableLength]) -> LoadedConfiguration? {
    if entry.isMapping {
      let own = Diagnostics(file: diagnostics.file)
      let reader = ConfigurationReader(diagnostics: own, directory: directory, inline: InlineRoutes(""))
      reader.cables = cables
      let context = Field.ReadingContext(diagnostics: own, marks: entry.context.marks)
      reader.read(Field(node: entry.node, key: entry.key, context: context))
      diagnostics.add(own.errors)
      var loaded = reader.loaded(diagnostics.file)
      (loaded.isInline, loaded.cables) = (true, cables)
      return own.errors.isEmpty ? loaded : nil
    }
    guard let name = entry.text("a file or a configuration", example: "leaf1.yaml") else { return nil }
    do throws(ConfigurationErrors) {
      return try ConfigurationLoader().load(path: name.hasPrefix("/") ? name : directory + name, cables: cables)
    } catch {
      diagnostics.add(error.errors)
      return nil
    }
  }

  private func noticeTwins(_ switches: [LoadedConfiguration]) {
    for (index, one) in switches.enumerated() {
      for other in switches[..<index] where other.configuration.mac == one.configuration.mac {
        diagnostics.notice(
          "`\(other.configuration.name)` and `\(one.configuration.name)` have the same `switch.mac`: hosts and "
            + "routers cannot tell them apart")
      }
      for other in switches[..<index] where other.configuration.id == one.configuration.id {
        diagnostics.notice(
          "`\(other.configuration.name)` and `\(one.configuration.name)` have the same `switch.id`: they share flows out "
            + "alike, and some next hops of the second get none")
      }
    }
  }

  // MARK: Links

  private func readLinks(_ list: [Field], _ switches: [LoadedConfiguration]) -> [Link] {
    var uses: [String: Int] = [:]
    return list.compactMap { entry in
      guard let section = entry.section(ConfigurationSchema.link) else { return nil }
      var delay = Picoseconds.zero
      if let field = section["delay"], let time = field.time(Self.delays) { delay = time }
      let ends = ["a", "b"].map { key in section[key].flatMap { readEnd($0, switches, &uses) } }
      guard let a = ends[0], let b = ends[1] else { return nil }
      let (first, second) = (port(a, switches), port(b, switches))
      if first.speed != second.speed {
        entry.report(
          "`\(name(a, switches))` has \(Quantity.rate.text(first.speed.bitsPerSecond)) and `\(name(b, switches))` "
            + Quantity.rate.text(second.speed.bitsPerSecond), "give both ports of a link the same `speed`")
        return nil
      }
      if first.mtu != second.mtu {
        diagnostics.notice(
          "the link of `\(name(a, switches))` and `\(name(b, switches))` has an mtu of \(first.mtu) at one end and "
            + "\(second.mtu) at the other, which drops what is larger")
      }
      return Link(a: a, b: b, delay: delay)
    }
  }

  /// An end that exists and is free.
  private func readEnd(
    _ field: Field, _ switches: [LoadedConfiguration], _ uses: inout [String: Int]
  ) -> Link.End? {
    guard let text = field.text("a port of a switch", example: "leaf1/p5") else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      field.report("`\(text)` is not a port of a switch", "write `SWITCH/PORT`, like `leaf1/p5`")
      return nil
    }
    guard let device = switches.firstIndex(where: { $0.configuration.name == parts[0] }) else {
      field.report(
        "there is no switch `\(parts[0])`", Suggestion.remedy(for: parts[0], among: switches.map(\.configuration.name)))
      return nil
    }
    guard let port = switches[device].portIndex(named: parts[1]) else {
      field.report("`\(parts[0])` has no port `\(parts[1])`", switches[device].portSuggestion(for: parts[1]))
      return nil
    }
    if let device = switches[device].configuration.ports[port].device {
      field.report("`\(text)` is on a device already, `\(device)`", "remove `device` of that port, or the link")
      return nil
    }
    if let first = uses.updateValue(field.line, forKey: text) {
      field.report("`\(text)` is an end of a link already, in line \(first)", "name another port")
      return nil
    }
    return Link.End(device: device, port: port)
  }

  private func port(_ end: Link.End, _ switches: [LoadedConfiguration]) -> PortConfiguration {
    switches[end.device].configuration.ports[end.port]
  }

  private func name(_ end: Link.End, _ switches: [LoadedConfiguration]) -> String {
    "\(switches[end.device].configuration.name)/\(port(end, switches).name)"
  }

  /// A link that is right.
  private struct Link {
    struct End {
      var device: Int
      var port: Int
    }

    var a: End
    var b: End
    var delay: Picoseconds
  }

  /// Reads switches again whose links have a delay: what they set aside as headroom follows the cable.
  private func lay(
    _ links: [Link], between switches: [LoadedConfiguration], _ fields: [Field]
  ) -> [LoadedConfiguration] {
    var cables: [[String: CableLength]] = switches.map { _ in [:] }
    var ends: [[String: LinkedPort]] = switches.map { _ in [:] }
    for (number, link) in links.enumerated() {
      let length = CableLength(lasting: link.delay)
      for (own, other, isFirst) in [(link.a, link.b, true), (link.b, link.a, false)] {
        let name = port(own, switches).name
        ends[own.device][name] = LinkedPort(
          link: number, isFirst: isFirst, peer: self.name(other, switches), delay: link.delay)
        if link.delay > .zero { cables[own.device][name] = length }
      }
    }
    var laid: [LoadedConfiguration] = []
    for (index, loaded) in switches.enumerated() {
      var loaded = loaded
      if !cables[index].isEmpty, let again = load(fields[index], cables: cables[index]) { loaded = again }
      loaded.links = ends[index]
      if index == 0 { loaded.notices += diagnostics.notices }
      laid.append(loaded)
    }
    return laid
  }
}
