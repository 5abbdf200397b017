import Dataplane
import Wire

/// What is known of the routes read so far: which prefixes there are, and where each was written.
struct RouteTable {
  private var index = PrefixIndex()
  /// Line of each route.
  private var lines: [UInt32] = []
  /// The files in the order in which they were begun: from which route on lines belong to which.
  private var files: [(first: Int, file: String)] = []

  /// Makes room for more routes.
  mutating func reserve(_ count: Int) {
    lines.reserveCapacity(lines.count + count)
    index.reserve(lines.count + count)
  }

  /// Lines from now on belong to a file; nil is the configuration itself.
  mutating func begin(file: String?) { files.append((lines.count, file ?? "")) }

  /// True if a prefix has a route.
  func has(_ prefix: IPPrefix, _ routes: [RouteConfiguration]) -> Bool { index.find(prefix, routes) != nil }

  /// Adds a route, unless its prefix is connected or has one already; what to report then.
  mutating func append(
    _ route: RouteConfiguration, line: Int, _ connected: ConnectedSubnets, file: String,
    to routes: inout [RouteConfiguration]
  ) -> (problem: String, remedy: String)? {
    let prefix = route.prefix
    if let name = connected.name(of: prefix) {
      return ("`\(prefix)` is the connected subnet of `\(name)`", "remove the route")
    }
    guard let number = index.insert(prefix, number: routes.count, routes) else {
      routes.append(route)
      lines.append(UInt32(truncatingIfNeeded: line))
      return nil
    }
    let origin = files.last { $0.first <= number }?.file ?? ""
    let place = origin == "" || origin == file ? "in line \(lines[number])" : "in \(origin):\(lines[number])"
    return ("`\(prefix)` is routed already, \(place)", "keep one of them")
  }
}

/// Finds prefixes among millions of routes by hashing, without a copy of them.
struct PrefixIndex {
  /// Number of a route plus one; 0 where free. A power of two, at most half full.
  private var slots: [UInt32] = Array(repeating: 0, count: 64)
  private var count = 0
  /// Prefixes by number, for growing.
  private var hashes: [UInt32] = []

  /// Makes room for a number of prefixes.
  mutating func reserve(_ wanted: Int) {
    hashes.reserveCapacity(wanted)
    var size = slots.count
    while size < wanted * 2 { size *= 2 }
    if size > slots.count { rebuild(size) }
  }

  /// Adds a prefix under a number, which counts up from 0; the number it has already if it does.
  mutating func insert(_ prefix: IPPrefix, number: Int, _ routes: [RouteConfiguration]) -> Int? {
    let hash = Self.hash(prefix)
    if let existing = find(prefix, hash, routes) { return existing }
    hashes.append(hash)
    count += 1
    if count * 2 > slots.count { rebuild(slots.count * 2) } else { place(hash, number) }
    return nil
  }

  /// The number of a prefix.
  func find(_ prefix: IPPrefix, _ routes: [RouteConfiguration]) -> Int? { find(prefix, Self.hash(prefix), routes) }

  private func find(_ prefix: IPPrefix, _ hash: UInt32, _ routes: [RouteConfiguration]) -> Int? {
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == hash, routes[number].prefix == prefix { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func place(_ hash: UInt32, _ number: Int) {
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(number + 1)
  }

  private mutating func rebuild(_ size: Int) {
    slots = Array(repeating: 0, count: size)
    for number in hashes.indices { place(hashes[number], number) }
  }

  private static func hash(_ prefix: IPPrefix) -> UInt32 {
    var mixed: UInt64
    switch prefix.address {
    case .v4(let address): mixed = UInt64(address.bits) << 16 | 4
    case .v6(let address): mixed = address.high ^ (address.low &* 0x9E37_79B9_7F4A_7C15) ^ 6
    }
    mixed = (mixed ^ UInt64(prefix.length) << 8) &* 0xD6E8_FEB8_6659_FD93
    mixed = (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
    return UInt32(truncatingIfNeeded: mixed >> 32)
  }
}
