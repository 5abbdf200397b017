import Dataplane
import Glibc

/// The classes of traffic that latency is measured of.
enum ProbeClass: Int, CaseIterable, Sendable {
  /// DSCP 48: strict priority.
  case strict
  /// DSCP 26: RDMA, lossless, half of what strict priority leaves.
  case lossless
  /// DSCP 0: the other half.
  case bestEffort

  /// What it is called.
  var name: String {
    switch self {
    case .strict: "strict"
    case .lossless: "lossless"
    case .bestEffort: "best effort"
    }
  }

  /// Packets of it among ten. In overload it is best effort that has more than its share.
  var tenths: Int {
    switch self {
    case .strict: 1
    case .lossless: 3
    case .bestEffort: 6
    }
  }

  /// The queue of the switch that it waits in.
  var queue: Int {
    switch self {
    case .strict: 6
    case .lossless: 3
    case .bestEffort: 0
    }
  }

  /// A flow of it.
  ///
  /// - Parameter index: from 0.
  func flow(_ index: Int) -> BenchmarkFlow {
    // The last four bits of its number decide what class a flow is of.
    let kind: Int
    switch self {
    case .strict: kind = 14
    case .lossless: kind = 0
    case .bestEffort: kind = 10
    }
    return BenchmarkFlow(number: index * 16 + kind, prefix: 0, prefixes: ProbePlan.prefixes)
  }
}

/// What a probe sends: frames at random moments of a mean rate (a Poisson process), whatever becomes of them.
struct ProbePlan: Sendable {
  /// Octets of each frame, check sequence included.
  static let frameBytes = 128
  /// Where all frames go.
  static let prefixes = BenchmarkPrefixes(count: 1)
  /// Flows of each class, a power of two.
  static let flows = 16
  /// Where in a frame its moment of departure is written: the first octet of RoCE's payload.
  static let stampOffset = 54
  /// Gaps and classes are repeated after so many frames.
  static let period = 4000

  /// Mean frames a second; nil: as many as the device takes.
  var rate: Double?
  /// Seconds before anything is recorded.
  var warmUp: Double
  /// Seconds of recording.
  var seconds: Double
  /// What the moments of departure follow from.
  var seed: UInt64

  /// Gaps between departures, in units of 2^-10 of the mean gap: the exponential distribution in equal parts of
  /// probability, in random order.
  static func gaps(seed: UInt64) -> [UInt32] {
    var gaps = (0..<period).map { -log(1 - (Double($0) + 0.5) / Double(period)) }
    let mean = gaps.reduce(0, +) / Double(period)
    var random = RandomNumbers(seed: seed)
    shuffle(&gaps, &random)
    return gaps.map { UInt32(($0 / mean * 1024).rounded()) }
  }

  /// The classes of frames, in random order.
  static func order(seed: UInt64) -> [ProbeClass] {
    var order = ProbeClass.allCases.flatMap { Array(repeating: $0, count: $0.tenths * period / 10) }
    var random = RandomNumbers(seed: seed &+ 1)
    shuffle(&order, &random)
    return order
  }

  private static func shuffle<Element>(_ elements: inout [Element], _ random: inout RandomNumbers) {
    for index in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(index, Int(random.next() % UInt64(index + 1)))
    }
  }
}
