import Foundation

/// Numbers of results as tables and pages show them.
enum BenchmarkNumbers {
  /// A number with so many decimals that three digits count: `0.123`, `12.3`, `1234`; `-` for none.
  static func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "-" }
    let decimals = abs(value) >= 999.5 ? 0 : abs(value) >= 9.995 ? 1 : abs(value) >= 0.9995 || value == 0 ? 2 : 3
    return String(format: "%.\(decimals)f", value)
  }

  /// The least and the most: `11.8-13.0`.
  static func range(_ spread: Spread?) -> String {
    spread.map { "\(text($0.min))-\(text($0.max))" } ?? "-"
  }

  /// A part of one in percent.
  static func percent(_ share: Double?) -> String { share.map { String(format: "%.1f %%", $0 * 100) } ?? "-" }

  /// A time given in nanoseconds, with a unit.
  static func time(_ nanoseconds: Double?) -> String {
    guard let nanoseconds else { return "-" }
    if nanoseconds >= 999_500 { return text(nanoseconds / 1e6) + " ms" }
    return nanoseconds >= 999.5 ? text(nanoseconds / 1000) + " us" : text(nanoseconds) + " ns"
  }

  /// A value of a variable: whole numbers as such.
  static func value(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : text(value)
  }
}

extension BenchmarkRow {
  /// The subject, with the point of the curve that the row is.
  var title: String {
    guard let variable else { return subject }
    let point = "\(variable.name) = \(BenchmarkNumbers.value(variable.value))"
    return subject == variable.name ? point : "\(subject): \(point)"
  }

  /// The median of the calibration loops beside it.
  var calibrationMedian: Double? { Spread(calibration)?.median }

  /// The most of its rounds' time for which the measuring thread did not have its CPU.
  var mostAway: Double? { away.max() }
}

extension MachineFacts {
  /// What a reader must know, in short phrases.
  var phrases: [String] {
    let place = pinnedTo.map { "measured on CPU \($0)" } ?? "measured on any CPU"
    let group = groupRaised ? "with its session" : "within its session only"
    return [
      "\(cores) \(cores == 1 ? "CPU" : "CPUs")" + (isVirtual ? " of a virtual machine" : ""), "Linux \(kernel)",
      "DPDK \(dpdk)", hugepages ? "hugepages" : "no hugepages", "governor: \(governor)",
      String(format: "time stamp counter at %.0f MHz", ticksPerSecond / 1e6), place,
      "niceness \(niceness)" + (niceness < 0 ? ", \(group)" : ""),
    ]
  }
}
