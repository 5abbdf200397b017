import Dataplane

/// What is wrong with the text of a quantity, and what would be right.
public struct QuantityError: Error, Equatable, Sendable {
  /// What is wrong.
  public var problem: String
  /// What would be right.
  public var remedy: String

  /// Describes a mistake.
  public init(_ problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }
}

/// Reads numbers with units, exactly: integers throughout, and an error where a value is not a whole number of the
/// smallest unit.
public enum Quantities {
  /// A rate in bits per second: a decimal number with `k`, `M`, `G`, `T` or nothing but `bps`, as `2.5G`, `100Gbps`,
  /// `10 Mbit/s`.
  ///
  /// - Throws: ``QuantityError`` with a remedy.
  public static func rate(_ text: some StringProtocol) throws(QuantityError) -> BitRate {
    BitRate(bitsPerSecond: try value(of: String(text), in: .rate))
  }

  /// A size in bytes: a decimal number with `B`, `kB`, `MB`, `GB` (powers of 1000) or `KiB`, `MiB`, `GiB` (powers of
  /// 1024).
  ///
  /// - Throws: ``QuantityError`` with a remedy.
  public static func size(_ text: some StringProtocol) throws(QuantityError) -> ByteCount {
    ByteCount(try value(of: String(text), in: .size))
  }

  /// A length of time: a decimal number with `ps`, `ns`, `us`, `ms` or `s`.
  ///
  /// - Throws: ``QuantityError`` with a remedy.
  public static func time(_ text: some StringProtocol) throws(QuantityError) -> Picoseconds {
    Picoseconds(try value(of: String(text), in: .time))
  }

  /// A length: a decimal number with `mm`, `cm`, `m` or `km`.
  ///
  /// - Throws: ``QuantityError`` with a remedy.
  public static func length(_ text: some StringProtocol) throws(QuantityError) -> CableLength {
    CableLength(millimetres: try value(of: String(text), in: .length))
  }

  /// A probability: a percentage as `20%`, or a fraction of one as `0.2`.
  ///
  /// - Throws: ``QuantityError`` with a remedy.
  public static func probability(_ text: some StringProtocol) throws(QuantityError) -> Probability {
    let text = String(text)
    let isPercentage = text.hasSuffix("%")
    let number = isPercentage ? String(text.dropLast().trimmingSpaces()) : text
    guard let decimal = DecimalNumber(number) else {
      throw QuantityError("`\(text)` is not a probability", remedy: "write a percentage or a fraction: `20%` or `0.2`")
    }
    switch decimal.scaled(by: isPercentage ? 10_000 : 1_000_000) {
    case .exact(let partsPerMillion) where partsPerMillion <= 1_000_000:
      return Probability(partsPerMillion: UInt32(partsPerMillion))
    case .inexact:
      throw QuantityError("`\(text)` is finer than one in a million", remedy: "round it to `0.0001%`")
    case .exact, .overflow:
      let remedy =
        isPercentage ? "write at most `100%`" : "write a percentage or a fraction: `\(number)%` or a number up to `1`"
      throw QuantityError("`\(text)` is more than certain", remedy: remedy)
    }
  }

  /// A power of two from 2^-8 to 2^7, as `1/8`, `0.125` or `4`; the result is its exponent.
  ///
  /// - Throws: ``QuantityError`` with the powers next to the number as a remedy.
  public static func powerOfTwo(_ text: some StringProtocol) throws(QuantityError) -> Int {
    let text = String(text)
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { String($0.trimmingSpaces()) }
    // Numerator and denominator in 10^-9, so that decimals compare exactly.
    guard parts.count <= 2, let top = DecimalNumber(parts[0])?.scaled(by: 1_000_000_000).value,
      let bottom = parts.count == 1 ? 1_000_000_000 : DecimalNumber(parts[1])?.scaled(by: 1_000_000_000).value,
      bottom > 0, top < 1 << 50, bottom < 1 << 50
    else {
      throw QuantityError("`\(text)` is not a number", remedy: "write a power of two from `1/256` to `128`")
    }
    for exponent in -8...7 where top << UInt64(max(0, -exponent)) == bottom << UInt64(max(0, exponent)) {
      return exponent
    }
    let above = (-8...7).first { top << UInt64(max(0, -$0)) < bottom << UInt64(max(0, $0)) }
    let near: String
    if let above {
      near = above == -8 ? "`1/256`, the smallest" : "`\(powerText(above - 1))` or `\(powerText(above))`"
    } else {
      near = "`128`, the largest"
    }
    throw QuantityError("`\(text)` is not a power of two from 1/256 to 128", remedy: "write \(near)")
  }

  /// The usual text of a power of two: `1/8` for -3, `4` for 2.
  public static func powerText(_ exponent: Int) -> String {
    exponent < 0 ? "1/\(1 << -exponent)" : "\(1 << exponent)"
  }

  /// A whole number in decimal, without sign, leading zeros or unit; nil if it is anything else or beyond 64 bits.
  public static func integer(_ text: some StringProtocol) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), text.count == 1 || text.first != "0"
    else { return nil }
    return UInt64(text)
  }

  private static func value(of text: String, in quantity: Quantity) throws(QuantityError) -> UInt64 {
    let end = text.firstIndex { !($0.isASCII && ($0.isNumber || $0 == ".")) } ?? text.endIndex
    let unit = String(text[end...].trimmingSpaces())
    let example = quantity.example
    guard let number = DecimalNumber(String(text[..<end])) else {
      let problem = text.hasPrefix("-") ? "`\(text)` is negative" : "`\(text)` is not \(quantity.name)"
      throw QuantityError(problem, remedy: "write a number with a unit: `\(example)`")
    }
    if unit.isEmpty {
      if number.isZero, quantity.allowsBareZero { return 0 }
      throw QuantityError("`\(text)` has no unit", remedy: "write a unit: `\(quantity.guess(number, text) ?? example)`")
    }
    guard let scale = quantity.scale(of: unit) else {
      let near = quantity.nearestUnit(to: unit)
      let remedy =
        near.map { "did you mean `\(text[..<end])\($0)`?" }
        ?? "write \(Suggestion.alternatives(quantity.units.map(\.name)))"
      throw QuantityError("unknown unit `\(unit)`", remedy: remedy)
    }
    switch number.scaled(by: scale) {
    case .exact(let value): return value
    case .overflow: throw QuantityError("`\(text)` is too large", remedy: "write a smaller number")
    case .inexact:
      let unit = quantity.units[0].name
      throw QuantityError("`\(text)` is not a whole number of `\(unit)`", remedy: "write fewer decimals")
    }
  }
}

extension StringProtocol {
  /// Without spaces at either end.
  func trimmingSpaces() -> SubSequence {
    guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
      return self[endIndex...]
    }
    return self[first...last]
  }
}
