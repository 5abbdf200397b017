/// The upper 1e-4 quantile of the chi-square distribution, for the degrees of freedom used here.
///
/// Values of standard tables.
let chiSquareCritical: [Int: Double] = [1: 15.14, 3: 21.11, 7: 29.88, 15: 44.26, 31: 69.11, 63: 113.50]

/// Pearson's statistic of observed counts against weights.
func chiSquare(_ observed: [Int], weights: [UInt32]) -> Double {
  let total = Double(observed.reduce(0, +))
  let sum = Double(weights.reduce(0, +))
  return zip(observed, weights).reduce(0) { statistic, pair in
    let expected = total * Double(pair.1) / sum
    return expected == 0 ? statistic : statistic + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
  }
}

/// A flow as the packet path hands it to the hash.
struct Flow {
  var addresses: UInt64
  var ports: UInt64
  var queuePair: UInt64 = 0

  init(source: UInt32, destination: UInt32, sourcePort: UInt16, destinationPort: UInt16, queuePair: UInt32 = 0) {
    addresses = UInt64(source) << 32 | UInt64(destination)
    ports = UInt64(sourcePort) << 32 | UInt64(destinationPort) << 16 | 17
    self.queuePair = UInt64(queuePair)
  }

  /// Between random hosts and ports, from a fixed linear congruential sequence.
  static func mixed(_ count: Int) -> [Flow] {
    var state: UInt64 = 42
    func next() -> UInt32 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt32(state >> 32)
    }
    return (0..<count).map { _ in
      Flow(
        source: 0x0A00_0000 | next() & 0xFFFF, destination: 0x0A09_0000 | next() & 0xFFFF,
        sourcePort: UInt16(0xC000 | next() & 0x3FFF), destinationPort: 4791)
    }
  }
}

extension Flow {
  func hash(_ hasher: (UInt64, UInt64) -> UInt64, from state: UInt64) -> UInt64 {
    hasher(hasher(hasher(state, addresses), ports), queuePair)
  }
}
