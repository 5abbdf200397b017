import TestSupport
import Testing
import Wire

@testable import Dataplane

/// The table itself, small enough to be full.
@Suite("Neighbour table")
struct NeighborTableTests {
  /// Starts the packet environment, on which the table's memory comes from.
  private let environment: Result<Int, any Error> = Result { try PacketMemory(counts: (1, 1, 1)).available }

  private func address(_ number: Int) -> IPAddress { .v4(IPv4Address(bits: 0x0A00_0000 | UInt32(number))) }

  @Test("Those who never answered make room after a second; the others stay where they are")
  func makesRoom() throws {
    _ = try environment.get()
    let second: UInt64 = 1000
    let interfaces = FlatTable(repeating: Interface(), count: 1)
    let table = try NeighborTable(capacity: 64, interfaces: interfaces.base, ticksPerSecond: second)
    table.learn(interface: 0, address: address(1000), mac: MACAddress(bits: 7), at: Tick(0))
    let learned = table.find(interface: 0, address: address(1000))
    let pinned = table.findOrAdd(interface: 0, address: address(1001), at: Tick(0))
    table.entries.base[pinned].isPinned = true
    table.entries.base[pinned].asked = Tick(0)
    var refused = 0
    for number in 0..<100 {
      let position = table.findOrAdd(interface: 0, address: address(number), at: Tick(10))
      if position < 0 { refused += 1 } else { table.entries.base[position].asked = Tick(10) }
    }
    #expect(refused >= 38)
    // Not before a second has passed since they were asked for, and since the last search.
    #expect(table.findOrAdd(interface: 0, address: address(500), at: Tick(10 + second - 1)) < 0)
    #expect(table.findOrAdd(interface: 0, address: address(500), at: Tick(10 + second)) >= 0)
    #expect(table.find(interface: 0, address: address(0)) < 0)
    #expect(table.find(interface: 0, address: address(1000)) == learned)
    #expect(table.find(interface: 0, address: address(1001)) == pinned)
    #expect(table.entries.base[learned].mac == 7)
  }

  @Test("A switch has room for as many next hops as it is given")
  func manyNextHops() throws {
    var configuration = TestConfiguration.campus()
    configuration.ports[0].role = .routed(addresses: ["10.64.0.1/10"].compactMap { IPPrefix($0) })
    configuration.neighbors.removeAll { $0.interface == .port(PortID(0)) }
    for number in 0..<18_000 {
      let hop = IPAddress.v4(IPv4Address(bits: 0x0A40_0100 + UInt32(number)))
      let prefix = IPPrefix(address: .v4(IPv4Address(bits: 0xAC10_0000 + UInt32(number))), length: 32)!
      configuration.routes.append(RouteConfiguration(prefix: prefix, group: number))
      configuration.nextHopGroups.append(
        NextHopGroupConfiguration(
          prefix: prefix, members: [NextHopConfiguration(address: hop, interface: .port(PortID(0)))]))
    }
    var campus = try VirtualSwitch(configuration)
    for number in [0, 17_999] {
      campus.device.learnNeighbor(
        .v4(IPv4Address(bits: 0x0A40_0100 + UInt32(number))), on: PortID(0),
        mac: MACAddress(bits: Frame.station(number & 7)), at: Tick(0))
      let destination = "\(IPv4Address(bits: 0xAC10_0000 + UInt32(number)))"
      let out = campus.exchange(Frame(from: "10.0.2.2", to: destination).udp(1, 2), on: "r2")
      #expect(out.map { Array($0.bytes[..<6]) } == [Frame.octets(Frame.station(number & 7), count: 6)])
    }
  }
}
