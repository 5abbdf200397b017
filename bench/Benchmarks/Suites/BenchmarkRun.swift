import Control

/// What was asked for on the command line.
public struct BenchmarkOptions: Equatable, Sendable {
  /// Times that every subject takes its turn.
  public var rounds = 5
  /// Whether to take little time for each measurement: all usual suites in 5 minutes.
  public var isQuick = false
  /// A capture to measure with, instead of the workloads that the suites have.
  public var capture: String?

  /// Packets of 64 octets that a measurement in memory lasts for.
  public var packets = 2_000_000

  /// The usual: five rounds, long measurements, workloads of the suites.
  public init() {}

  /// Short measurements in as few rounds as have a middle.
  public static let quick: BenchmarkOptions = {
    var options = BenchmarkOptions()
    options.isQuick = true
    options.rounds = Interleaver.leastRounds
    options.packets = 400_000
    return options
  }()
}

/// One run of some suites: what they may use, and where their rows go.
public final class BenchmarkRun {
  /// What was asked for.
  public let options: BenchmarkOptions
  /// The CPU that measured threads run on.
  public let core: MeasuringCore
  /// The results so far.
  public private(set) var results: BenchmarkResults
  private let report: (String) throws -> Void

  /// Starts a run: DPDK's environment, if it has not been started, and the priority of this process.
  ///
  /// - Parameter report: is told what is going on now; what it throws ends the run.
  public init(_ options: BenchmarkOptions, report: @escaping (String) throws -> Void = { _ in }) throws {
    self.options = options
    self.report = report
    try BenchmarkMemory.start()
    core = MeasuringCore()
    results = BenchmarkResults(machine: .ofThisMachine(core), isQuick: options.isQuick)
  }

  deinit { core.restore() }

  /// Gives the process the priority back that it had.
  public func end() { core.restore() }

  /// Adds a row.
  public func add(_ row: BenchmarkRow) { results.rows.append(row) }

  /// Notes that a peer could not take part, once.
  public func note(absent peer: AbsentPeer) {
    if !results.absent.contains(peer) { results.absent.append(peer) }
  }

  /// Says what is going on now.
  public func say(_ text: String) throws { try report(text) }

  /// Lets subjects take turns for the rounds that were asked for.
  ///
  /// - Parameter title: what is measured, for those who wait.
  public func interleave(_ title: String, _ subjects: [Subject]) throws -> [Measurement] {
    let core = core
    let interleaver = Interleaver(
      rounds: options.rounds,
      calibrate: {
        var result = 0.0
        _ = core.time { result = Calibration.measure() }
        return result
      },
      progress: { [report] done, all, name in try report("\(title): \(name), \(done + 1) of \(all)") })
    return try interleaver.run(subjects)
  }
}
