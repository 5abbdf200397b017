import Testing

@testable import Control

/// What is right at the edge, wrong beyond it, or right and worth a notice.
@Suite struct LimitTests {
  private func ports(_ count: Int) -> String {
    "ports:\n" + (0..<count).map { "  - {name: p\($0), speed: 10G}\n" }.joined()
  }

  @Test func portsAreCounted() throws {
    #expect(try load(ports(512)).configuration.ports.count == 512)
    #expect(mistakes(in: ports(513)) == ["leaf.yaml:514: ports[512]: there are 513 ports, write at most 512"])
  }

  @Test(arguments: [
    ("speed: 10M", "speed: 9999999bps"), ("speed: 1.6T", "speed: 1601G"), ("mtu: 68", "mtu: 67"),
    ("mtu: 9216", "mtu: 9217"),
    ("vlan: 1", "vlan: 0"), ("vlan: 4094", "vlan: 4095"), ("cable: 100km", "cable: 101km"),
    ("traffic-class: 7", "traffic-class: 8"),
    ("queues: {7: {schedule: {dwrr: 1000}}}", "queues: {7: {schedule: {dwrr: 1001}}}"),
    ("queues: {0: {schedule: {dwrr: 1}}}", "queues: {0: {schedule: {dwrr: 0}}}"),
    ("queues: {0: {ecn: {kmin: 1B, kmax: 1B, pmax: 100%}}}", "queues: {0: {ecn: {kmin: 2B, kmax: 1B, pmax: 100%}}}"),
    ("shaper: {rate: 1k, burst: 1GB}", "shaper: {rate: 999bps, burst: 1GB}"),
  ]) func boundsAreInclusive(right: String, wrong: String) {
    func yaml(_ setting: String) -> String {
      "ports: [{name: p, \(setting.hasPrefix("speed") ? "" : "speed: 10G, ")\(setting)}]"
    }
    #expect(mistakes(in: yaml(right)) == [])
    #expect(mistakes(in: yaml(wrong)).count == 1)
  }

  @Test func noticesNameWhatIsWorthKnowing() throws {
    let loaded = try load(
      """
      ports:
        - {name: p, speed: 10G, mtu: 1000, address: ["fd00::1/64", 10.0.1.1/24]}
        - {name: b, speed: 10G, vlan: 20}
      vlans: [{id: 10}]
      routes: [{prefix: 10.9.0.0/16, via: [{address: 10.0.1.2, weight: 0}]}]
      qos: {trust: dscp}
      """)
    #expect(
      loaded.notices == [
        "`p` has an IPv6 address and an MTU of 1000; IPv6 expects at least 1280", "no port carries VLAN 10",
        "every next hop of `10.9.0.0/16` is drained: its packets are dropped",
        "`buffer` is read and validated; it takes effect with the buffer model",
      ])
  }

  @Test func mistakesDoNotBreedOthers() {
    // The address of h1 is wrong; who is behind it cannot be judged, so nothing is said about that.
    let messages = mistakes(
      in: """
        ports:
          - {name: h1, speed: 10G, address: 10.0.1.1/244}
          - {name: b1, speed: 10G, vlan: 5000}
        neighbors: [{port: h1, address: 10.0.1.2, mac: "02:00:00:00:01:02"}]
        macs: [{vlan: 10, mac: "02:00:00:00:01:02", port: b1}]
        routes: [{prefix: 10.9.0.0/16, via: 10.0.1.2}]
        """)
    #expect(
      messages == [
        "leaf.yaml:2: ports[0].address: prefix length `244` is out of range, write 0 to 32",
        "leaf.yaml:3: ports[1].vlan: VLAN `5000` is out of range, write a whole number from 1 to 4094",
      ])
  }

  @Test func errorsCarryTheirParts() {
    do throws(ConfigurationErrors) {
      _ = try load("ports:\n  - {name: h1, speed: 100}\n")
      Issue.record("a speed without unit must be refused")
    } catch {
      #expect(
        error.errors == [
          ConfigurationError(
            file: "leaf.yaml", line: 2, column: 23, key: "ports[0].speed", problem: "`100` has no unit",
            remedy: "write a unit: `100G`")
        ])
      #expect(error.description == "leaf.yaml:2: ports[0].speed: `100` has no unit, write a unit: `100G`")
    }
  }
}
