import Dataplane
import Wire

/// The subnets of routed ports and VLAN interfaces, in which neighbours and next hops must be.
struct ConnectedSubnets {
  private struct Subnet {
    let address: IPPrefix
    let network: IPPrefix
    let interface: InterfaceReference
    let name: String
    let field: Field
  }

  /// What is known about an address.
  enum Lookup: Equatable {
    /// It is a neighbour on one interface.
    case neighbor(InterfaceReference)
    /// It is in subnets of several interfaces, which only link-local ones can share.
    case ambiguous([String])
    /// It cannot be a neighbour's; with what it is.
    case notNeighbor(String)
    /// It is in no subnet; with the nearest ones.
    case nowhere(nearest: [String])
    /// A mistake elsewhere hides the answer.
    case unknown
  }

  private var subnets: [Subnet] = []
  private var own: [OwnAddress: (name: String, line: Int)] = [:]
  private var names: [InterfaceReference: String] = [:]
  private var unknown: Set<InterfaceReference> = []
  private var networks: [IPPrefix: String] = [:]

  private struct OwnAddress: Hashable {
    let address: IPAddress
    /// Link-local addresses are unique on their interface only.
    let scope: InterfaceReference?
  }

  /// Adds an address of the switch's own; false if it has it already, which is reported.
  mutating func add(_ address: IPPrefix, _ interface: InterfaceReference, named name: String, _ field: Field) -> Bool {
    addInterface(interface, named: name)
    let key = OwnAddress(address: address.address, scope: address.address.isLinkLocal ? interface : nil)
    if let first = own[key] {
      field.report(
        "`\(address.address)` is an address of `\(first.name)` already, in line \(first.line)", "write another address")
      unknown.insert(interface)
      return false
    }
    own[key] = (name, field.line)
    let network = address.network
    if !address.address.isLinkLocal { networks[network] = name }
    subnets.append(Subnet(address: address, network: network, interface: interface, name: name, field: field))
    return true
  }

  /// Adds an interface, with or without addresses.
  mutating func addInterface(_ interface: InterfaceReference, named name: String) { names[interface] = name }

  /// Remembers that an interface has addresses that could not be read.
  mutating func addUnknown(_ interface: InterfaceReference) { unknown.insert(interface) }

  /// True if a mistake hides what an interface is.
  func isUnknown(_ interface: InterfaceReference) -> Bool { unknown.contains(interface) }

  /// The name of the interface whose subnet is exactly a prefix.
  func name(of network: IPPrefix) -> String? { networks[network] }

  /// True if there is such an interface.
  func has(_ interface: InterfaceReference) -> Bool { names[interface] != nil || unknown.contains(interface) }

  /// Reports subnets that overlap. Two addresses of one interface may share a subnet.
  func checkOverlaps() {
    let sorted = subnets.filter { !$0.address.address.isLinkLocal }.sorted { left, right in
      let (first, second) = (left.network.address, right.network.address)
      return first == second ? left.network.length < right.network.length : first.precedes(second)
    }
    // Prefixes nest or are disjoint, so that the ones that hold the current one are a stack.
    var enclosing: [Subnet] = []
    for subnet in sorted {
      while let last = enclosing.last, !last.network.contains(subnet.network.address) { enclosing.removeLast() }
      if let outer = enclosing.last, outer.interface != subnet.interface || outer.network != subnet.network {
        let (first, second) = outer.field.line <= subnet.field.line ? (outer, subnet) : (subnet, outer)
        second.field.report(
          "`\(second.network)` overlaps `\(first.network)` of `\(first.name)` in line \(first.field.line)",
          "give each interface a subnet of its own")
      }
      enclosing.append(subnet)
    }
  }

  /// Where an address is reached; on a certain interface, if one is given.
  func lookup(_ address: IPAddress, on interface: InterfaceReference? = nil) -> Lookup {
    let all = subnets.filter { $0.network.contains(address) && (interface == nil || $0.interface == interface) }
    guard let first = all.first else {
      if let interface {
        return unknown.contains(interface) ? .unknown : .nowhere(nearest: nearest(address, interface))
      }
      return unknown.isEmpty ? .nowhere(nearest: nearest(address, nil)) : .unknown
    }
    if let same = all.first(where: { $0.address.address == address }),
      all.allSatisfy({ $0.interface == same.interface })
    {
      return .notNeighbor("an address of the switch itself, on `\(same.name)`")
    }
    if let problem = first.network.whyNoHost(address) { return .notNeighbor("\(problem) of `\(first.network)`") }
    if all.contains(where: { $0.interface != first.interface }) { return .ambiguous(all.map(\.name)) }
    return .neighbor(first.interface)
  }

  /// Up to two subnets with the most leading bits in common, as `10.1.1.0/31 (s1)`.
  private func nearest(_ address: IPAddress, _ interface: InterfaceReference?) -> [String] {
    let candidates = subnets.filter {
      (interface == nil || $0.interface == interface) && $0.network.address.bitWidth == address.bitWidth
    }
    let ranked = candidates.enumerated().sorted { left, right in
      let (first, second) = (
        left.element.network.address.commonBits(with: address), right.element.network.address.commonBits(with: address)
      )
      return first == second ? left.offset < right.offset : first > second
    }
    return ranked.prefix(2).map { "`\($0.element.network)` (\($0.element.name))" }
  }
}

extension ConnectedSubnets.Lookup {
  /// What to report about an address that is no neighbour; nil if it is one, or if another mistake hides it.
  func mistake(_ address: IPAddress, on name: String? = nil) -> (problem: String, remedy: String)? {
    switch self {
    case .neighbor, .unknown: return nil
    case .ambiguous(let names):
      let list = Suggestion.alternatives(names)
      return ("`\(address)` could be on \(list)", "add `port` or `vlan` to say on which")
    case .notNeighbor(let what): return ("`\(address)` is \(what)", "write the neighbour's address")
    case .nowhere(let nearest):
      let problem =
        name.map { "`\(address)` is in no subnet of `\($0)`" } ?? "`\(address)` is in no connected subnet"
      guard !nearest.isEmpty else { return (problem, "give the interface an address of the same subnet") }
      return (problem, "write an address in \(nearest.joined(separator: " or "))")
    }
  }
}

extension IPAddress {
  /// True for IPv6 link-local addresses.
  var isLinkLocal: Bool { if case .v6(let address) = self { address.isLinkLocal } else { false } }

  /// Orders addresses: IPv4 first, then as numbers.
  func precedes(_ other: IPAddress) -> Bool {
    switch (self, other) {
    case (.v4(let left), .v4(let right)): left < right
    case (.v6(let left), .v6(let right)): left < right
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}

extension IPPrefix {
  /// Why an address of this subnet is no host's; nil if it can be one.
  func whyNoHost(_ host: IPAddress) -> String? {
    guard address.bitWidth - length > 1 else { return nil }
    if host == network.address { return host.bitWidth == 32 ? "the subnet address" : "the router anycast address" }
    if case .v4(let host) = host, ~host.bits << UInt32(length) == 0 { return "the broadcast address" }
    return nil
  }
}
