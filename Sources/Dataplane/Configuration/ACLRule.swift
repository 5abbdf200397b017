import Wire

/// One access rule. A field that is nil matches everything.
public struct ACLRule: Equatable, Sendable {
  /// A name for reports.
  public var name: String
  /// What happens to a packet that matches.
  public var action: ACLAction
  /// Ingress port.
  public var port: PortID?
  /// Ethertype after VLAN tags.
  public var etherType: UInt16?
  /// VLAN the packet is in; untagged frames of routed ports are in none.
  public var vlan: VLANID?
  /// IP source.
  public var source: IPPrefix?
  /// IP destination.
  public var destination: IPPrefix?
  /// IP protocol.
  public var ipProtocol: UInt8?
  /// TCP or UDP source ports.
  public var sourcePorts: ClosedRange<UInt16>?
  /// TCP or UDP destination ports.
  public var destinationPorts: ClosedRange<UInt16>?
  /// DSCP, 0 to 63.
  public var dscp: UInt8?

  /// A rule that matches everything.
  public init(name: String, action: ACLAction) {
    self.name = name
    self.action = action
  }
}

/// What an access rule does.
public enum ACLAction: Equatable, Sendable {
  /// Forwards the packet.
  case permit
  /// Drops it.
  case deny
  /// Forwards it with another DSCP, which also classifies it.
  case remark(dscp: UInt8)
  /// Forwards it, and sends a copy as received out of a port.
  case mirror(to: PortID)
}
