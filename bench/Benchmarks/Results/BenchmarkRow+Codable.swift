extension BenchmarkRow: Codable {
  private enum Key: String, CodingKey {
    case suite, subject, workload, flows, cores, variable, mpps, cycles, instructions, latency, calibration, away, peers
    case figures, note
    case isPart = "part"
    case frameBytes = "frame_bytes"
    case nanoseconds = "ns_per_packet"
    case gigabitsPerSecond = "gbps"
  }

  /// Writes the row with rates, which are computed, for readers that only look something up.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(suite, forKey: .suite)
    try container.encode(subject, forKey: .subject)
    try container.encode(workload, forKey: .workload)
    try container.encode(frameBytes, forKey: .frameBytes)
    try container.encode(flows, forKey: .flows)
    try container.encode(cores, forKey: .cores)
    try container.encode(variable, forKey: .variable)
    try container.encode(mpps, forKey: .mpps)
    try container.encode(nanoseconds, forKey: .nanoseconds)
    try container.encode(cycles, forKey: .cycles)
    try container.encode(instructions, forKey: .instructions)
    try container.encode(gigabitsPerSecond, forKey: .gigabitsPerSecond)
    try container.encode(latency, forKey: .latency)
    try container.encode(calibration, forKey: .calibration)
    try container.encode(away, forKey: .away)
    try container.encode(peers, forKey: .peers)
    try container.encode(figures, forKey: .figures)
    try container.encode(note, forKey: .note)
    try container.encode(isPart, forKey: .isPart)
  }

  /// Reads a row; rates are computed anew.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    suite = try container.decode(String.self, forKey: .suite)
    subject = try container.decode(String.self, forKey: .subject)
    workload = try container.decode(String.self, forKey: .workload)
    frameBytes = try container.decode(Double.self, forKey: .frameBytes)
    flows = try container.decode(Int.self, forKey: .flows)
    cores = try container.decode(Int.self, forKey: .cores)
    variable = try container.decodeIfPresent(Variable.self, forKey: .variable)
    nanoseconds = try container.decodeIfPresent(Spread.self, forKey: .nanoseconds)
    cycles = try container.decodeIfPresent(Double.self, forKey: .cycles)
    instructions = try container.decodeIfPresent(Double.self, forKey: .instructions)
    latency = try container.decodeIfPresent(LatencyQuantiles.self, forKey: .latency)
    calibration = try container.decode([Double].self, forKey: .calibration)
    away = try container.decode([Double].self, forKey: .away)
    peers = try container.decode([PeerFigure].self, forKey: .peers)
    figures = try container.decode([Figure].self, forKey: .figures)
    note = try container.decodeIfPresent(String.self, forKey: .note)
    isPart = try container.decodeIfPresent(Bool.self, forKey: .isPart) ?? false
  }
}
