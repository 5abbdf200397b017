extension CheckReport {
  /// One impairment of a port.
  public struct Impairment: Codable, Equatable, Sendable {
    /// The port.
    public var port: String
    /// Its settings as they could stand in a configuration, defaults left out.
    public var settings: String
  }
}
