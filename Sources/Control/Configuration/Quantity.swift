/// A kind of quantity: its units, and how to help with it.
struct Quantity: Sendable {
  /// With its article, in error messages.
  let name: String
  /// Unit names and how many of the smallest unit each is; the smallest first, the usual spelling first.
  let units: [(name: String, scale: UInt64)]
  /// What may follow a unit.
  let suffixes: [String]
  /// A value somebody might have meant.
  let example: String
  /// True if `0` needs no unit.
  let allowsBareZero: Bool
  /// What a number without a unit probably meant, given also as text.
  let guess: @Sendable (DecimalNumber, String) -> String?

  static let rate = Quantity(
    name: "a rate", units: [("bps", 1), ("k", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000)],
    suffixes: ["bps", "bit/s", "b/s"], example: "100G", allowsBareZero: false
  ) { number, text in
    // Other switches count in Mb/s, people in Gb/s.
    guard let whole = number.scaled(by: 1).value, whole > 0 else { return nil }
    if whole <= 1600 { return "\(whole)G" }
    return whole % 1000 == 0 && whole <= 1_600_000 ? "\(whole / 1000)G" : nil
  }

  static let size = Quantity(
    name: "a size",
    units: [
      ("B", 1), ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20),
      ("GiB", 1 << 30),
    ], suffixes: [], example: "100kB", allowsBareZero: true
  ) { number, text in number.scaled(by: 1).value == nil ? nil : "\(text)B" }

  static let time = Quantity(
    name: "a length of time",
    units: [("ps", 1), ("ns", 1000), ("us", 1_000_000), ("ms", 1_000_000_000), ("s", 1_000_000_000_000)],
    suffixes: [], example: "500ns", allowsBareZero: true
  ) { _, _ in nil }

  static let length = Quantity(
    name: "a length", units: [("mm", 1), ("cm", 10), ("m", 1000), ("km", 1_000_000)], suffixes: [], example: "5m",
    allowsBareZero: true
  ) { _, text in "\(text)m" }

  /// How many of the smallest unit a unit is; nil if there is no such unit.
  func scale(of unit: String) -> UInt64? {
    if let exact = units.first(where: { $0.name == unit }) { return exact.scale }
    if unit == "µs" || unit == "μs" { return scale(of: "us") }
    for suffix in suffixes where unit.hasSuffix(suffix) {
      let prefix = unit.dropLast(suffix.count)
      if prefix.isEmpty { return 1 }
      return units.dropFirst().first { $0.name == prefix }?.scale
    }
    return nil
  }

  /// The unit that differs only in letter case, or nearly.
  func nearestUnit(to unit: String) -> String? {
    if let same = units.first(where: { $0.name.lowercased() == unit.lowercased() }) { return same.name }
    let bare = suffixes.first { unit.lowercased().hasSuffix($0) }.map { String(unit.dropLast($0.count)) } ?? unit
    if let same = units.first(where: { $0.name.lowercased() == bare.lowercased() }) { return same.name }
    return unit.count > 1 ? Suggestion.nearest(to: unit, among: units.map(\.name)) : nil
  }

  /// The shortest exact text of a number of the smallest unit: decimal units with up to three decimals, binary ones
  /// with none.
  func text(_ value: UInt64) -> String {
    var best = "\(value)\(units[0].name)"
    for unit in units.dropFirst() where value >= unit.scale {
      let digits = unit.scale % 10 == 0 ? min(3, String(unit.scale).count - 1) : 0
      let step = unit.scale / (0..<digits).reduce(UInt64(1)) { product, _ in product * 10 }
      guard value % step == 0 else { continue }
      var fraction = String(value % unit.scale / step)
      fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
      while fraction.hasSuffix("0") { fraction.removeLast() }
      let text = "\(value / unit.scale)\(fraction.isEmpty ? "" : ".")\(fraction)\(unit.name)"
      if text.count <= best.count { best = text }
    }
    return best
  }
}

/// A decimal number without sign or exponent, exactly.
struct DecimalNumber {
  /// All digits as one number.
  private let digits: UInt64
  /// How many of them follow the point.
  private let decimals: Int

  /// What a scaled number is.
  enum Scaled: Equatable {
    case exact(UInt64)
    case inexact
    case overflow

    var value: UInt64? { if case .exact(let value) = self { value } else { nil } }
  }

  /// Parses `DIGITS[.DIGITS]`; nil if it is anything else or has more than 18 digits after trimming zeros.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } })
    else { return nil }
    var fraction = parts.count == 2 ? parts[1] : ""
    while fraction.hasSuffix("0") { fraction.removeLast() }
    guard fraction.count <= 18, let digits = UInt64(parts[0] + fraction) else { return nil }
    self.digits = digits
    decimals = fraction.count
  }

  var isZero: Bool { digits == 0 }

  /// The number times a whole number, if that is whole.
  func scaled(by scale: UInt64) -> Scaled {
    let divisor = (0..<decimals).reduce(UInt64(1)) { product, _ in product * 10 }
    let (high, low) = digits.multipliedFullWidth(by: scale)
    guard high < divisor else { return .overflow }
    let (quotient, remainder) = divisor.dividingFullWidth((high, low))
    return remainder == 0 ? .exact(quotient) : .inexact
  }
}
