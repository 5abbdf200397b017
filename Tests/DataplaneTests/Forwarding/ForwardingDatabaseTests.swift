import TestSupport
import Testing
import Wire

@testable import Dataplane

/// The table itself, small enough to be full.
@Suite("Forwarding database")
struct ForwardingDatabaseTests {
  /// Starts the packet environment, on which the table's memory comes from.
  private let environment: Result<Int, any Error> = Result { try PacketMemory(counts: (1, 1, 1)).available }

  private func mac(_ number: Int) -> MACAddress { MACAddress(bits: 0x0200_0000_0000 | UInt64(number)) }

  /// Learns stations 0 ..< `count`, station *n* on port *n*, at a tick; says which of them are known afterwards.
  private func fill(
    _ database: inout ForwardingDatabase, count: Int, at now: UInt64
  ) -> [Int] {
    for number in 0..<count { database.learn(vlan: 1, mac: mac(number), port: PortID(number), at: Tick(now)) }
    return (0..<count).filter { database.port(vlan: 1, mac: mac($0), at: Tick(now)) == PortID($0) }
  }

  @Test("A full table keeps what it has, and counts what it could not learn")
  func full() throws {
    _ = try environment.get()
    var database = try ForwardingDatabase(capacity: 64, ageingTicks: 1000)
    let known = fill(&database, count: 200, at: 0)
    #expect(known.count <= 64)
    #expect(known.count + Int(database.overflows) == 200)
    #expect(known.prefix(32) == Array(0..<32)[...])
    // What is known can still move and be renewed.
    database.learn(vlan: 1, mac: mac(0), port: PortID(99), at: Tick(500))
    #expect(database.port(vlan: 1, mac: mac(0), at: Tick(1500)) == PortID(99))
    #expect(database.port(vlan: 1, mac: mac(1), at: Tick(1000)) == PortID(1))
    #expect(database.port(vlan: 1, mac: mac(1), at: Tick(1001)) == nil)
  }

  @Test("Entries that have aged make room for new ones; young and static ones stay")
  func agedMakeRoom() throws {
    _ = try environment.get()
    var database = try ForwardingDatabase(capacity: 64, ageingTicks: 1000)
    try database.addStatic(vlan: 1, mac: mac(1000), port: PortID(7))
    let known = fill(&database, count: 200, at: 0)
    database.learn(vlan: 1, mac: mac(0), port: PortID(0), at: Tick(600))
    let overflows = database.overflows
    database.learn(vlan: 1, mac: mac(500), port: PortID(5), at: Tick(1001))
    #expect(database.overflows == overflows)
    #expect(database.port(vlan: 1, mac: mac(500), at: Tick(1001)) == PortID(5))
    #expect(database.port(vlan: 1, mac: mac(0), at: Tick(1001)) == PortID(0))
    #expect(database.port(vlan: 1, mac: mac(1000), at: Tick(1_000_000)) == PortID(7))
    for number in known.dropFirst() { #expect(database.port(vlan: 1, mac: mac(number), at: Tick(1001)) == nil) }
    // The room is really there again.
    #expect(fill(&database, count: known.count / 2, at: 1002).count == known.count / 2)
  }

  @Test("A full table of young stations is not searched for old ones again and again")
  func searchesRarely() throws {
    _ = try environment.get()
    var database = try ForwardingDatabase(capacity: 64, ageingTicks: 1000)
    _ = fill(&database, count: 64, at: 0)
    _ = fill(&database, count: 2000, at: 900)
    #expect(database.sweeps <= 1)
    _ = fill(&database, count: 2000, at: 1001)
    #expect(database.sweeps <= 3)
  }

  @Test("What was learned on a port can be forgotten; static entries stay")
  func forgets() throws {
    _ = try environment.get()
    var database = try ForwardingDatabase(capacity: 64, ageingTicks: 1000)
    try database.addStatic(vlan: 1, mac: mac(1000), port: PortID(3))
    database.learn(vlan: 1, mac: mac(1), port: PortID(3), at: Tick(0))
    database.learn(vlan: 1, mac: mac(2), port: PortID(4), at: Tick(0))
    database.forget(PortID(3))
    #expect(database.port(vlan: 1, mac: mac(1), at: Tick(0)) == nil)
    #expect(database.port(vlan: 1, mac: mac(2), at: Tick(0)) == PortID(4))
    #expect(database.port(vlan: 1, mac: mac(1000), at: Tick(0)) == PortID(3))
  }

  @Test("Static entries that do not fit are an error, not a silence")
  func tooManyStatic() throws {
    _ = try environment.get()
    var database = try ForwardingDatabase(capacity: 64, ageingTicks: 1000)
    #expect(throws: SwitchError.self) {
      for number in 0..<65 { try database.addStatic(vlan: 1, mac: mac(number), port: PortID(1)) }
    }
  }

  @Test("A switch has room for as many static entries as it is given")
  func manyStaticEntries() throws {
    var configuration = TestConfiguration.bridge(ports: 3)
    configuration.staticMACs = (0..<70_000).map {
      StaticMACConfiguration(vlan: VLANID(10), mac: mac($0), port: PortID(2))
    }
    var bridge = try VirtualSwitch(configuration)
    for number in [0, 1, 65_535, 65_536, 69_999] {
      #expect(
        bridge.exchange(Frame.layer2(from: 0x0200_FF00_0000, to: mac(number).bits), on: "p1").map(\.port) == ["p3"])
    }
  }
}
