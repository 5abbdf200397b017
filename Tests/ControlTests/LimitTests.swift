import Testing

@testable import Control

/// What is right at the edge, wrong beyond it, or right and worth a notice.
@Suite struct LimitTests {
  private func ports(_ count: Int) -> String {
    // Headroom of 512 ports is more than the usual buffer.
    "buffer: {size: 64MB}\nports:\n" + (0..<count).map { "  - {name: p\($0), speed: 10G}\n" }.joined()
  }

  @Test func portsAreCounted() throws {
    #expect(try load(ports(512)).configuration.ports.count == 512)
    #expect(mistakes(in: ports(513)) == ["leaf.yaml:515: ports[512]: there are 513 ports, write at most 512"])
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

  @Test(arguments: [
    ("buffer: {size: 64GiB}", "buffer: {size: 65GiB}"), ("buffer: {cell: 16B}", "buffer: {cell: 15B}"),
    ("buffer: {shared-headroom: 1KiB}", "buffer: {shared-headroom: 1023B}"),
    ("buffer: {pools: {lossless: 1KiB, lossy: 1KiB}}", "buffer: {pools: {lossless: 1KiB, lossy: 1023B}}"),
    ("buffer: {headroom-parameters: {small-packets: 0%}}", "buffer: {headroom-parameters: {small-packets: 0.5%}}"),
    ("buffer: {headroom-parameters: {small-packets: 1}}", "buffer: {headroom-parameters: {small-packets: 101%}}"),
    ("buffer: {headroom-parameters: {lossless-mtu: 68}}", "buffer: {headroom-parameters: {lossless-mtu: 67}}"),
    ("buffer: {headroom-parameters: {gearbox: 1MB}}", "buffer: {headroom-parameters: {mac-phy: 1.1MB}}"),
    ("buffer: {headroom-parameters: {response: 65535}}", "buffer: {headroom-parameters: {response: 65536}}"),
    ("buffer: {trim: {dscp: 63, queue: 7, size: 64B}}", "buffer: {trim: {dscp: 63, queue: 7, size: 63B}}"),
    ("buffer: {trim: {dscp: 0, queue: 0, size: 1KiB}}", "buffer: {trim: {dscp: 0, queue: 0, size: 1025B}}"),
    ("buffer: {trim: {dscp: 0, queue: 0, queues: 7}}", "buffer: {trim: {dscp: 0, queue: 0, queues: 8}}"),
    ("buffer: {model: hpcc, hpcc: {shift: 31}}", "buffer: {model: hpcc, hpcc: {shift: 32}}"),
    ("buffer: {model: hpcc, hpcc: {headroom-factor: 0}}", "buffer: {model: hpcc, hpcc: {headroom-factor: 10001}}"),
    ("pfc: {quanta: 1}", "pfc: {quanta: 0}"), ("pfc: {quanta: 65535}", "pfc: {quanta: 65536}"),
    ("pfc: {refresh: 1ns}", "pfc: {refresh: 999ps}"), ("pfc: {response: 1s}", "pfc: {response: 1.1s}"),
    ("watchdog: {detection: 1us}", "watchdog: {detection: 0}"),
    ("watchdog: {detection: 60s}", "watchdog: {detection: 61s}"),
    ("watchdog: {restoration: 600s}", "watchdog: {restoration: 601s}"),
    ("switch: {seed: 18446744073709551615}", "switch: {seed: -1}"),
  ]) func boundsOfSectionsAreInclusive(right: String, wrong: String) {
    // Without a lossless queue, so that nothing but the bounds is in question.
    let rest = "\nports: [{name: p, speed: 10G}]\nqos: {trust: dscp}\n"
    #expect(mistakes(in: right + rest) == [])
    #expect(mistakes(in: wrong + rest).count == 1)
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
