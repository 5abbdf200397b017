/// The switch as a node of in-situ OAM (RFC 9197): traces that it fills.
public struct IOAMConfiguration: Equatable, Sendable {
  /// Its number, 24 bits; nil: that of telemetry.
  public var nodeID: UInt32?
  /// Its number where 56 bits are asked for; nil: that of telemetry.
  public var wideNodeID: UInt64?
  /// The namespaces that it knows.
  public var namespaces: [IOAMNamespace] = []

  /// A node that knows no namespace.
  public init() {}
}

/// A namespace of IOAM, and the data that this node has for it.
public struct IOAMNamespace: Equatable, Sendable {
  /// Its number.
  public let id: UInt16
  /// Data of 32 bits; all ones: not known.
  public var data: UInt32
  /// Data of 64 bits; all ones: not known.
  public var wideData: UInt64

  /// A namespace.
  public init(id: UInt16, data: UInt32 = .max, wideData: UInt64 = .max) {
    self.id = id
    self.data = data
    self.wideData = wideData
  }
}
