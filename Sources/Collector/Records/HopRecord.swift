/// What one node said about one packet, in nanoseconds and bytes. What it did not say is all ones.
struct HopRecord: BitwiseCopyable, Equatable, Sendable {
  static let unknown = UInt64.max
  static let unknownNumber = UInt32.max
  static let unknownQueue = UInt16.max

  var node = HopRecord.unknownNumber
  var ingress = HopRecord.unknownNumber
  var egress = HopRecord.unknownNumber
  var queue = HopRecord.unknownQueue
  /// The hop limit that the packet had in the node's report; 0: not known.
  var hopLimit: UInt8 = 0
  /// The node's utilisation of the egress interface, as it came.
  var utilisation = HopRecord.unknownNumber
  /// Bytes in the queue.
  var depth = HopRecord.unknown
  /// Nanoseconds in the node.
  var latency = HopRecord.unknown
  var ingressTime = HopRecord.unknown
  var egressTime = HopRecord.unknown
  /// Bytes in the buffer.
  var buffer = HopRecord.unknown

  var hop: PathHop { PathHop(node: node, ingress: ingress, egress: egress) }

  /// When the packet left, by the node's clock; nil if nothing was said about it.
  var departure: UInt64? {
    if egressTime != HopRecord.unknown { return egressTime }
    guard ingressTime != HopRecord.unknown else { return nil }
    return latency == HopRecord.unknown ? ingressTime : ingressTime.addingSaturating(latency)
  }

  /// Nanoseconds in the node, from what there is; nil if there is nothing.
  var stay: UInt64? {
    if latency != HopRecord.unknown { return latency }
    guard ingressTime != HopRecord.unknown, egressTime != HopRecord.unknown, egressTime >= ingressTime else {
      return nil
    }
    return egressTime - ingressTime
  }
}

/// A node and the interfaces that a packet came in and went out by; all ones are not known.
public struct PathHop: BitwiseCopyable, Equatable, Hashable, Sendable {
  /// The node.
  public var node: UInt32
  /// The interface that packets come in by.
  public var ingress: UInt32
  /// The interface that they go out by.
  public var egress: UInt32

  /// Whether two hops can be the same: what both know is equal.
  func agrees(with other: PathHop) -> Bool {
    func same(_ left: UInt32, _ right: UInt32) -> Bool {
      left == right || left == HopRecord.unknownNumber || right == HopRecord.unknownNumber
    }
    return node == other.node && same(ingress, other.ingress) && same(egress, other.egress)
  }

  /// `3`, or with interfaces `3 (1>2)`.
  public var text: String {
    let name = node == HopRecord.unknownNumber ? "?" : "\(node)"
    if ingress == HopRecord.unknownNumber, egress == HopRecord.unknownNumber { return name }
    func interface(_ number: UInt32) -> String { number == HopRecord.unknownNumber ? "?" : "\(number)" }
    return "\(name) (\(interface(ingress))>\(interface(egress)))"
  }
}

extension UInt64 {
  /// The sum, or the most there is.
  func addingSaturating(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The product, or the most there is but one: all ones mean "not known".
  func scaled(by factor: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max - 1 : Swift.min(product, .max - 1)
  }
}
