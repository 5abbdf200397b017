import Dataplane
import Wire

/// Next-hop groups of route files by their text, so that a million routes over the same next hops share one.
struct NextHopGroupCache {
  /// By the text after `via`; nil for a text that is wrong and has been reported.
  var byText: [String: Int?] = [:]
  /// By the same text with single spaces and every weight.
  var byMembers: [String: Int] = [:]
}

extension ConfigurationReader {
  /// Mistakes reported of one route file; the others are counted.
  private static let routeFileMistakeLimit = 100

  /// Reads a text file with one route a line: `PREFIX via ADDRESS[*WEIGHT] ...` or `PREFIX discard`.
  func readRouteFile(_ field: Field) {
    guard let name = field.text("a file name", example: "routes.txt") else { return }
    let path = name.hasPrefix("/") ? name : directory + name
    do throws(FileError) {
      let file = try MappedFile(path: path)
      routes.begin(file: path)
      file.withBytes { readRoutes(RouteFileParser($0), path) }
      routes.begin(file: nil)
    } catch {
      field.report(error.problem, error.remedy)
    }
  }

  private func readRoutes(_ parser: RouteFileParser, _ path: String) {
    var parser = parser
    var mistakes = 0
    // Most lines are at least this long; too little room only costs time.
    let expected = parser.bytes.count / 28
    routes.reserve(expected)
    configuration.routes.reserveCapacity(configuration.routes.count + expected)
    func report(_ problem: String, _ remedy: String, _ line: Int) {
      mistakes += 1
      guard mistakes <= Self.routeFileMistakeLimit else { return }
      diagnostics.report(problem, remedy: remedy, line: line, column: 0, key: "", file: path)
    }
    var previous: (rest: Range<Int>, group: Int)?
    while let line = parser.next() {
      guard let prefix = line.prefix else {
        let text = parser.text(line.prefixText)
        report("`\(text)` is not a prefix", "write an address and a length: `10.9.0.0/16`", line.number)
        continue
      }
      guard prefix.network == prefix else {
        report("`\(prefix)` has host bits set", "write `\(prefix.network)`", line.number)
        continue
      }
      let group: Int
      if let previous, Self.areEqual(parser.bytes, previous.rest, line.rest),
        previous.group == RouteConfiguration.discard
          || configuration.nextHopGroups[previous.group].members[0].address.bitWidth == prefix.address.bitWidth
      {
        group = previous.group
      } else {
        guard let found = readTarget(parser, line, prefix, { report($0, $1, line.number) }) else { continue }
        group = found
        previous = (line.rest, found)
      }
      if let mistake = routes.append(
        RouteConfiguration(prefix: prefix, group: group), line: line.number, connected, file: path,
        to: &configuration.routes)
      {
        report(mistake.problem, mistake.remedy, line.number)
      }
    }
    if mistakes > Self.routeFileMistakeLimit {
      let more = mistakes - Self.routeFileMistakeLimit
      diagnostics.report(
        "\(more) more lines are wrong", remedy: "correct the ones above first", line: 0, column: 0, key: "", file: path)
    }
  }

  private static func areEqual(_ bytes: UnsafeRawBufferPointer, _ first: Range<Int>, _ second: Range<Int>) -> Bool {
    first.count == second.count && bytes[first].elementsEqual(bytes[second])
  }

  /// The group a line leads to; nil after a report.
  private func readTarget(
    _ parser: RouteFileParser, _ line: RouteFileParser.Line, _ prefix: IPPrefix, _ report: (String, String) -> Void
  ) -> Int? {
    let rest = parser.text(line.rest)
    if rest == "discard" { return RouteConfiguration.discard }
    if let known = groups.byText[rest] {
      guard let known else { return nil }
      let member = configuration.nextHopGroups[known].members[0]
      guard member.address.bitWidth == prefix.address.bitWidth else {
        let mistake = Self.versionMistake(member.address, prefix)
        report(mistake.problem, mistake.remedy)
        return nil
      }
      return known
    }
    let words = rest.split { $0 == " " || $0 == "\t" }
    guard let first = words.first else {
      report("`\(prefix)` leads nowhere", "add `via ADDRESS` or `discard`")
      return nil
    }
    guard first == "via" else {
      let near = Suggestion.nearest(to: String(first), among: ["via", "discard"])
      report("`\(first)` is unknown", near.map { "did you mean `\($0)`?" } ?? "write `via ADDRESS` or `discard`")
      return nil
    }
    let group = readGroup(words.dropFirst(), prefix, report)
    groups.byText[rest] = .some(group)
    return group
  }

  private func readGroup(_ words: ArraySlice<Substring>, _ prefix: IPPrefix, _ report: (String, String) -> Void) -> Int?
  {
    guard !words.isEmpty, words.count <= Self.memberLimit else {
      report(
        words.isEmpty ? "`via` names no next hop" : "there are \(words.count) next hops",
        words.isEmpty ? "add `ADDRESS`" : "write at most \(Self.memberLimit)")
      return nil
    }
    var members: [NextHopConfiguration] = []
    var isWhole = true
    for word in words {
      if let member = readMember(word, prefix, report) {
        if members.contains(where: { $0.address == member.address }) {
          report("next hop `\(member.address)` is listed twice", "list it once, with the sum of the weights")
          isWhole = false
        }
        members.append(member)
      } else {
        isWhole = false
      }
    }
    guard isWhole else { return nil }
    let canonical = members.map { "\($0.address)*\($0.weight)" }.joined(separator: " ")
    if let known = groups.byMembers[canonical] { return known }
    if members.allSatisfy({ $0.weight == 0 }) {
      diagnostics.notice("every next hop of `\(prefix)` is drained: its packets are dropped")
    }
    configuration.nextHopGroups.append(NextHopGroupConfiguration(prefix: prefix, members: members))
    groups.byMembers[canonical] = configuration.nextHopGroups.count - 1
    return configuration.nextHopGroups.count - 1
  }

  private func readMember(
    _ word: Substring, _ prefix: IPPrefix, _ report: (String, String) -> Void
  ) -> NextHopConfiguration? {
    let parts = word.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = IPAddress(parts[0]) else {
      report("`\(word)` is not a next hop", "write `ADDRESS` or `ADDRESS*WEIGHT`")
      return nil
    }
    let weight = parts.count == 1 ? 1 : Quantities.integer(parts[1])
    guard let weight, Self.weights.contains(weight) else {
      report("`\(parts[1])` is not a weight", "write a whole number from 0 to 65535")
      return nil
    }
    guard address.bitWidth == prefix.address.bitWidth else {
      let mistake = Self.versionMistake(address, prefix)
      report(mistake.problem, mistake.remedy)
      return nil
    }
    let lookup = connected.lookup(address)
    if let mistake = lookup.mistake(address) { report(mistake.problem, mistake.remedy) }
    guard case .neighbor(let interface) = lookup else { return nil }
    return NextHopConfiguration(address: address, interface: interface, weight: UInt32(weight))
  }
}
