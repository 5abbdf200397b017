/// What telemetry has counted, as values.
extension Switch {
  /// Counters of telemetry; nil: the switch has none.
  public var telemetryCounters: TelemetryCounters? { telemetry.isOn ? telemetry.counters.base.pointee : nil }

  /// Packets that each rule of the watch list matched, and those that it chose, in the order of the configuration.
  public var watchStatistics: [(matched: UInt64, chosen: UInt64)] {
    (0..<telemetry.watch.count).map { (telemetry.watch.base[$0].matched, telemetry.watch.base[$0].chosen) }
  }

  /// Says which point in time the clock's zero is, in nanoseconds: timestamps count from that point's zero. Called before
  /// the first packet; without it timestamps count from the clock's zero.
  public mutating func setTelemetryEpoch(nanoseconds: UInt64) {
    telemetry.settings.base.pointee.clock.epoch = nanoseconds
  }
}
