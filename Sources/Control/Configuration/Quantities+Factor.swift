extension Quantities {
  /// Reads a positive decimal number as a fraction in lowest powers of ten: 1.25 is 125 / 100.
  public static func factor(_ text: some StringProtocol) -> (numerator: UInt64, denominator: UInt64)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = integer(parts[0]) else { return nil }
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.count <= 6, parts.count == 1 || !decimals.isEmpty,
      decimals.isEmpty || decimals.allSatisfy(\.isNumber)
    else { return nil }
    let denominator = (0..<decimals.count).reduce(1 as UInt64) { scale, _ in scale * 10 }
    guard let fraction = decimals.isEmpty ? 0 : UInt64(decimals), whole <= 1_000_000 else { return nil }
    let numerator = whole * denominator + fraction
    return numerator == 0 ? nil : (numerator, denominator)
  }
}
