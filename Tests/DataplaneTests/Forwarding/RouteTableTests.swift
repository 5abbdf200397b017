import TestSupport
import Testing
import Wire

@testable import Dataplane

/// Large tables against a search for the longest match over the very same list.
@Suite("Route table")
struct RouteTableTests {
  /// The longest match by one dictionary per prefix length: no tries, no DPDK.
  private struct NaiveTable {
    private var byLength: [Int: [IPAddress: Int]] = [:]

    mutating func add(_ prefix: IPPrefix, _ group: Int) {
      byLength[prefix.length, default: [:]][prefix.address] = group
    }

    func lookup(_ address: IPAddress) -> Int? {
      for length in byLength.keys.sorted(by: >) where length <= address.bitWidth {
        guard let network = IPPrefix(address: address, length: length)?.network.address else { continue }
        if let group = byLength[length]?[network] { return group }
      }
      return nil
    }
  }

  /// A router with 32 next-hop groups, and routes that refer to them at random.
  private static func router(_ prefixes: [IPPrefix], _ random: inout SplitMix64) -> SwitchConfiguration {
    var router = TestConfiguration.router(ports: 8)
    for number in 0..<32 {
      TestConfiguration.route(&router, "198.18.\(number).0/24", [("10.0.\(1 + number % 8).2", number % 8, 1)])
    }
    router.routes = prefixes.map { RouteConfiguration(prefix: $0, group: random.below(32)) }
    return router
  }

  /// Looks up addresses in and just outside of some of the prefixes, and anywhere.
  private static func check(_ configuration: SwitchConfiguration, lookups: Int, _ random: inout SplitMix64) throws {
    let device = try Switch(
      configuration, memory: PacketMemory(counts: (64, 16, 16)), ticksPerSecond: VirtualSwitch.ticksPerSecond)
    var naive = NaiveTable()
    for route in configuration.routes { naive.add(route.prefix, route.group) }
    var mismatches: [String] = []
    for index in 0..<lookups {
      let route = configuration.routes[random.below(configuration.routes.count)]
      let address: IPAddress
      let found: RouteTarget
      switch route.prefix.address {
      case .v4(let network):
        let hostBits = route.prefix.length == 0 ? UInt32.max : (1 << UInt32(32 - route.prefix.length)) &- 1
        let host = [0, hostBits, UInt32(truncatingIfNeeded: random.next()) & hostBits, hostBits &+ 1][index % 4]
        let key = IPv4Address(bits: network.bits &+ host)
        // The switch's own subnets are not in the list.
        if key.bits >> 24 == 10 { continue }
        (address, found) = (.v4(key), device.tables.routes.lookup(key))
      case .v6(let network):
        let noise = (random.next(), random.next())
        let length = UInt64(route.prefix.length)
        let high = length >= 64 ? network.high : network.high | (length == 0 ? noise.0 : noise.0 >> length)
        let low = length <= 64 ? noise.1 : network.low | (length == 128 ? 0 : noise.1 >> (length - 64))
        let key = IPv6Address(high: high, low: index % 4 == 0 ? low &+ 1 : low)
        if key.high >> 56 == 0xFD || key.isLinkLocal { continue }
        (address, found) = (.v6(key), device.tables.routes.lookup(key))
      }
      let wanted = naive.lookup(address)
      let got = found.kind == .group ? found.index : nil
      if wanted != got {
        mismatches.append("\(address): \(String(describing: got)), not \(String(describing: wanted))")
      }
    }
    #expect(mismatches.isEmpty, "\(mismatches.count) of \(lookups), such as \(mismatches.prefix(3))")
  }

  private static func ipv4(_ bits: UInt64, _ length: Int) -> IPPrefix {
    IPPrefix(address: .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: bits))), length: length)!.network
  }

  private static func ipv6(_ high: UInt64, _ low: UInt64, _ length: Int) -> IPPrefix {
    IPPrefix(address: .v6(IPv6Address(high: high, low: low)), length: length)!.network
  }

  @Test("All prefix lengths, nested within each other, in small tables")
  func nested() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<3 {
      let bases = (0..<8).map { _ in random.next() & ~(0x7F << 24) | 1 << 30 }
      var prefixes: [IPPrefix] = []
      for base in bases {
        for length in 0...32 where random.below(3) > 0 { prefixes.append(RouteTableTests.ipv4(base, length)) }
      }
      let high = random.next() >> 3 | 1 << 61
      for length in 0...128 where random.below(3) > 0 {
        prefixes.append(RouteTableTests.ipv6(high, random.next() | 1 << 63, length))
      }
      // Later routes to the same prefix win; so they do in a dictionary.
      prefixes.shuffle(using: &random)
      try RouteTableTests.check(RouteTableTests.router(prefixes, &random), lookups: 20_000, &random)
    }
  }

  @Test("Prefixes longer than /24 in more than 65 536 blocks, and IPv6 prefixes that share nothing")
  func diverse() throws {
    var random = SplitMix64(seed: 3)
    let blocks = Set((0..<70_000).map { _ in random.next() >> 40 & 0x7F_FFFF | 0x40_0000 }).sorted()
    var prefixes = blocks.map { RouteTableTests.ipv4($0 << 8 | random.next() & 0xFF, 25 + random.below(8)) }
    for _ in 0..<6000 { prefixes.append(RouteTableTests.ipv6(random.next() >> 3 | 1 << 61, random.next(), 64)) }
    for _ in 0..<500 { prefixes.append(RouteTableTests.ipv6(random.next() >> 3 | 1 << 61, random.next(), 128)) }
    try RouteTableTests.check(RouteTableTests.router(prefixes, &random), lookups: 40_000, &random)
  }

  @Test("A million IPv4 and two hundred thousand IPv6 routes")
  func large() throws {
    var random = SplitMix64(seed: 4)
    var prefixes: [IPPrefix] = []
    prefixes.reserveCapacity(1_200_000)
    // Lengths about as in the Internet's table: most are /24, few are longer.
    let lengths = [16, 18, 19, 20, 20, 21, 22, 22, 23, 23, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24]
    for index in 0..<1_000_000 {
      let length = index % 100 == 0 ? 25 + random.below(8) : lengths[random.below(lengths.count)]
      prefixes.append(RouteTableTests.ipv4(random.next() & 0xFFFF_FFFF, length))
    }
    // Allocations of /32, most of which announce /48s out of a few of their /40s.
    let allocations = (0..<20_000).map { _ in 0x2000_0000 | random.next() & 0x0FFF_FFFF }
    for index in 0..<200_000 {
      let allocation = allocations[index % allocations.count] << 32
      let length = [32, 36, 40, 44, 48, 48, 48, 48, 48, 48][index / allocations.count]
      prefixes.append(RouteTableTests.ipv6(allocation | random.next() & 0x03FF_0000, 0, length))
    }
    prefixes.shuffle(using: &random)
    try RouteTableTests.check(RouteTableTests.router(prefixes, &random), lookups: 20_000, &random)
  }
}
