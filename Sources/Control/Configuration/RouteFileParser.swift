import Dataplane
import Wire

/// Splits the bytes of a route file into lines, and lines into a prefix and what follows.
///
/// A million routes must load in a second or two, so this works on bytes and copies nothing.
struct RouteFileParser {
  /// One line that is not blank.
  struct Line {
    let number: Int
    /// The address and length as written, or why there are none.
    let prefix: IPPrefix?
    let prefixText: Range<Int>
    /// After the prefix: `via ...` or `discard`, without the comment and spaces at the end.
    let rest: Range<Int>
  }

  let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var number = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next line that holds something else than spaces and a comment.
  mutating func next() -> Line? {
    while position < bytes.count {
      number += 1
      var end = position
      var content = -1
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
        if content < 0, bytes[end] == UInt8(ascii: "#") { content = end }
        end += 1
      }
      var start = position
      position = end + 1
      if content < 0 { content = end }
      while start < content, Self.isSpace(bytes[start]) { start += 1 }
      while content > start, Self.isSpace(bytes[content - 1]) { content -= 1 }
      guard start < content else { continue }
      var word = start
      while word < content, !Self.isSpace(bytes[word]) { word += 1 }
      var rest = word
      while rest < content, Self.isSpace(bytes[rest]) { rest += 1 }
      return Line(
        number: number, prefix: Self.prefix(bytes, start..<word), prefixText: start..<word, rest: rest..<content)
    }
    return nil
  }

  /// Bytes as text, with what is not UTF-8 replaced.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  /// Parses `ADDRESS/LENGTH`, host bits included.
  static func prefix(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> IPPrefix? {
    guard let slash = bytes[range].lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let digits = slash + 1..<range.upperBound
    guard digits.count >= 1, digits.count <= 3 else { return nil }
    var length = 0
    for index in digits {
      let digit = Int(bytes[index]) - 0x30
      guard (0...9).contains(digit) else { return nil }
      length = length * 10 + digit
    }
    if digits.count > 1, bytes[digits.lowerBound] == 0x30 { return nil }
    guard let address = address(bytes, range.lowerBound..<slash) else { return nil }
    return IPPrefix(address: address, length: length)
  }

  /// Parses an address of either version.
  static func address(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> IPAddress? {
    if let address = ipv4(bytes, range) { return .v4(address) }
    return ipv6(bytes, range).map { .v6($0) }
  }

  private static func ipv4(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> IPv4Address? {
    guard range.count >= 7, range.count <= 15 else { return nil }
    var bits: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in range {
      let byte = bytes[index]
      if byte == UInt8(ascii: ".") {
        guard digits > 0, dots < 3 else { return nil }
        bits = bits << 8 | octet
        (octet, digits, dots) = (0, 0, dots + 1)
      } else {
        // A leading zero would be octal to some readers: nobody writes it on purpose.
        guard byte >= 0x30, byte <= 0x39, !(digits > 0 && octet == 0) else { return nil }
        octet = octet * 10 + UInt32(byte - 0x30)
        digits += 1
        guard octet <= 255 else { return nil }
      }
    }
    guard dots == 3, digits > 0 else { return nil }
    return IPv4Address(bits: bits << 8 | octet)
  }

  private static func ipv6(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> IPv6Address? {
    guard range.count >= 2, range.count <= 45 else { return nil }
    // Groups before and after `::`, as two 128-bit numbers of which the second is right-aligned.
    var (high, low): (UInt64, UInt64) = (0, 0)
    var (tailHigh, tailLow): (UInt64, UInt64) = (0, 0)
    var (groups, tailGroups) = (0, 0)
    var isTail = false
    var index = range.lowerBound
    if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] != UInt8(ascii: ":") { return nil }
    while index < range.upperBound {
      if bytes[index] == UInt8(ascii: ":") {
        let next = index + 1
        if next < range.upperBound, bytes[next] == UInt8(ascii: ":") {
          guard !isTail else { return nil }
          isTail = true
          index += 2
          continue
        }
        // A single colon stands between two groups.
        guard index > range.lowerBound, bytes[index - 1] != UInt8(ascii: ":"), next < range.upperBound else {
          return nil
        }
        index = next
        continue
      }
      var group: UInt64 = 0
      var digits = 0
      while index < range.upperBound, bytes[index] != UInt8(ascii: ":") {
        if bytes[index] == UInt8(ascii: ".") {
          return IPv6Address(String(decoding: bytes[range], as: UTF8.self))
        }
        guard let digit = hexadecimal(bytes[index]), digits < 4 else { return nil }
        group = group << 4 | digit
        digits += 1
        index += 1
      }
      if isTail {
        tailHigh = tailHigh << 16 | tailLow >> 48
        tailLow = tailLow << 16 | group
        tailGroups += 1
      } else {
        high = high << 16 | low >> 48
        low = low << 16 | group
        groups += 1
      }
      guard groups + tailGroups <= 8 else { return nil }
    }
    guard isTail else { return groups == 8 ? IPv6Address(high: high, low: low) : nil }
    guard groups + tailGroups < 8 else { return nil }
    for _ in groups..<8 {
      high = high << 16 | low >> 48
      low <<= 16
    }
    return IPv6Address(high: high | tailHigh, low: low | tailLow)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x61...0x66: UInt64(byte - 0x61 + 10)
    case 0x41...0x46: UInt64(byte - 0x41 + 10)
    default: nil
    }
  }
}
