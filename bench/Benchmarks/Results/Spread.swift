/// What several rounds gave: the least, the median and the most.
public struct Spread: Codable, Equatable, Sendable {
  /// The least.
  public var min: Double
  /// The middle one; of an even number, the mean of the two in the middle.
  public var median: Double
  /// The most.
  public var max: Double

  /// The spread of `values`; nil if there are none.
  public init?(_ values: some Sequence<Double>) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    min = first
    median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    max = last
  }

  /// A spread by its values.
  public init(min: Double, median: Double, max: Double) {
    self.min = min
    self.median = median
    self.max = max
  }

  /// How far the most and the least lie apart, as a part of the median; 0 if that is 0.
  public var width: Double { median == 0 ? 0 : (max - min) / median }

  /// The spread of `scale / value`: the least value becomes the most.
  public func inverted(scale: Double) -> Spread {
    Spread(min: scale / max, median: scale / median, max: scale / min)
  }
}
