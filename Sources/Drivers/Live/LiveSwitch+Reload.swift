import Dataplane

extension LiveSwitch {
  /// Goes over to another configuration while packets flow. The tables are compiled here and changed between two rounds
  /// of the worker; queues, counters and what has been learned stay.
  ///
  /// - Throws: ``SwitchError``; then nothing has changed.
  public func reload(_ configuration: SwitchConfiguration) throws {
    try exchangeTables { device in try Switch.Generation(configuration, for: device) }
    setPorts(isUp: configuration.ports.map(\.isUp))
  }
}
