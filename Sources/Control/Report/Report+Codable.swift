/// A key that is only known when the report is written: a port's name, a queue's number.
struct NameKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Report: Codable {
  enum CodingKeys: String, CodingKey {
    case version
    case identity = "switch"
    case seed
    case durationPicoseconds = "duration_ps"
    case startNanoseconds = "start_ns"
    case inputs, notices, errors, totals, buffer, ports
    case pauseEvents = "pause_events"
    case pauseEventsOmitted = "pause_events_omitted"
    case nextHops = "next_hops"
    case telemetry, series
  }

  /// Writes the report with ports as an object by name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(identity, forKey: .identity)
    try container.encode(seed, forKey: .seed)
    try container.encode(durationPicoseconds, forKey: .durationPicoseconds)
    try container.encode(startNanoseconds, forKey: .startNanoseconds)
    try container.encode(inputs, forKey: .inputs)
    try container.encode(notices, forKey: .notices)
    try container.encode(errors, forKey: .errors)
    try container.encode(totals, forKey: .totals)
    try container.encode(buffer, forKey: .buffer)
    var named = container.nestedContainer(keyedBy: NameKey.self, forKey: .ports)
    for (index, port) in ports.enumerated() {
      try named.encode(IndexedPort(index: index, port: port), forKey: NameKey(port.name))
    }
    try container.encode(pauseEvents, forKey: .pauseEvents)
    try container.encode(pauseEventsOmitted, forKey: .pauseEventsOmitted)
    try container.encode(nextHops, forKey: .nextHops)
    try container.encodeIfPresent(telemetry, forKey: .telemetry)
    try container.encode(series, forKey: .series)
  }

  /// Reads a report; ports come back in the order of the configuration.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    version = try container.decode(Int.self, forKey: .version)
    identity = try container.decode(SwitchIdentity.self, forKey: .identity)
    seed = try container.decode(UInt64.self, forKey: .seed)
    durationPicoseconds = try container.decode(UInt64.self, forKey: .durationPicoseconds)
    startNanoseconds = try container.decode(Int64.self, forKey: .startNanoseconds)
    inputs = try container.decode([InputReport].self, forKey: .inputs)
    notices = try container.decode([String].self, forKey: .notices)
    errors = try container.decode([String].self, forKey: .errors)
    totals = try container.decode(TotalsReport.self, forKey: .totals)
    buffer = try container.decode(BufferReport.self, forKey: .buffer)
    pauseEvents = try container.decode([PauseEventReport].self, forKey: .pauseEvents)
    pauseEventsOmitted = try container.decode(UInt64.self, forKey: .pauseEventsOmitted)
    let named = try container.nestedContainer(keyedBy: NameKey.self, forKey: .ports)
    var indexed: [IndexedPort] = []
    for key in named.allKeys {
      var entry = try named.decode(IndexedPort.self, forKey: key)
      entry.port.name = key.stringValue
      indexed.append(entry)
    }
    ports = indexed.sorted { $0.index < $1.index }.map(\.port)
    nextHops = try container.decode([NextHopGroupReport].self, forKey: .nextHops)
    telemetry = try container.decodeIfPresent(TelemetryCounts.self, forKey: .telemetry)
    series = try container.decode(SeriesAxis.self, forKey: .series)
  }
}

/// A port together with its place in the configuration, which an object of ports would otherwise lose.
private struct IndexedPort: Codable {
  var index: Int
  var port: PortReport

  enum CodingKeys: String, CodingKey {
    case index
  }

  init(index: Int, port: PortReport) {
    self.index = index
    self.port = port
  }

  init(from decoder: any Decoder) throws {
    index = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .index)
    port = try PortReport(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try port.encode(to: encoder)
  }
}

extension PortReport: Codable {
  enum CodingKeys: String, CodingKey {
    case speedBitsPerSecond = "speed_bps"
    case rx, tx
    case macControl = "mac_control"
    case drops, queues, priorities, groups, series
  }

  /// Writes the port without its name, which is its key. Drops are sorted by reason.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(speedBitsPerSecond, forKey: .speedBitsPerSecond)
    try container.encode(rx, forKey: .rx)
    try container.encode(tx, forKey: .tx)
    try container.encode(macControl, forKey: .macControl)
    var reasons = container.nestedContainer(keyedBy: NameKey.self, forKey: .drops)
    for (reason, count) in drops.sorted(by: { $0.key < $1.key }) {
      try reasons.encode(count, forKey: NameKey(reason))
    }
    try container.encodeNumbered(queues, forKey: .queues)
    try container.encodeNumbered(priorities, forKey: .priorities)
    try container.encodeNumbered(groups, forKey: .groups)
    try container.encode(series, forKey: .series)
  }

  /// Reads a port; the name stays empty for the caller to fill in.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: "",
      speedBitsPerSecond: try container.decode(UInt64.self, forKey: .speedBitsPerSecond),
      rx: try container.decode(TrafficReport.self, forKey: .rx),
      tx: try container.decode(TrafficReport.self, forKey: .tx),
      macControl: try container.decode(MACControlReport.self, forKey: .macControl),
      drops: try container.decode([String: UInt64].self, forKey: .drops),
      queues: try container.decodeNumbered(QueueReport.self, forKey: .queues),
      priorities: try container.decodeNumbered(PriorityReport.self, forKey: .priorities),
      groups: try container.decodeNumbered(GroupReport.self, forKey: .groups),
      series: try container.decode(PortSeries.self, forKey: .series))
  }
}

extension KeyedEncodingContainer {
  /// Writes `values` as an object with the keys "0", "1" and so on.
  fileprivate mutating func encodeNumbered(_ values: [some Encodable], forKey key: Key) throws {
    var numbered = nestedContainer(keyedBy: NameKey.self, forKey: key)
    for (number, value) in values.enumerated() {
      try numbered.encode(value, forKey: NameKey("\(number)"))
    }
  }
}

extension KeyedDecodingContainer {
  /// Reads an object with the keys "0" to "7"; each must be there.
  fileprivate func decodeNumbered<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> [Value] {
    let numbered = try nestedContainer(keyedBy: NameKey.self, forKey: key)
    return try (0..<PortReport.queueCount).map { try numbered.decode(type, forKey: NameKey("\($0)")) }
  }
}
