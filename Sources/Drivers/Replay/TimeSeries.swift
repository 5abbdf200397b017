import Dataplane

/// Traffic and queue depth of every port over time, in at most 1024 intervals of equal length.
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
  }

  /// Length of an interval.
  public private(set) var interval: Picoseconds
  /// By port.
  public private(set) var ports: [PortSeries]
  /// Number of intervals.
  public private(set) var count = 0

  /// Counters at the end of the last interval, to take differences from.
  private var last: [[UInt64]]

  static let capacity = 1024
  /// Length of an interval to begin with: 100 ns.
  static let firstInterval = Picoseconds(100_000)

  init(portCount: Int) {
    interval = TimeSeries.firstInterval
    ports = Array(repeating: PortSeries(), count: portCount)
    last = Array(repeating: Array(repeating: 0, count: 2 + QueueID.count), count: portCount)
  }

  /// The end of the present interval.
  var boundary: Tick { Tick(UInt64(count + 1) * interval.count) }

  /// Closes every interval that ends at or before `now`.
  mutating func close(upTo now: Tick, of device: borrowing Switch) {
    while boundary <= now {
      append(from: device)
      if count == TimeSeries.capacity { halve() }
    }
  }

  /// Closes the last, unfinished interval.
  mutating func finish(of device: borrowing Switch) { append(from: device) }

  private mutating func append(from device: borrowing Switch) {
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
    }
    count += 1
  }

  /// Merges intervals in pairs.
  private mutating func halve() {
    func pairs(_ values: [UInt64], _ merge: (UInt64, UInt64) -> UInt64) -> [UInt64] {
      stride(from: 0, to: values.count, by: 2).map { merge(values[$0], values[$0 + 1]) }
    }
    for port in ports.indices {
      ports[port].rxBytes = pairs(ports[port].rxBytes, +)
      ports[port].txBytes = pairs(ports[port].txBytes, +)
      for queue in 0..<QueueID.count {
        ports[port].queueTxBytes[queue] = pairs(ports[port].queueTxBytes[queue], +)
        ports[port].queueMaxBytes[queue] = pairs(ports[port].queueMaxBytes[queue], max)
      }
    }
    count /= 2
    interval.count *= 2
  }
}
