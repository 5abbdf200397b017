extension Quantities {
  /// A rate in packets per second: a decimal number with `pps`, `kpps`, `Mpps` or `Gpps`, as `5Mpps`.
  ///
  /// - Throws: ``QuantityError`` with a remedy.
  public static func packetRate(_ text: some StringProtocol) throws(QuantityError) -> UInt64 {
    let text = String(text)
    let units: [(name: String, scale: UInt64)] = [
      ("kpps", 1000), ("Mpps", 1_000_000), ("Gpps", 1_000_000_000), ("pps", 1),
    ]
    guard let unit = units.first(where: { text.hasSuffix($0.name) }),
      let number = DecimalNumber(String(text.dropLast(unit.name.count).trimmingSpaces()))
    else {
      throw QuantityError("`\(text)` is not a rate of packets", remedy: "write a number with a unit: `5Mpps`")
    }
    switch number.scaled(by: unit.scale) {
    case .exact(let value) where value >= 1 && value <= 1_000_000_000: return value
    case .exact, .overflow: throw QuantityError("`\(text)` is out of range", remedy: "write `1pps` to `1Gpps`")
    case .inexact: throw QuantityError("`\(text)` is not a whole number of packets", remedy: "write fewer decimals")
    }
  }
}
