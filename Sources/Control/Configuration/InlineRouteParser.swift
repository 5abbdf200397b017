import Dataplane
import Wire

/// Reads one entry of ``InlineRoutes``. It knows only entries that are right in every detail it can see.
struct InlineRouteParser {
  private let bytes: UnsafeRawBufferPointer
  private var position: Int
  private let end: Int

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    (position, end) = (range.lowerBound, range.upperBound)
  }

  /// What an entry says: next hops, none of them for `discard`.
  struct Route {
    let prefix: IPPrefix
    let via: [(address: IPAddress, weight: UInt32)]
  }

  /// Reads `- {prefix: P, via: V}` or the same as a block; nil for everything else.
  mutating func route() -> Route? {
    guard take("-") else { return nil }
    let isFlow = take("{")
    guard take("prefix:"), let prefixText = word(), let prefix = RouteFileParser.prefix(bytes, prefixText) else {
      return nil
    }
    guard isFlow ? take(",") : true, take("via:"), let via = via() else { return nil }
    guard isFlow ? take("}") : true, isAtEnd() else { return nil }
    return Route(prefix: prefix, via: via)
  }

  private mutating func via() -> [(address: IPAddress, weight: UInt32)]? {
    guard take("[") else {
      let start = position
      if take("discard") { return [] }
      position = start
      return member().map { [$0] }
    }
    var members: [(address: IPAddress, weight: UInt32)] = []
    repeat {
      guard let member = member() else { return nil }
      members.append(member)
    } while take(",")
    return take("]") ? members : nil
  }

  /// `ADDRESS`, `{address: ADDRESS}` or `{address: ADDRESS, weight: NUMBER}`.
  private mutating func member() -> (address: IPAddress, weight: UInt32)? {
    guard take("{") else { return address().map { ($0, 1) } }
    guard take("address:"), let address = address() else { return nil }
    if take("}") { return (address, 1) }
    guard take(","), take("weight:"), let digits = word(),
      let weight = Quantities.integer(String(decoding: bytes[digits], as: UTF8.self)),
      ConfigurationReader.weights.contains(weight), take("}")
    else { return nil }
    return (address, UInt32(weight))
  }

  private mutating func address() -> IPAddress? {
    guard let text = word(), let address = RouteFileParser.address(bytes, text) else { return nil }
    return address.whyNoHost == nil ? address : nil
  }

  private mutating func skipSpaces() {
    while position < end, RouteFileParser.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: "\n") {
      position += 1
    }
  }

  private mutating func isAtEnd() -> Bool {
    skipSpaces()
    return position == end
  }

  /// Passes over spaces and a text, if it is there; a key must be followed by a space.
  private mutating func take(_ text: StaticString) -> Bool {
    skipSpaces()
    let count = text.utf8CodeUnitCount
    guard position + count <= end else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    if text.utf8Start[count - 1] == UInt8(ascii: ":"), position + count < end,
      bytes[position + count] != UInt8(ascii: " ")
    {
      return false
    }
    position += count
    return true
  }

  /// Passes over a value, quoted or not.
  private mutating func word() -> Range<Int>? {
    skipSpaces()
    let isQuoted = position < end && bytes[position] == UInt8(ascii: "\"")
    if isQuoted { position += 1 }
    let start = position
    while position < end, Self.isValue(bytes[position]) { position += 1 }
    let value = start..<position
    guard !value.isEmpty else { return nil }
    if isQuoted {
      guard position < end, bytes[position] == UInt8(ascii: "\"") else { return nil }
      position += 1
    } else if bytes[value.upperBound - 1] == UInt8(ascii: ":") {
      // To YAML a colon at the end makes a key of it.
      return nil
    }
    return value
  }

  private static func isValue(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
