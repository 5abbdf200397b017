import Dataplane

/// Traffic, queue depth and flow control of every port over time, in at most 1024 intervals of equal length.
///
/// The length doubles whenever they run out, so that a microsecond and a day take the same memory.
public struct TimeSeries: Equatable, Sendable {
  /// What one port did in each interval.
  public struct PortSeries: Equatable, Sendable {
    /// Bytes received.
    public var rxBytes: [UInt64] = []
    /// Bytes sent.
    public var txBytes: [UInt64] = []
    /// By queue: bytes sent.
    public var queueTxBytes: [[UInt64]] = Array(repeating: [], count: QueueID.count)
    /// By queue: most bytes that waited.
    public var queueMaxBytes: [[UInt64]] = Array(repeating: [], count: QueueID.count)
    /// By priority group: most bytes that it had of the shared pool. Empty for a lossy group that never had any.
    public var groupSharedBytes: [[UInt64]] = Array(repeating: [], count: 8)
    /// By priority group: most bytes that it had of headroom. Empty where ``groupSharedBytes`` is.
    public var groupHeadroomBytes: [[UInt64]] = Array(repeating: [], count: 8)
    /// By priority group: what it might have had of the shared pool at the end of the interval. Empty where
    /// ``groupSharedBytes`` is; 0 before a lossy group's first packet.
    public var groupLimitBytes: [[UInt64]] = Array(repeating: [], count: 8)
    /// By priority: for how many ticks the neighbour had paused it. Empty for a priority that never was.
    public var pausedTicks: [[UInt64]] = Array(repeating: [], count: 8)
  }

  /// Length of an interval.
  public private(set) var interval: Picoseconds
  /// By port.
  public private(set) var ports: [PortSeries]
  /// Most bytes of the shared pool, or pools, that were in use in each interval.
  public private(set) var sharedPeakBytes: [UInt64] = []
  /// The first ``momentCapacity`` times that a priority group asked its neighbour to stop or to go on, or that the
  /// watchdog found a storm or its end; in the order in which they happened.
  public private(set) var pauseMoments: [PauseEvent] = []
  /// How many more there were.
  public private(set) var pauseMomentsOmitted: UInt64 = 0
  /// Number of intervals.
  public private(set) var count = 0

  /// How many moments ``pauseMoments`` holds at most.
  public static let momentCapacity = 4096

  /// By port, counters at the end of the last interval, to take differences from: received and sent, then what each
  /// queue sent and each priority was paused for.
  private var last: [[UInt64]]
  /// By port, a bit each: lossless priority groups, priorities that a neighbour can pause.
  private let losslessGroups: [UInt8]
  private let pausable: [UInt8]
  /// Priority groups that some packet may be in, a bit each.
  private let usedGroups: UInt8

  static let capacity = 1024
  /// Length of an interval to begin with: 100 ns.
  static let firstInterval = Picoseconds(100_000)

  init(_ configuration: SwitchConfiguration) {
    interval = TimeSeries.firstInterval
    ports = Array(repeating: PortSeries(), count: configuration.ports.count)
    last = Array(repeating: Array(repeating: 0, count: 2 + QueueID.count + 8), count: configuration.ports.count)
    losslessGroups = configuration.ports.map { configuration.losslessGroups(of: $0) }
    let mode = configuration.pause.mode
    pausable = configuration.ports.map {
      mode == .priority ? configuration.obeyedPriorities(of: $0) : mode == .link ? 0xFF : 0
    }
    usedGroups = configuration.qos.trafficClassToPriorityGroup.reduce(0) { $0 | 1 << $1.rawValue }
  }

  /// The end of the present interval.
  var boundary: Tick { Tick(UInt64(count + 1) * interval.count) }

  /// Closes every interval that ends at or before `now`.
  mutating func close(upTo now: Tick, of device: borrowing Switch) {
    while boundary <= now {
      append(from: device, at: boundary)
      if count == TimeSeries.capacity { halve() }
    }
  }

  /// Closes the last, unfinished interval, which ends with the replay.
  mutating func finish(of device: borrowing Switch, at end: Tick) {
    append(from: device, at: max(end, Tick(UInt64(count) * interval.count)))
  }

  /// Notes what happened to flow control.
  mutating func note(_ event: PauseEvent) {
    switch event.kind {
    case .threshold, .headroom, .drained, .storm, .restored:
      if pauseMoments.count < TimeSeries.momentCapacity {
        pauseMoments.append(event)
      } else {
        pauseMomentsOmitted += 1
      }
    case .sent, .refreshed, .received, .expired: break
    }
  }

  private mutating func append(from device: borrowing Switch, at end: Tick) {
    sharedPeakBytes.append(device.takeSharedIntervalPeak())
    for port in ports.indices {
      let id = PortID(port)
      func difference(_ position: Int, _ value: UInt64) -> UInt64 {
        defer { last[port][position] = value }
        return value - last[port][position]
      }
      ports[port].rxBytes.append(difference(0, device.received(on: id).bytes))
      ports[port].txBytes.append(difference(1, device.sent(on: id).bytes))
      for queue in 0..<QueueID.count {
        let statistics = device.statistics(of: QueueID(queue), on: id)
        ports[port].queueTxBytes[queue].append(difference(2 + queue, statistics.tx.bytes))
        ports[port].queueMaxBytes[queue].append(device.takeIntervalPeak(of: QueueID(queue), on: id))
      }
      for number in 0..<8 where usedGroups & 1 << UInt8(number) != 0 {
        let isLossless = losslessGroups[port] & 1 << UInt8(number) != 0
        appendGroup(PriorityGroup(number), isLossless: isLossless, of: device, id)
      }
      for number in 0..<8 where pausable[port] & 1 << UInt8(number) != 0 {
        let paused = device.statistics(of: PFCPriority(number), on: id, at: end).pausedTicks
        append(difference(2 + QueueID.count + number, paused), to: &ports[port].pausedTicks[number])
      }
    }
    count += 1
  }

  private mutating func appendGroup(
    _ group: PriorityGroup, isLossless: Bool, of device: borrowing Switch, _ port: PortID
  ) {
    let number = Int(group.rawValue)
    let peaks = device.takeIntervalPeaks(of: group, on: port)
    let isKept = isLossless || peaks.shared | peaks.headroom != 0 || !ports[port.index].groupSharedBytes[number].isEmpty
    guard isKept else { return }
    append(peaks.shared, to: &ports[port.index].groupSharedBytes[number], always: true)
    append(peaks.headroom, to: &ports[port.index].groupHeadroomBytes[number], always: true)
    append(device.use(of: group, on: port).limitBytes, to: &ports[port.index].groupLimitBytes[number], always: true)
  }

  /// Adds a value to a series that begins with the first one that is not 0; those before it are filled in.
  private func append(_ value: UInt64, to series: inout [UInt64], always: Bool = false) {
    guard always || value != 0 || !series.isEmpty else { return }
    if series.count < count { series += Array(repeating: 0, count: count - series.count) }
    series.append(value)
  }

  /// Merges intervals in pairs.
  private mutating func halve() {
    func pairs(_ values: inout [UInt64], _ merge: (UInt64, UInt64) -> UInt64) {
      values = stride(from: 0, to: values.count, by: 2).map { merge(values[$0], values[$0 + 1]) }
    }
    pairs(&sharedPeakBytes, max)
    for port in ports.indices {
      pairs(&ports[port].rxBytes, +)
      pairs(&ports[port].txBytes, +)
      for number in 0..<8 {
        pairs(&ports[port].queueTxBytes[number], +)
        pairs(&ports[port].queueMaxBytes[number], max)
        pairs(&ports[port].groupSharedBytes[number], max)
        pairs(&ports[port].groupHeadroomBytes[number], max)
        pairs(&ports[port].groupLimitBytes[number]) { $1 }
        pairs(&ports[port].pausedTicks[number], +)
      }
    }
    count /= 2
    interval.count *= 2
  }
}
