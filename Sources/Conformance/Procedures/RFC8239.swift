import Dataplane

/// Data-centre benchmarking as of RFC 8239, and the response to PFC.
public struct RFC8239<Device: DeviceUnderTest> {
  private let device: Device
  private let options: ProcedureOptions
  /// The ports that are used: of the rate that most have.
  private let ports: [Int]

  /// Ports that are used at most: a full mesh has as many streams as their square.
  public static var mostPorts: Int { 16 }

  /// - Throws: ``ProcedureError`` if there are no three ports of one rate.
  public init(_ device: Device, _ options: ProcedureOptions) throws(ProcedureError) {
    var groups: [UInt64: [Int]] = [:]
    for (index, rate) in device.rates.enumerated() { groups[rate.bitsPerSecond, default: []].append(index) }
    let largest = groups.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    guard let ports = largest?.value, ports.count >= 3 else {
      throw ProcedureError("it takes three ports of one rate")
    }
    self.device = device
    self.options = options
    self.ports = Array(ports.prefix(RFC8239.mostPorts))
  }

  /// Carries all tests out, each for all frame sizes.
  public func run() throws -> ProcedureReport {
    var tables = [lineRateTable, bufferTable, microburstTable, blockingTable, incastTable, pauseTable]
    for size in try options.sizes(for: device) {
      tables[0].rows += try lineRate(size)
      tables[1].rows += try [bursts(size, senders: 2)]
      tables[2].rows += try [bursts(size, senders: ports.count - 1)]
      tables[3].rows += try blocking(size)
      tables[4].rows += try incast(size)
      tables[5].rows += try pauses(size)
    }
    return ProcedureReport(
      document: "RFC 8239", conditions: device.conditions + conditions, tables: tables.filter { !$0.rows.isEmpty })
  }

  private var rate: UInt64 { device.rates[ports[0]].bitsPerSecond }
  private var sink: Int { ports[ports.count - 1] }
  private var classes: [Bool] { device.isLossless ? [false, true] : [false] }

  private var conditions: [Condition] {
    [
      Condition("ports in use", "\(ports.count) of \(rate) bit/s"),
      Condition("frames", "\(options.trial) from each port a trial"),
      Condition("lossless", "1 in a column `lossless`: of the lossless class, and senders stop for pause frames"),
    ]
  }

  private func slot(_ size: Int) -> Double { Double(8 * (size + 20)) * 1e9 / Double(rate) }

  // MARK: Line rate

  private var lineRateTable: ProcedureTable {
    ProcedureTable(
      "Line-rate testing", section: "2",
      method: "full mesh: every port sends to every other in turn at its line's rate",
      [
        .init("frame_bytes", "frame B"), .init("sent_frames", "sent"), .init("lost_frames", "lost"),
        .init("line_percent", "% of line", digits: 3), .init("minimum_latency_nanoseconds", "min ns", digits: 1),
        .init("mean_latency_nanoseconds", "mean ns", digits: 1),
        .init("maximum_latency_nanoseconds", "max ns", digits: 1), .init("jitter_nanoseconds", "jitter ns", digits: 1),
      ])
  }

  private func lineRate(_ size: Int) throws -> [[Double?]] {
    try options.progress("line rate, \(size) B")
    let each = max(1, options.trial / UInt64(ports.count - 1))
    // Port i begins with its neighbour i + 1, so that no port is sent to by two at a time.
    let streams = ports.indices.flatMap { source in
      (1..<ports.count).map { step in
        TestStream(from: ports[source], to: ports[(source + step) % ports.count], frame: size, frames: each)
      }
    }
    let results = try device.offer(streams)
    let sent = results.reduce(0) { $0 + $1.sent }
    let received = results.reduce(0) { $0 + $1.received }
    let least = results.map(\.leastLatency).min() ?? 0
    let most = results.map(\.mostLatency).max() ?? 0
    let mean = results.reduce(0.0) { $0 + $1.meanLatency } / Double(results.count)
    // A stream has every turn-th slot of its port; its rate times their number is the port's.
    let share = results.map(\.framesPerSecond).min().map { $0 * Double(ports.count - 1) * slot(size) / 1e9 } ?? 0
    return [
      [
        Double(size), Double(sent), Double(sent - received), share * 100, Double(least) / 1e3, mean / 1e3,
        Double(most) / 1e3, Double(most - least) / 1e3,
      ]
    ]
  }

  // MARK: Buffering and microbursts

  private static func burstTable(_ title: String, section: String, _ senders: String) -> ProcedureTable {
    ProcedureTable(
      title, section: section,
      method: "\(senders) send a burst to one port at once; the longest without loss. With n senders of b frames each "
        + "(n - 1) b + 1 are stored at the end, and those in the pipeline",
      [
        .init("frame_bytes", "frame B"), .init("senders", "senders"), .init("burst_frames", "frames each"),
        .init("stored_frames", "stored frames"), .init("stored_bytes", "stored bytes"),
        .init("burst_nanoseconds", "ns", digits: 1), .init("is_limit", "no end found"),
      ])
  }

  private var bufferTable: ProcedureTable { RFC8239.burstTable("Buffering testing", section: "3", "two ports") }

  private var microburstTable: ProcedureTable {
    RFC8239.burstTable("Microburst testing", section: "4", "all other ports")
  }

  private func bursts(_ size: Int, senders: Int) throws -> [Double?] {
    var (low, high) = (UInt64(0), options.longestBurst + 1)
    var length = min(options.longestBurst, 256)
    while low + 1 < high {
      try options.progress("bursts of \(senders) ports, \(size) B: \(length) frames")
      let streams = ports.prefix(senders).map { TestStream(from: $0, to: sink, frame: size, frames: length) }
      let isClean = try device.offer(streams).allSatisfy { options.isLossless($0) }
      if isClean { low = length } else { high = length }
      length = high > options.longestBurst ? min(options.longestBurst, length * 2) : low + (high - low) / 2
    }
    // A frame is stored without its check sequence.
    let stored = UInt64(senders - 1) * low + (low > 0 ? 1 : 0)
    return [
      Double(size), Double(senders), Double(low), Double(stored), Double(stored) * Double(size - 4),
      Double(low) * slot(size), low == options.longestBurst ? 1 : 0,
    ]
  }

  // MARK: Head-of-line blocking

  private var blockingTable: ProcedureTable {
    ProcedureTable(
      "Head-of-line blocking", section: "5",
      method: "the first port sends half of its rate to the last but one, where it meets nobody, and half to the last, "
        + "which all others send all of their rates to",
      [
        .init("frame_bytes", "frame B"), .init("lossless", "lossless"),
        .init("free_lost_frames", "lost, free"), .init("free_percent", "free, % of offered", digits: 3),
        .init("blocked_lost_frames", "lost, congested"), .init("blocked_percent", "congested, % of offered", digits: 3),
      ])
  }

  private func blocking(_ size: Int) throws -> [[Double?]] {
    guard ports.count >= 4 else { return [] }
    return try classes.map { isLossless in
      try options.progress("head-of-line blocking, \(size) B")
      let half = BitRate(bitsPerSecond: rate / 2)
      var streams = [
        TestStream(from: ports[0], to: ports[ports.count - 2], frame: size, frames: options.trial, rate: half),
        TestStream(from: ports[0], to: sink, frame: size, frames: options.trial, rate: half),
      ]
      for port in ports[1..<ports.count - 2] {
        streams.append(TestStream(from: port, to: sink, frame: size, frames: 2 * options.trial))
      }
      for index in streams.indices { streams[index].isLossless = isLossless }
      let results = try device.offer(streams)
      let offered = 5e8 / slot(size)
      return [
        Double(size), isLossless ? 1 : 0, Double(results[0].lost), results[0].framesPerSecond * 100 / offered,
        Double(results[1].lost), results[1].framesPerSecond * 100 / offered,
      ]
    }
  }

  // MARK: Incast

  private var incastTable: ProcedureTable {
    ProcedureTable(
      "Incast", section: "6", method: "all other ports send to one at their lines' rates, stateless",
      [
        .init("frame_bytes", "frame B"), .init("lossless", "lossless"), .init("senders", "senders"),
        .init("lost_percent", "lost %", digits: 4), .init("line_percent", "% of line out", digits: 3),
        .init("fairness", "fairness (Jain)", digits: 4), .init("maximum_latency_nanoseconds", "max ns", digits: 1),
      ])
  }

  private func incast(_ size: Int) throws -> [[Double?]] {
    try classes.map { isLossless in
      try options.progress("incast, \(size) B")
      let streams = ports.dropLast().map { port in
        var stream = TestStream(from: port, to: sink, frame: size, frames: options.trial)
        stream.isLossless = isLossless
        return stream
      }
      let results = try device.offer(streams)
      let sent = results.reduce(0) { $0 + $1.sent }
      let received = results.reduce(0) { $0 + $1.received }
      let end = results.map(\.lastDeparture).max() ?? 0
      let begin = results.map { $0.lastDeparture - $0.span }.min() ?? 0
      let rates = results.map(\.framesPerSecond)
      let sum = rates.reduce(0, +)
      let squares = rates.reduce(0) { $0 + $1 * $1 }
      let perSecond = end > begin ? Double(received - 1) * 1e12 / Double(end - begin) : 0
      return [
        Double(size), isLossless ? 1 : 0, Double(streams.count), Double(sent - received) * 100 / Double(sent),
        perSecond * slot(size) / 1e7, squares > 0 ? sum * sum / (Double(rates.count) * squares) : 0,
        Double(results.map(\.mostLatency).max() ?? 0) / 1e3,
      ]
    }
  }

  // MARK: Pauses

  private var pauseTable: ProcedureTable {
    ProcedureTable(
      "PFC response time", section: "IEEE 802.3 31B.3.7",
      method: "from the last bit of an XOFF, at 16 moments of a frame, to the end of the last frame and its gap",
      [
        .init("frame_bytes", "frame B"), .init("minimum_nanoseconds", "min ns", digits: 3),
        .init("mean_nanoseconds", "mean ns", digits: 3), .init("maximum_nanoseconds", "max ns", digits: 3),
        .init("allowed_nanoseconds", "allowed ns", digits: 3),
      ])
  }

  private func pauses(_ size: Int) throws -> [[Double?]] {
    guard device.isLossless else { return [] }
    let whole = slot(size) * 1000
    var times: [Double] = []
    for step in 0..<16 {
      try options.progress("PFC response, \(size) B")
      let phase = Picoseconds(UInt64(whole * Double(step) / 16))
      guard let time = try device.reaction(on: sink, frame: size, phase: phase) else { return [] }
      times.append(Double(time.count) / 1000)
    }
    // What the standard allows, and the frame that may have begun just before that.
    let allowed = WireTheory.quanta(WireTheory.responseQuanta(at: device.rates[sink]), at: device.rates[sink])
    return [
      [
        Double(size), times.min(), times.reduce(0, +) / Double(times.count), times.max(),
        Double(allowed) / 1000 + slot(size),
      ]
    ]
  }
}
