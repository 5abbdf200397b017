/// The plain entries of a long `routes:` list, taken out of the text before YAML sees it.
///
/// A YAML node costs a microsecond and a kilobyte, and a route is seven of them: a million routes would take half a
/// minute and gigabytes. Entries of the two usual shapes are therefore set apart by their lines,
///
///     - {prefix: 10.9.0.0/16, via: [10.1.1.1, 10.1.2.1]}
///     - prefix: 10.9.0.0/16
///       via: 10.1.1.1
///
/// read by ``InlineRouteParser`` if they are right, and each by YAML after all if not: what is accepted and what is
/// said about mistakes is the same either way.
struct InlineRoutes {
  /// One entry of the list.
  struct Entry {
    /// Line of its dash, from 1.
    let line: Int
    /// Its position in the list.
    let index: Int
    /// Its bytes, from the beginning of the line.
    let range: Range<Int>
  }

  /// Texts shorter than this are left to YAML as a whole.
  static let usualThreshold = 200_000

  /// The text that holds the entries.
  let source: String
  /// What was taken out, in order.
  private(set) var entries: [Entry] = []
  /// The text without them, line by line where it was.
  private(set) var remainder: String

  /// Splits a text.
  init(_ text: String, threshold: Int = Self.usualThreshold) {
    var text = text
    text.makeContiguousUTF8()
    source = text
    remainder = text
    guard text.utf8.count >= threshold else { return }
    var taken: [Entry] = []
    let rest = text.withUTF8 { bytes -> String? in
      var scanner = Scanner(UnsafeRawBufferPointer(bytes))
      taken = scanner.entries()
      // The list must stay one: an entry is left in it.
      if !taken.isEmpty { taken.removeFirst() }
      return taken.isEmpty ? nil : Self.remove(taken, from: UnsafeRawBufferPointer(bytes))
    }
    if let rest {
      remainder = rest
      entries = taken
    }
  }

  /// How many entries were taken out before a line.
  func count(before line: Int) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].line < line { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func remove(_ entries: [Entry], from bytes: UnsafeRawBufferPointer) -> String {
    var rest: [UInt8] = []
    var position = 0
    for entry in entries {
      rest += bytes[position..<entry.range.lowerBound]
      for index in entry.range where bytes[index] == UInt8(ascii: "\n") { rest.append(bytes[index]) }
      position = entry.range.upperBound
    }
    rest += bytes[position...]
    return String(decoding: rest, as: UTF8.self)
  }
}

/// Finds the entries by indentation.
private struct Scanner {
  private struct Line {
    let range: Range<Int>
    let indent: Int
    /// Without indentation and spaces at the end.
    let content: Range<Int>
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var number = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func entries() -> [InlineRoutes.Entry] {
    while let line = next() {
      if line.indent == 0, starts(line.content, with: "routes:"), isBlank(line.content.dropFirst(7)) { return list() }
    }
    return []
  }

  /// The entries of the list that begins here, up to the next key of the document.
  private mutating func list() -> [InlineRoutes.Entry] {
    var entries: [InlineRoutes.Entry] = []
    var indent: Int?
    var index = 0
    var current = next()
    while let line = current {
      var following = next()
      defer { current = following }
      if isBlank(line.content) { continue }
      let isEntry = starts(line.content, with: "- ")
      if line.indent < (indent ?? 0) || (line.indent == 0 && !isEntry) { break }
      guard isEntry, line.indent == indent ?? line.indent else { continue }
      indent = line.indent
      var end = line.range.upperBound
      let dash = number - (following == nil ? 0 : 1)
      var isWhole = isFlowEntry(line.content)
      if !isWhole, starts(line.content, with: "- prefix:"), isPlain(line.content), let via = following,
        via.indent == line.indent + 2, starts(via.content, with: "via:"), isPlain(via.content)
      {
        isWhole = true
        end = via.range.upperBound
        following = next()
      }
      if isWhole, isBoundary(following, indent: line.indent) {
        entries.append(InlineRoutes.Entry(line: dash, index: index, range: line.range.lowerBound..<end))
      }
      index += 1
    }
    return entries
  }

  private mutating func next() -> Line? {
    guard position < bytes.count else { return nil }
    number += 1
    let start = position
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    position = min(end + 1, bytes.count)
    var first = start
    while first < end, bytes[first] == UInt8(ascii: " ") { first += 1 }
    var last = end
    while last > first, RouteFileParser.isSpace(bytes[last - 1]) { last -= 1 }
    return Line(range: start..<position, indent: first - start, content: first..<last)
  }

  private func starts(_ range: Range<Int>, with text: StaticString) -> Bool {
    guard range.count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[range.lowerBound + index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  /// Nothing, or a comment.
  private func isBlank(_ range: Range<Int>) -> Bool {
    guard let first = range.first(where: { !RouteFileParser.isSpace(bytes[$0]) }) else { return true }
    return bytes[first] == UInt8(ascii: "#")
  }

  /// `- {...}` in one line.
  private func isFlowEntry(_ range: Range<Int>) -> Bool {
    guard isPlain(range), bytes[range.upperBound - 1] == UInt8(ascii: "}"),
      let brace = range.dropFirst(1).first(where: { bytes[$0] != UInt8(ascii: " ") })
    else { return false }
    return bytes[brace] == UInt8(ascii: "{")
  }

  /// Only what addresses, numbers, words and their lists are made of: no anchors, aliases, tags, escapes, comments.
  private func isPlain(_ range: Range<Int>) -> Bool {
    bytes[range].allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "{"),
        UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\""):
        true
      default: false
      }
    }
  }

  /// True if a line cannot continue an entry.
  private func isBoundary(_ line: Line?, indent: Int) -> Bool {
    guard let line else { return true }
    return line.indent <= indent && !isBlank(line.content)
  }
}
