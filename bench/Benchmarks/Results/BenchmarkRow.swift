/// One line of results: a subject, a workload, and what came of them.
public struct BenchmarkRow: Equatable, Sendable {
  /// The suite that measured it.
  public var suite: String
  /// What was measured: a level of features, a stage, a device, a procedure.
  public var subject: String
  /// The name of the workload.
  public var workload: String
  /// Mean bytes of a frame, check sequence included.
  public var frameBytes: Double
  /// Different flows in the workload.
  public var flows: Int
  /// Cores that did the work.
  public var cores: Int
  /// What was varied to get a curve; nil if nothing was.
  public var variable: Variable?
  /// Nanoseconds a packet, over the rounds; nil for a procedure whose result is in ``figures``.
  public var nanoseconds: Spread?
  /// Ticks of the time stamp counter a packet, the median; nil if they were not counted.
  public var cycles: Double?
  /// Instructions a packet; nil if they were not counted.
  public var instructions: Double?
  /// Latency, of the round in the middle.
  public var latency: LatencyQuantiles?
  /// Nanoseconds of the calibration loop beside each round.
  public var calibration: [Double] = []
  /// The part of each round for which the measuring thread did not have its CPU, 0 to 1.
  public var away: [Double] = []
  /// What others did in the same rounds.
  public var peers: [PeerFigure] = []
  /// What else there is to say in numbers.
  public var figures: [Figure] = []
  /// What else there is to say.
  public var note: String?
  /// Whether it is a part of a packet's way, of which a rate means nothing.
  public var isPart = false

  /// What a curve is drawn over.
  public struct Variable: Codable, Equatable, Hashable, Sendable {
    /// Its name: `routes`.
    public var name: String
    /// Its value.
    public var value: Double

    /// One point of a curve.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// A row without results yet.
  public init(
    suite: String, subject: String, workload: String, frameBytes: Double, flows: Int, cores: Int = 1,
    variable: Variable? = nil
  ) {
    self.suite = suite
    self.subject = subject
    self.workload = workload
    self.frameBytes = frameBytes
    self.flows = flows
    self.cores = cores
    self.variable = variable
  }

  /// Million packets a second, over the rounds; nil for a part of the way, and for what took no time that was measured.
  public var mpps: Spread? { nanoseconds.flatMap { $0.min > 0 && !isPart ? $0.inverted(scale: 1000) : nil } }

  /// Bits of frames a second in units of 10^9, check sequences included and gaps between frames not.
  public var gigabitsPerSecond: Double? {
    nanoseconds.flatMap { $0.median > 0 && !isPart ? frameBytes * 8 / $0.median : nil }
  }

  /// What makes it the same row as one of another run.
  public var identity: String {
    let point = variable.map { "/\($0.name)=\($0.value)" } ?? ""
    return "\(suite)/\(subject)/\(workload)/\(flows)/\(cores)\(point)"
  }
}

extension BenchmarkRow {
  /// Fills in what rounds gave.
  ///
  /// - Parameter peers: others that took turns with it, whose rounds have the same numbers.
  public mutating func take(_ measured: Measurement, peers others: [Measurement] = []) {
    let samples = measured.samples
    nanoseconds = Spread(samples.map(\.nanosecondsPerPacket).filter(\.isFinite))
    cycles =
      Spread(samples.filter { $0.packets > 0 }.compactMap { one in one.cycles.map { $0 / Double(one.packets) } })?
      .median
    calibration = measured.calibration
    away = samples.compactMap(\.away)
    latency = samples.isEmpty ? nil : samples[samples.count / 2].latency
    figures += samples.last?.figures ?? []
    peers += others.compactMap { PeerFigure(name: $0.name, version: $0.version, ours: samples, theirs: $0.samples) }
  }
}
