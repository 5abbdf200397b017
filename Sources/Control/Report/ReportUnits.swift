import Foundation

/// Numbers as people read them: four significant digits, decimal prefixes, one space before the unit.
enum ReportUnits {
  /// Whole things, with a comma every three digits.
  static func count(_ value: UInt64) -> String {
    let digits = String(value)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// Bytes: `768 B`, `1.048 MB`.
  static func bytes(_ value: UInt64) -> String {
    value < 1000 ? "\(value) B" : scaled(Double(value), units: ["B", "kB", "MB", "GB", "TB", "PB", "EB"])
  }

  /// Bits per second: `24.80 Gb/s`.
  static func rate(_ bitsPerSecond: Double) -> String {
    bitsPerSecond <= 0 ? "0 b/s" : scaled(bitsPerSecond, units: ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s", "Pb/s"])
  }

  /// A line rate as the configuration writes it: `25G`, `1.6T`.
  static func speed(_ bitsPerSecond: UInt64) -> String {
    for (unit, prefix) in [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M")]
    where bitsPerSecond >= UInt64(unit) {
      return trimmed(String(format: "%.3f", Double(bitsPerSecond) / Double(unit))) + prefix
    }
    return "\(bitsPerSecond) b/s"
  }

  /// A time given in nanoseconds: `83.84 ns`, `1.204 µs`. With `ascii` a microsecond is `us`.
  static func time(nanoseconds: Double, ascii: Bool = false) -> String {
    nanoseconds <= 0
      ? "0 ns" : scaled(nanoseconds * 1000, units: ["ps", "ns", ascii ? "us" : "µs", "ms", "s"])
  }

  /// A time given in picoseconds.
  static func time(picoseconds: UInt64, ascii: Bool = false) -> String {
    time(nanoseconds: LatencyReport.nanoseconds(picoseconds), ascii: ascii)
  }

  /// A part of one as a percentage with two decimals, or `-` when there is none. Little is never shown as nothing.
  static func percent(_ share: Double?) -> String {
    guard let share else { return "-" }
    if share > 0, share < 0.00005 { return "< 0.01 %" }
    return String(format: "%.2f %%", share * 100)
  }

  /// How far `share` is from `wanted`, in percentage points with a sign.
  static func difference(_ share: Double, from wanted: Double) -> String {
    let points = String(format: "%+.2f", (share - wanted) * 100)
    return points == "-0.00" ? "+0.00" : points
  }

  /// The mean rate of `bytes` over `picoseconds`, in bits per second.
  static func meanRate(bytes: UInt64, picoseconds: UInt64) -> Double {
    picoseconds == 0 ? 0 : Double(bytes) * 8e12 / Double(picoseconds)
  }

  /// An instant, in nanoseconds since 1970, as UTC with all nine decimals.
  static func instant(nanoseconds: Int64) -> String {
    let (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let whole = fraction < 0 ? seconds - 1 : seconds
    let rest = fraction < 0 ? fraction + 1_000_000_000 : fraction
    let date = Date(timeIntervalSince1970: TimeInterval(whole)).formatted(.iso8601)
    let text = date.replacingOccurrences(of: "T", with: " ").replacingOccurrences(of: "Z", with: "")
    return text + String(format: ".%09d UTC", Int(rest))
  }

  /// `value` with the prefix that leaves one to three digits before the point, rounded to four digits in all.
  private static func scaled(_ value: Double, units: [String]) -> String {
    var value = value
    var unit = 0
    while unit < units.count - 1, value >= 999.95 {
      value /= 1000
      unit += 1
    }
    let decimals = value >= 99.995 ? 1 : value >= 9.9995 ? 2 : 3
    return String(format: "%.\(decimals)f ", value) + units[unit]
  }

  /// A decimal without zeros at its end.
  private static func trimmed(_ decimal: String) -> String {
    var text = decimal
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
