import Dataplane

/// Benchmarking as of RFC 2544: one stream from a port to another.
public struct RFC2544<Device: DeviceUnderTest> {
  private let device: Device
  private let options: ProcedureOptions
  private let from: Int
  private let to: Int

  /// - Parameters:
  ///   - from: the port that frames come in on.
  ///   - to: the port that they leave by.
  public init(_ device: Device, _ options: ProcedureOptions, from: Int = 0, to: Int = 1) throws(ProcedureError) {
    guard device.rates.indices.contains(from), device.rates.indices.contains(to), from != to else {
      throw ProcedureError("the stream needs two ports, one to come in on and another to leave by")
    }
    self.device = device
    self.options = options
    self.from = from
    self.to = to
  }

  /// Carries all tests out, each for all frame sizes.
  public func run() throws -> ProcedureReport {
    var throughput = ProcedureTable(
      "Throughput", section: "26.1",
      method: "the highest rate without loss, by binary search to 1/\(options.resolution) of the line",
      [
        .init("frame_bytes", "frame B"), .init("offered_bits_per_second", "offered bit/s"),
        .init("frames_per_second", "frames/s"), .init("theory_frames_per_second", "line frames/s"),
        .init("line_percent", "% of line", digits: 3),
      ])
    var latency = ProcedureTable(
      "Latency", section: "26.2", method: "last bit in to first bit out, at the throughput",
      [
        .init("frame_bytes", "frame B"), .init("offered_bits_per_second", "offered bit/s"),
        .init("minimum_nanoseconds", "min ns", digits: 3), .init("mean_nanoseconds", "mean ns", digits: 3),
        .init("maximum_nanoseconds", "max ns", digits: 3),
      ])
    var loss = ProcedureTable(
      "Frame loss rate", section: "26.3", method: "from the line's rate down by 10 %, until two trials have no loss",
      [
        .init("frame_bytes", "frame B"), .init("load_percent", "load %"), .init("sent_frames", "sent"),
        .init("received_frames", "received"), .init("loss_percent", "loss %", digits: 4),
      ])
    var bursts = ProcedureTable(
      "Back-to-back frames", section: "26.4",
      method: "the longest burst at the line's rate without loss, up to \(options.longestBurst) frames",
      [
        .init("frame_bytes", "frame B"), .init("burst_frames", "frames"), .init("burst_bytes", "bytes"),
        .init("burst_nanoseconds", "ns", digits: 1), .init("is_limit", "no end found"),
      ])
    var recovery = ProcedureTable(
      "System recovery", section: "26.5",
      method:
        "110 % of the throughput, then half of that: until the last loss, and until the last frame of the overload has left",
      [
        .init("frame_bytes", "frame B"), .init("overload_bits_per_second", "overload bit/s"),
        .init("overload_lost_frames", "lost in overload"), .init("recovery_nanoseconds", "recovery ns", digits: 1),
        .init("drained_nanoseconds", "overload gone ns", digits: 1),
      ])
    for size in try options.sizes(for: device) {
      let (rate, result) = try self.throughput(of: size)
      throughput.rows.append([
        Double(size), Double(rate), result.framesPerSecond, theory(size), Double(rate) * 100 / Double(lineRate),
      ])
      latency.rows.append([
        Double(size), Double(rate), Double(result.leastLatency) / 1e3, result.meanLatency / 1e3,
        Double(result.mostLatency) / 1e3,
      ])
      loss.rows += try lossCurve(of: size)
      bursts.rows.append(try burst(of: size))
      if device.takesSeveralStreams { recovery.rows.append(try self.recovery(of: size, throughput: rate)) }
    }
    return ProcedureReport(
      document: "RFC 2544", conditions: device.conditions + conditions,
      tables: [throughput, latency, loss, bursts, recovery].filter { !$0.rows.isEmpty })
  }

  private var lineRate: UInt64 { device.rates[from].bitsPerSecond }

  private var conditions: [Condition] {
    [
      Condition("stream", "port \(from) to port \(to), \(options.trial) frames a trial"),
      Condition("loss allowed", "\(options.tolerance) frames of a million"),
      Condition("reset (26.6)", "not carried out: nothing here starts a device anew"),
    ]
  }

  /// Frames that the line can carry in a second (RFC 2544 section 26.1 calls it the theoretical maximum).
  private func theory(_ size: Int) -> Double { Double(lineRate) / Double(8 * (size + 20)) }

  private func offer(_ size: Int, _ rate: UInt64?, _ frames: UInt64) throws -> StreamResult {
    let stream = TestStream(
      from: from, to: to, frame: size, frames: frames, rate: rate.map { BitRate(bitsPerSecond: $0) })
    return try device.offer([stream])[0]
  }

  /// The highest rate that passes, and what the trial at it found.
  private func throughput(of size: Int) throws -> (UInt64, StreamResult) {
    let step = max(1, lineRate / options.resolution)
    var best: (UInt64, StreamResult)?
    var (low, high) = (UInt64(0), lineRate)
    var rate = lineRate
    while true {
      try options.progress("throughput, \(size) B: \(rate) bit/s")
      let result = try offer(size, rate, options.trial)
      if options.isLossless(result) { (low, best) = (rate, (rate, result)) } else { high = rate }
      if low == lineRate || high - low <= step { break }
      rate = low + (high - low) / 2
    }
    guard let best else { throw ProcedureError("frames of \(size) B are lost at any rate") }
    return best
  }

  private func lossCurve(of size: Int) throws -> [[Double?]] {
    var rows: [[Double?]] = []
    var clean = 0
    for percent in stride(from: UInt64(100), through: 10, by: -10) {
      try options.progress("frame loss, \(size) B: \(percent) %")
      let result = try offer(size, lineRate / 100 * percent, options.trial)
      rows.append([
        Double(size), Double(percent), Double(result.sent), Double(result.received),
        Double(result.lost) * 100 / Double(result.sent),
      ])
      clean = result.lost == 0 ? clean + 1 : 0
      if clean == 2 { break }
    }
    return rows
  }

  private func burst(of size: Int) throws -> [Double?] {
    var (low, high) = (UInt64(0), options.longestBurst + 1)
    var length = min(options.longestBurst, 1024)
    while low + 1 < high {
      try options.progress("back-to-back, \(size) B: \(length) frames")
      if options.isLossless(try offer(size, nil, length)) { low = length } else { high = length }
      // Doubling first: long bursts take long.
      length = high > options.longestBurst ? min(options.longestBurst, length * 2) : low + (high - low) / 2
      if low == options.longestBurst { break }
    }
    let nanoseconds = Double(low) * Double(8 * (size + 20)) * 1e9 / Double(lineRate)
    return [
      Double(size), Double(low), Double(low) * Double(size), nanoseconds, low == options.longestBurst ? 1 : 0,
    ]
  }

  private func recovery(of size: Int, throughput: UInt64) throws -> [Double?] {
    try options.progress("recovery, \(size) B")
    let overload = min(lineRate, throughput + throughput / 10)
    // Twice what a trial has: the overload must fill the buffer, at one tenth more than the port takes.
    let frames = options.trial * 2
    var first = TestStream(
      from: from, to: to, frame: size, frames: frames, rate: BitRate(bitsPerSecond: overload))
    first.start = Picoseconds(1_000_000)
    let slot = Double(8 * (size + 20)) * 1e12
    let change = 1e6 + Double(frames) * slot / Double(overload)
    var second = first
    second.rate = BitRate(bitsPerSecond: overload / 2)
    second.start = Picoseconds(UInt64(change))
    let results = try device.offer([first, second])
    let lastLoss = Double(results[1].lastLost) * slot / Double(overload / 2)
    let drained = Double(results[0].lastDeparture) - change
    return [
      Double(size), Double(overload), Double(results[0].lost), lastLoss / 1e3, max(0, drained) / 1e3,
    ]
  }
}
