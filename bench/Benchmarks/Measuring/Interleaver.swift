/// Lets subjects take turns: A B C, A B C, A B C. What slows the machine down for a while slows all of them, so that
/// ratios of neighbours mean something when absolute numbers do not.
public struct Interleaver {
  /// Fewer rounds would have no middle.
  public static let leastRounds = 3

  private let rounds: Int
  private let calibrate: () -> Double
  private let progress: (_ done: Int, _ of: Int, _ name: String) throws -> Void

  /// - Parameters:
  ///   - rounds: at least ``leastRounds``; fewer are made as many.
  ///   - calibrate: measured before each turn.
  ///   - progress: told before each turn; what it throws ends the rounds.
  public init(
    rounds: Int, calibrate: @escaping () -> Double = Calibration.measure,
    progress: @escaping (_ done: Int, _ of: Int, _ name: String) throws -> Void = { _, _, _ in }
  ) {
    self.rounds = max(Interleaver.leastRounds, rounds)
    self.calibrate = calibrate
    self.progress = progress
  }

  /// Runs all rounds. The measurements are in the order of the subjects.
  public func run(_ subjects: [Subject]) throws -> [Measurement] {
    var measurements = subjects.map { Measurement(name: $0.name, version: $0.version) }
    for round in 0..<rounds {
      for (index, subject) in subjects.enumerated() {
        try progress(round * subjects.count + index, rounds * subjects.count, subject.name)
        measurements[index].calibration.append(calibrate())
        measurements[index].samples.append(try subject.measure(round: round))
      }
    }
    return measurements
  }
}
