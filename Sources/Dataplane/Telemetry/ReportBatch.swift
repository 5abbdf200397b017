import Wire

/// Reports that wait to be sent together, in flat memory.
struct ReportBatch: ~Copyable {
  /// Whether there is a collector.
  let isOn: Bool
  /// One.
  let state: FlatTable<ReportState>
  /// The reports of the next datagram, one behind the other.
  let buffer: FlatTable<UInt8>

  init(
    _ reports: TelemetryReportConfiguration?, _ configuration: SwitchConfiguration, _ slice: Slice,
    ticksPerSecond: UInt64
  ) {
    isOn = reports != nil
    let value = reports ?? TelemetryReportConfiguration(collector: .v4(IPv4Address(bits: 0)))
    state = FlatTable(
      repeating: ReportState(value, configuration, slice, ticksPerSecond: ticksPerSecond), count: 1)
    buffer = FlatTable(zeroed: reports == nil ? 0 : value.batch)
  }
}

/// How reports are sent, and where sending stands.
struct ReportState {
  let collector: IPAddress
  let source: IPAddress?
  let port: UInt16
  /// Tells datagrams of this switch apart from those of others where paths are chosen by ports.
  let sourcePort: UInt16
  let dscp: UInt8
  let truncation: Int
  let capacity: Int
  let flushTicks: UInt64
  let hardwareID: UInt8
  private let interval: UInt64
  private let burstTicks: UInt64
  private var free = Tick.zero

  /// Octets and reports in the buffer.
  var used = 0
  var count = 0
  /// Number of the next datagram.
  var sequence: UInt32 = 0
  /// When the buffer is sent, full or not.
  var deadline = Tick.never
  /// The port that sees to that.
  var owner = PortID.none

  init(
    _ reports: TelemetryReportConfiguration, _ configuration: SwitchConfiguration, _ slice: Slice,
    ticksPerSecond: UInt64
  ) {
    collector = reports.collector
    source = reports.source
    port = reports.port
    sourcePort = 0xC000 | UInt16(truncatingIfNeeded: FlowHasher.scramble(UInt64(configuration.id))) & 0x3FFF
    dscp = reports.dscp
    truncation = reports.truncation
    capacity = reports.batch
    flushTicks = reports.flush.ticks(perSecond: ticksPerSecond)
    hardwareID = UInt8(truncatingIfNeeded: slice.number & 63)
    let rate = slice.share(of: reports.rate)
    interval = reports.rate == 0 ? 0 : max(1, ticksPerSecond / max(1, rate))
    burstTicks = (max(1, reports.burst) &- 1) &* interval
  }

  /// From the first byte of a frame with reports to its UDP header.
  var transportOffset: Int {
    if case .v4 = collector { return EthernetHeader.length &+ IPv4Header.minimumLength }
    return EthernetHeader.length &+ IPv6Header.length
  }

  /// Whether one more report may be made now; it then counts.
  @inline(always)
  mutating func allows(at now: Tick) -> Bool {
    guard free.rawValue <= now.rawValue &+ burstTicks else { return false }
    free = max(free, now) + interval
    return true
  }
}
