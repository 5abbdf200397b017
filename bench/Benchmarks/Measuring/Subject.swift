/// Something that takes part in rounds: this program in some configuration, or a peer.
public struct Subject {
  /// Its name.
  public let name: String
  /// A peer's version, as it says itself; empty otherwise.
  public let version: String
  private let body: (_ round: Int) throws -> Sample

  /// - Parameter measure: does the work of one round, and says what it did. Rounds count from 0.
  public init(name: String, version: String = "", measure: @escaping (_ round: Int) throws -> Sample) {
    self.name = name
    self.version = version
    body = measure
  }

  /// Does the work of one round.
  public func measure(round: Int) throws -> Sample { try body(round) }
}

/// What all rounds of a subject gave.
public struct Measurement: Equatable, Sendable {
  /// The subject's name.
  public var name: String
  /// A peer's version.
  public var version: String
  /// One for each round.
  public var samples: [Sample] = []
  /// Nanoseconds of the calibration loop just before each round.
  public var calibration: [Double] = []

  /// Nothing measured yet.
  public init(name: String, version: String = "") {
    self.name = name
    self.version = version
  }
}
