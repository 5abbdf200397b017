/// Which ports are in which VLAN, for flooding.
struct VLANTable: ~Copyable {
  /// One port of a VLAN.
  struct Member {
    var port: PortID
    var isTagged: Bool
  }

  private let starts: FlatTable<Int>
  private let members: FlatTable<Member>

  init(_ configuration: SwitchConfiguration) {
    var byVLAN: [[Member]] = Array(repeating: [], count: 4096)
    for (index, port) in configuration.ports.enumerated() {
      switch port.role {
      case .routed: break
      case .access(let vlan):
        byVLAN[Int(vlan.rawValue)].append(Member(port: PortID(index), isTagged: false))
      case .trunk(let allowed, let native):
        for vlan in Set(native.map { allowed + [$0] } ?? allowed).sorted() {
          byVLAN[Int(vlan.rawValue)].append(Member(port: PortID(index), isTagged: vlan != native))
        }
      }
    }
    starts = FlatTable(repeating: 0, count: 4097)
    var next = 0
    for vlan in 0..<4096 {
      starts.base[vlan] = next
      next += byVLAN[vlan].count
    }
    starts.base[4096] = next
    members = FlatTable(byVLAN.flatMap { $0 })
  }

  /// The ports of a VLAN, in the order of the configuration.
  @inline(__always)
  func members(of vlan: UInt16) -> UnsafeBufferPointer<Member> {
    let start = starts.base[Int(vlan)]
    return UnsafeBufferPointer(start: members.base + start, count: starts.base[Int(vlan) &+ 1] &- start)
  }

  /// True if a port carries a VLAN. Linear in the ports of the VLAN.
  @inline(__always)
  func contains(_ vlan: UInt16, _ port: PortID) -> Bool {
    for member in members(of: vlan) where member.port == port { return true }
    return false
  }

  /// True if a port, which carries the VLAN, sends it tagged.
  @inline(__always)
  func isTagged(_ vlan: UInt16, _ port: PortID) -> Bool {
    for member in members(of: vlan) where member.port == port { return member.isTagged }
    return false
  }
}
