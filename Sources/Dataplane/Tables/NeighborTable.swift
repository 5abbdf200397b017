import CShims
import Wire

/// A neighbour: an IP address on an interface, and the MAC address it is reached at.
struct Neighbor {
  /// Low 48 bits: MAC address. Meaningless unless resolved.
  var mac: UInt64 = 0
  /// Largest IP packet of its interface.
  var mtu: UInt32 = 0
  /// The routed port it is on; none if its interface is a VLAN.
  var port = PortID.none
  private(set) var isResolved = false
  /// The longest frame that can be sent to it as it is: 0 unless it is resolved, and on a port.
  private(set) var longestFrame: UInt32 = 0
  /// Configured: never changes.
  var isStatic = false
  /// Index of the routed interface.
  var interface: UInt32 = 0
  /// Static or a configured next hop: never makes room for another.
  var isPinned = false
  /// When it was last heard of.
  var heard = Tick.zero
  /// When ARP or ND last asked for it.
  var asked = Tick.never
  /// Its address, for asking.
  var address: IPAddress = .v4(IPv4Address(bits: 0))

  /// Nobody.
  init() {}

  /// One that is not resolved yet.
  init(on interface: Int, mtu: UInt32, port: PortID, address: IPAddress) {
    self.mtu = mtu
    self.port = port
    self.interface = UInt32(truncatingIfNeeded: interface)
    self.address = address
  }

  /// Notes its MAC address.
  mutating func resolve(_ mac: UInt64) {
    self.mac = mac
    isResolved = true
    longestFrame = port == .none ? 0 : mtu &+ UInt32(truncatingIfNeeded: EthernetHeader.length)
  }
}

/// All neighbours, found by interface and address on DPDK's hash table. Positions do not change while an entry lives:
/// they are what packets and next-hop groups hold.
struct NeighborTable: ~Copyable {
  private let positions: UnsafeMutableRawPointer
  private let interfaces: UnsafeMutablePointer<Interface>
  let entries: FlatTable<Neighbor>
  // When entries may next be searched for some that make room: one element.
  private let nextSearch = FlatTable(repeating: Tick.zero, count: 1)
  private let ticksPerSecond: UInt64

  private struct Key {
    var interface: UInt64
    var high: UInt64
    var low: UInt64
  }

  /// - Parameter interfaces: all routed interfaces; they outlive the table.
  init(
    capacity: Int, interfaces: UnsafeMutablePointer<Interface>, ticksPerSecond: UInt64
  ) throws(SwitchError) {
    guard let positions = pst_table_create(UInt32(capacity), UInt32(MemoryLayout<Key>.size)) else {
      throw SwitchError.outOfMemory("\(capacity) neighbours")
    }
    self.positions = positions
    self.interfaces = interfaces
    self.ticksPerSecond = ticksPerSecond
    entries = FlatTable(repeating: Neighbor(), count: capacity + 1)
  }

  deinit { pst_table_free(positions) }

  @inline(__always)
  private static func key(_ interface: Int, _ address: IPAddress) -> Key {
    switch address {
    case .v4(let address): Key(interface: UInt64(interface) << 1, high: 0, low: UInt64(address.bits))
    case .v6(let address): Key(interface: UInt64(interface) << 1 | 1, high: address.high, low: address.low)
    }
  }

  /// The position of a neighbour, or a negative number.
  @inline(__always)
  func find(interface: Int, address: IPAddress) -> Int {
    var key = NeighborTable.key(interface, address)
    return Int(pst_table_lookup(positions, &key))
  }

  /// The position of a neighbour, added unresolved if it is not known; negative if the table is full.
  func findOrAdd(interface: Int, address: IPAddress, at now: Tick) -> Int {
    let found = find(interface: interface, address: address)
    if found >= 0 { return found }
    var key = NeighborTable.key(interface, address)
    var position = Int(pst_table_add(positions, &key))
    if position < 0, now >= nextSearch.base[0] {
      nextSearch.base[0] = now + ticksPerSecond
      removeSilent(at: now)
      position = Int(pst_table_add(positions, &key))
    }
    if position >= 0 {
      entries.base[position] = Neighbor(
        on: interface, mtu: interfaces[interface].mtu, port: interfaces[interface].port, address: address)
    }
    return position
  }

  /// Makes room: forgets those that were asked for and have not answered for a second, as a scan of a subnet leaves
  /// them behind. Nobody holds the position of a neighbour that is not resolved, unless it is pinned.
  private func removeSilent(at now: Tick) {
    var position = 0
    while position < entries.count {
      let entry = entries.base[position]
      if !entry.isResolved, !entry.isPinned, entry.asked != .never, now - entry.asked >= ticksPerSecond {
        var key = NeighborTable.key(Int(entry.interface), entry.address)
        _ = pst_table_delete(positions, &key)
        entries.base[position] = Neighbor()
      }
      position &+= 1
    }
  }

  /// Notes the MAC address of a neighbour; static ones stay as they are.
  func learn(interface: Int, address: IPAddress, mac: MACAddress, at now: Tick) {
    let position = findOrAdd(interface: interface, address: address, at: now)
    guard position >= 0, !entries.base[position].isStatic else { return }
    entries.base[position].resolve(mac.bits)
    entries.base[position].heard = now
  }

  /// Takes over what another table has learned, but on ports that come or go. Interfaces have the same numbers in both.
  func learn(from old: borrowing NeighborTable, except changed: Set<Int>) {
    for position in 0..<old.entries.count {
      let entry = old.entries.base[position]
      guard entry.isResolved, !entry.isStatic, !changed.contains(Int(entry.interface)) else { continue }
      learn(
        interface: Int(entry.interface), address: entry.address, mac: MACAddress(bits: entry.mac), at: entry.heard)
    }
  }

  /// The position of a neighbour of another table, added if it is not here.
  func adopt(_ neighbor: Neighbor, at now: Tick) -> Int {
    let found = find(interface: Int(neighbor.interface), address: neighbor.address)
    if found >= 0, entries.base[found].isResolved || !neighbor.isResolved { return found }
    guard neighbor.isResolved else {
      return findOrAdd(interface: Int(neighbor.interface), address: neighbor.address, at: now)
    }
    learn(interface: Int(neighbor.interface), address: neighbor.address, mac: MACAddress(bits: neighbor.mac), at: now)
    return find(interface: Int(neighbor.interface), address: neighbor.address)
  }
}
