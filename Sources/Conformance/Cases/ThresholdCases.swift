import Dataplane

/// Limits of the shared buffer, to the cell: sources ignore pauses, and nothing leaves.
enum ThresholdCases {
  private static let limitSource =
    "Choudhury and Hahne 1998; SAI_BUFFER_PROFILE_ATTR_SHARED_DYNAMIC_TH, _STATIC_TH"
  private static let xonSource = "SAI_BUFFER_PROFILE_ATTR_XON_TH, _XON_OFFSET_TH"
  private static let start = 1_000_000

  /// All cases of a configuration.
  ///
  /// - Parameter exponents: thresholds to be tried instead of the configured one, as powers of two.
  static func all(_ user: SwitchConfiguration, exponents: [Int]) -> [ConformanceCase] {
    let ports = PortRank.all(user).first?.ports.count ?? 0
    var counts = [1, 2, 8, 32].filter { $0 < max(2, ports) }
    if counts.isEmpty { counts = [1] }
    var cases = counts.flatMap { [fill(user, groups: $0), release(user, groups: $0)] }
    cases += [
      otherGroup(user), otherPool(user), lossy(user), sharedHeadroom(user), ownHeadroom(user), fixedLimit(user),
    ]
    for exponent in exponents {
      var changed = user
      changed.buffer.lossless.threshold = .dynamic(log2Alpha: exponent)
      let name = "alpha \(alphaText(exponent)), "
      cases += [1, min(8, max(1, ports - 1))].flatMap {
        [fill(changed, groups: $0, prefix: name), release(changed, groups: $0, prefix: name)]
      }
    }
    return cases
  }

  static func alphaText(_ exponent: Int) -> String { exponent >= 0 ? "\(1 << exponent)" : "1/\(1 << -exponent)" }

  /// First XOFF, headroom and drop of N groups that fill at the same time.
  static func fill(_ user: SwitchConfiguration, groups: Int, prefix: String = "") -> ConformanceCase {
    ConformanceCase(.threshold, "\(prefix)\(count(groups)) fill the pool") { experiment in
      let bench = try Bench.lossless(user, senders: groups)
      var checks: [Check] = []
      // Small frames fill the same cells in ten times as many steps: once for each configuration is enough.
      let lengths = prefix.isEmpty || groups == 1 ? [bench.largestFrame, bench.usualFrame] : [bench.largestFrame]
      for length in Set(lengths).sorted(by: >) {
        do {
          checks += try fill(experiment, bench, length: length, starts: bench.ingress.map { _ in start })
        } catch let reason as NotApplicable {
          if checks.isEmpty { throw reason }
        }
      }
      return checks
    }
  }

  private static func fill(
    _ experiment: Experiment, _ bench: Bench, length: Int, starts: [Int]
  ) throws -> [Check] {
    let (filling, expected) = try Filling.untilDrops(
      bench, length: length, starts: starts, fixed: starts.map { _ in nil })
    let measured = try filling.measure(experiment)
    return compare(expected, measured, bench, length: length) + fixedPoint(measured, bench, length: length)
  }

  /// Rows for the first group, and one for all groups together.
  private static func compare(
    _ expected: ThresholdTrace, _ measured: ThresholdTrace, _ bench: Bench, length: Int
  ) -> [Check] {
    let (theory, device) = (expected.stories[0], measured.stories[0])
    func row(_ quantity: String, _ formula: String, _ unit: String, _ path: (ThresholdTrace.Story) -> Int) -> Check {
      Check(
        "\(quantity), frames of \(length) B", formula: formula, source: limitSource, unit: unit,
        expected: Double(path(theory)), measured: Double(path(device)))
    }
    var checks = [
      row("first XOFF", "first k: u(k) > limit(S - sum u), or in headroom", "frames", \.xoff),
      row("shared use at XOFF", "u(k) cells beyond the reserve", "cells", \.sharedAtXOFF),
      row("first use of headroom", "first k: u(k-1) + p > limit(S - sum u)", "frames", \.headroom),
      row("first drop", "headroom frame + floor(headroom / p)", "frames", \.drop),
    ]
    if expected.stories.count > 1 {
      checks.append(differences(expected, measured, "groups that differ in any of these, frames of \(length) B"))
    }
    return checks
  }

  private static func differences(_ expected: ThresholdTrace, _ measured: ThresholdTrace, _ quantity: String) -> Check {
    let different = zip(expected.stories, measured.stories).filter { $0 != $1 }.count
    return Check(
      quantity, formula: "0 of \(expected.stories.count)", source: limitSource, unit: "groups", expected: 0,
      measured: Double(different))
  }

  /// u = S alpha / (1 + N alpha), but for one frame: what comes in frames cannot stop at the cell.
  private static func fixedPoint(_ measured: ThresholdTrace, _ bench: Bench, length: Int) -> [Check] {
    guard case .dynamic(let exponent) = bench.configuration.buffer.lossless.threshold else { return [] }
    let theory = BufferTheory(bench.configuration)
    let alpha = exponent >= 0 ? Double(1 << exponent) : 1 / Double(1 << -exponent)
    let groups = Double(bench.ingress.count)
    let size = Double(theory.poolSize[0])
    let largest = measured.stories.map(\.peak).max() ?? 0
    let smallest = measured.stories.map(\.peak).min() ?? 0
    return [("largest", largest), ("smallest", smallest)].map { name, peak in
      Check(
        "\(name) shared use, frames of \(length) B", formula: "S alpha / (1 + N alpha)", source: limitSource,
        unit: "cells", expected: (size * alpha / (1 + groups * alpha)), measured: Double(peak),
        tolerance: Double(theory.cells(length) + 1))
    }
  }

  /// XON: sources stop with the frame that brought XOFF, and the egress port is released.
  static func release(_ user: SwitchConfiguration, groups: Int, prefix: String = "") -> ConformanceCase {
    ConformanceCase(.threshold, "\(prefix)\(count(groups)) drain") { experiment in
      let bench = try Bench.lossless(user, senders: groups)
      let starts = bench.ingress.map { _ in start }
      // Small frames fill many cells badly and large ones move the limit in steps: take what fills in fewer frames.
      let length = bench.largestFrame
      let (_, until) = try Filling.untilDrops(bench, length: length, starts: starts, fixed: starts.map { _ in nil })
      let filling = Filling(
        bench: bench, length: length, starts: starts, counts: until.stories.map { max(1, $0.xoff) })
      let expected = filling.filledAndDrained()
      let measured = try filling.measure(experiment, releases: true)
      let (theory, device) = (expected.stories[0], measured.stories[0])
      func row(_ quantity: String, _ formula: String, _ unit: String, _ path: (ThresholdTrace.Story) -> Int) -> Check {
        Check(
          quantity, formula: formula, source: xonSource, unit: unit, expected: Double(path(theory)),
          measured: Double(path(device)))
      }
      return [
        row("frames gone at XON", "first: u <= max(xon, limit - offset), no headroom", "frames", \.leftAtXON),
        row("shared use at XON", "u cells", "cells", \.sharedAtXON),
        differences(expected, measured, "groups that differ in XOFF or XON"),
      ]
    }
  }

  /// A group that is filled first moves the limit of the next.
  static func otherGroup(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.threshold, "another group's use lowers the limit") { experiment in
      let bench = try Bench.lossless(user, senders: 2)
      let length = bench.largestFrame
      let (_, alone) = try Filling.untilDrops(
        bench, length: length, starts: [start, start], fixed: [nil, 0])
      let quota = max(1, alone.stories[0].xoff / 2)
      let later = WireTheory.arrival(quota + 1, length: length, start: start, port: bench.port) + 1_000_000
      let (filling, expected) = try Filling.untilDrops(
        bench, length: length, starts: [start, later], fixed: [quota, nil])
      let measured = try filling.measure(experiment)
      let (theory, device) = (expected.stories[1], measured.stories[1])
      var checks = [
        Check(
          "first XOFF beside \(quota) frames of another group", formula: "first k: u(k) > limit(S - M - u)",
          source: limitSource, unit: "frames", expected: Double(theory.xoff), measured: Double(device.xoff)),
        Check(
          "shared use at XOFF", formula: "u(k) cells", source: limitSource, unit: "cells",
          expected: Double(theory.sharedAtXOFF), measured: Double(device.sharedAtXOFF)),
        Check(
          "first drop", formula: "headroom frame + floor(headroom / p)", source: limitSource, unit: "frames",
          expected: Double(theory.drop), measured: Double(device.drop)),
      ]
      if case .dynamic = bench.configuration.buffer.lossless.threshold {
        checks.append(
          Check(
            "frames fewer until XOFF than alone", formula: "alpha M / (1 + alpha) > 0", source: limitSource,
            unit: "frames", expected: Double(alone.stories[0].xoff - theory.xoff),
            measured: Double(alone.stories[0].xoff - device.xoff)))
      }
      return checks
    }
  }

  static func count(_ groups: Int) -> String { groups == 1 ? "1 group" : "\(groups) groups" }
}
