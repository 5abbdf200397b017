import CShims
import Wire

/// Which port a station is on, learned from source addresses (IEEE 802.1Q clause 8.7), on DPDK's hash table.
struct ForwardingDatabase: ~Copyable {
  struct Entry {
    var heard = Tick.zero
    var port = PortID.none
    var isStatic = false
    var isLive = false
    var key: UInt64 = 0
    /// When other slices were last told of it.
    var told = Tick.zero
  }

  private let positions: UnsafeMutableRawPointer
  let entries: FlatTable<Entry>
  let ageingTicks: UInt64
  /// Stations that were not learned because the table was full of younger ones.
  private(set) var overflows: UInt64 = 0
  /// Searches for aged entries.
  private(set) var sweeps: UInt64 = 0
  // No entry can have aged by then: new ones are younger than those that were there.
  private var nextAged = Tick.zero

  init(capacity: Int, ageingTicks: UInt64) throws(SwitchError) {
    guard let positions = pst_table_create(UInt32(capacity), 8) else {
      throw SwitchError.outOfMemory("\(capacity) MAC addresses")
    }
    self.positions = positions
    self.ageingTicks = ageingTicks
    entries = FlatTable(repeating: Entry(), count: capacity + 1)
  }

  deinit { pst_table_free(positions) }

  @inline(__always)
  private static func key(_ vlan: UInt16, _ mac: MACAddress) -> UInt64 { UInt64(vlan) << 48 | mac.bits }

  /// Adds an entry that neither ages nor moves.
  mutating func addStatic(vlan: UInt16, mac: MACAddress, port: PortID) throws(SwitchError) {
    var key = ForwardingDatabase.key(vlan, mac)
    let position = Int(pst_table_add(positions, &key))
    guard position >= 0 else { throw .outOfMemory("the static MAC address \(mac)") }
    entries.base[position] = Entry(heard: .zero, port: port, isStatic: true, isLive: true, key: key)
  }

  /// Notes that a station was heard on a port. Cost: one lookup, about 15 ns.
  @inline(__always)
  mutating func learn(vlan: UInt16, mac: MACAddress, port: PortID, at now: Tick) {
    var key = ForwardingDatabase.key(vlan, mac)
    let position = Int(pst_table_lookup(positions, &key))
    if position >= 0 {
      if entries.base[position].isStatic { return }
      entries.base[position].port = port
      entries.base[position].heard = now
    } else {
      add(key: key, port: port, at: now)
    }
  }

  @inline(never)
  private mutating func add(key: UInt64, port: PortID, at now: Tick) {
    var key = key
    var position = Int(pst_table_add(positions, &key))
    if position < 0 {
      removeAged(at: now)
      position = Int(pst_table_add(positions, &key))
    }
    guard position >= 0 else {
      overflows &+= 1
      return
    }
    entries.base[position] = Entry(heard: now, port: port, isStatic: false, isLive: true, key: key)
  }

  /// The same in a switch of several slices. The position of the station if others have to be told: it is new, has moved,
  /// or was not spoken of for a quarter of the ageing time. What they were told last must not age before the station does.
  mutating func learnUntold(vlan: UInt16, mac: MACAddress, port: PortID, at now: Tick) -> Int? {
    var key = ForwardingDatabase.key(vlan, mac)
    let position = Int(pst_table_lookup(positions, &key))
    guard position >= 0 else {
      add(key: key, port: port, at: now)
      let added = Int(pst_table_lookup(positions, &key))
      return added >= 0 ? added : nil
    }
    let entry = entries.base[position]
    if entry.isStatic { return nil }
    entries.base[position].heard = now
    entries.base[position].port = port
    return entry.port != port || now - entry.told > ageingTicks / 4 ? position : nil
  }

  /// Takes over what another slice has heard, unless something younger is known.
  mutating func learn(vlan: UInt16, mac: MACAddress, port: PortID, heard: Tick, at now: Tick) {
    var key = ForwardingDatabase.key(vlan, mac)
    let position = Int(pst_table_lookup(positions, &key))
    guard position >= 0 else { return add(key: key, port: port, at: min(heard, now)) }
    let entry = entries.base[position]
    if entry.isStatic || entry.heard > heard || (entry.heard == heard && entry.port > port) { return }
    entries.base[position].heard = min(heard, now)
    entries.base[position].port = port
    // Should it come back here, others have to know at once.
    entries.base[position].told = .zero
  }

  /// The port a station is on, or nil if it has not been heard of within the ageing time.
  @inline(__always)
  func port(vlan: UInt16, mac: MACAddress, at now: Tick) -> PortID? {
    var key = ForwardingDatabase.key(vlan, mac)
    let position = Int(pst_table_lookup(positions, &key))
    guard position >= 0 else { return nil }
    let entry = entries.base[position]
    if !entry.isStatic, now - entry.heard > ageingTicks { return nil }
    return entry.port
  }

  /// Makes room. A table full of young stations is not searched again before one of them can have aged.
  private mutating func removeAged(at now: Tick) {
    guard now >= nextAged else { return }
    sweeps &+= 1
    var oldest = now
    var position = 0
    while position < entries.count {
      let entry = entries.base[position]
      if entry.isLive, !entry.isStatic {
        if now - entry.heard > ageingTicks { remove(position) } else { oldest = min(oldest, entry.heard) }
      }
      position &+= 1
    }
    let (due, isNever) = oldest.rawValue.addingReportingOverflow(ageingTicks)
    nextAged = isNever ? .never : Tick(due) + 1
  }

  /// Takes over what another database has learned, but on ports that come or go.
  mutating func learn(from old: borrowing ForwardingDatabase, except changed: Set<Int>) {
    for position in 0..<old.entries.count {
      let entry = old.entries.base[position]
      guard entry.isLive, !entry.isStatic, !changed.contains(entry.port.index) else { continue }
      learn(
        vlan: UInt16(truncatingIfNeeded: entry.key >> 48), mac: MACAddress(bits: entry.key & 0xFFFF_FFFF_FFFF),
        port: entry.port, at: entry.heard)
    }
  }

  /// Forgets what was learned on a port.
  mutating func forget(_ port: PortID) {
    for position in 0..<entries.count {
      let entry = entries.base[position]
      if entry.isLive, !entry.isStatic, entry.port == port { remove(position) }
    }
  }

  private mutating func remove(_ position: Int) {
    var key = entries.base[position].key
    _ = pst_table_delete(positions, &key)
    entries.base[position].isLive = false
  }
}
