import Wire

/// What makes packets one flow for the collector: addresses, protocol, ports, and of RoCEv2 the receiver's queue pair.
///
/// A trivial value of 48 bytes. Addresses of version 4 are in the low halves.
public struct FlowIdentity: BitwiseCopyable, Equatable, Hashable, Sendable {
  /// The sender's address, first half.
  public var sourceHigh: UInt64 = 0
  /// The sender's address, second half.
  public var sourceLow: UInt64 = 0
  /// The receiver's address, first half.
  public var destinationHigh: UInt64 = 0
  /// The receiver's address, second half.
  public var destinationLow: UInt64 = 0
  /// The sender's port; 0 without ports.
  public var sourcePort: UInt16 = 0
  /// The receiver's port, as it is without telemetry; 0 without ports.
  public var destinationPort: UInt16 = 0
  /// The receiver's queue pair; ``noQueuePair`` without one.
  public var queuePair: UInt32 = FlowIdentity.noQueuePair
  /// A value of `IPProtocol`.
  public var ipProtocol: UInt8 = 0
  /// 4 or 6; 0: the report did not hold a packet with an IP header.
  public var version: UInt8 = 0

  /// No queue pair: those have 24 bits.
  public static let noQueuePair = UInt32.max

  /// A flow that nothing is known of.
  public init() {}

  /// The sender's address; nil if it is not known.
  public var source: IPAddress? { address(sourceHigh, sourceLow) }

  /// The receiver's address; nil if it is not known.
  public var destination: IPAddress? { address(destinationHigh, destinationLow) }

  private func address(_ high: UInt64, _ low: UInt64) -> IPAddress? {
    switch version {
    case 4: .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))
    case 6: .v6(IPv6Address(high: high, low: low))
    default: nil
    }
  }

  /// The protocol's name, or its number.
  public var protocolName: String {
    switch ipProtocol {
    case _ where version == 0: "unknown"
    case IPProtocol.udp: queuePair == Self.noQueuePair ? "udp" : "roce"
    case IPProtocol.tcp: "tcp"
    case IPProtocol.icmp, IPProtocol.icmpV6: "icmp"
    default: "ip-\(ipProtocol)"
    }
  }

  /// `10.0.0.1:49152 > 10.0.0.2:4791 roce qp 17`.
  public var text: String {
    guard let source, let destination else { return "unknown" }
    let ports = ipProtocol == IPProtocol.udp || ipProtocol == IPProtocol.tcp
    func end(_ address: IPAddress, _ port: UInt16) -> String {
      guard ports else { return "\(address)" }
      return version == 6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
    let pair = queuePair == Self.noQueuePair ? "" : " qp \(queuePair)"
    return "\(end(source, sourcePort)) > \(end(destination, destinationPort)) \(protocolName)\(pair)"
  }
}

extension FlowIdentity: TableKey {
  func hash(seed: UInt64) -> UInt64 {
    var hash = Mixer(seed)
    hash.add(sourceHigh)
    hash.add(sourceLow)
    hash.add(destinationHigh)
    hash.add(destinationLow)
    hash.add(UInt64(sourcePort) << 48 | UInt64(destinationPort) << 32 | UInt64(queuePair))
    hash.add(UInt64(ipProtocol) << 8 | UInt64(version))
    return hash.value
  }
}
