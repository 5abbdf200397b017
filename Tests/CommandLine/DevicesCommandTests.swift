import Foundation
import TestSupport
import Testing

/// `penstock devices`: what it says and how it exits.
@Suite("penstock devices") struct DevicesCommandTests {
  @Test("lists what the machine offers, as text and as JSON") func machine() throws {
    let fixture = try CommandFixture()
    let text = try fixture.run("devices")
    #expect(text.status == 0, "\(text.errors)")
    for heading in ["This machine", "Kinds of devices", "Interfaces of the kernel", "Network controllers"] {
      #expect(text.output.contains(heading))
    }
    #expect(text.output.contains("\n  lo "))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(try fixture.run("devices", "--json").output.utf8)) as? [String: Any])
    #expect((json["dpdk"] as? String)?.hasPrefix("22.11") == true)
    let kinds = try #require(json["kinds"] as? [[String: Any]]).compactMap { $0["kind"] as? String }
    #expect(
      kinds == ["pci", "tap", "af_packet", "af_xdp", "memif", "vhost", "virtio_user", "ring", "pcap", "null"])
    let interfaces = try #require(json["interfaces"] as? [[String: Any]])
    #expect(interfaces.contains { $0["name"] as? String == "lo" && ($0["devices"] as? [String]) == [] })
  }

  @Test("opens devices, reports each, and says which cannot be opened") func opening() throws {
    let fixture = try CommandFixture()
    let good = try fixture.run("devices", "null:", "ring:r", "pcap:in=a.pcap,out=kept.pcap", "--json")
    #expect(good.status == 0, "\(good.errors)")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(good.output.utf8)) as? [String: Any])
    let devices = try #require(json["devices"] as? [[String: Any]])
    #expect(devices.map { $0["driver"] as? String } == ["net_null", "net_ring", "net_pcap"])
    #expect(devices.allSatisfy { $0["link"] as? String == "up" && $0["error"] == nil })
    #expect(devices[1]["holds"] as? Int == 256)
    let bad = try fixture.run("devices", "null:", "pcap:in=absent.pcap")
    #expect(bad.status == 1)
    #expect(bad.output.contains("absent.pcap cannot be read: No such file or directory; name a capture"))
  }

  @Test("a capture that a device would write is left alone") func harmless() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write("precious", to: "out.pcap")
    #expect(try fixture.run("devices", "pcap:in=a.pcap,out=out.pcap", "pcap:out=out.pcap").status == 0)
    #expect(try fixture.directory.text("out.pcap") == "precious")
  }

  @Test("tries the devices of a configuration") func configuration() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write(
      "ports: [{name: h1, speed: 10G, device: \"null:\"}, {name: h2, speed: 10G}]\n", to: "live.yaml")
    let outcome = try fixture.run("devices", "--config", "live.yaml")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("h1: null:\n"), "\(outcome.output)\(outcome.errors)")
    let none = try fixture.run("devices", "--config", "leaf.yaml")
    #expect(none.status == 2 && none.errors.contains("no port has a device; add `device:`"))
    try fixture.directory.write("ports: [{name: h1, speed: 10G, device: \"nil:\"}]\n", to: "wrong.yaml")
    let wrong = try fixture.run("devices", "--config", "wrong.yaml")
    #expect(wrong.status == 2 && wrong.errors.contains("ports[0].device: `nil:` is no device"))
  }

  @Test("a wrong command line exits with 64", arguments: [["tun:x"], ["null:", "--mtu", "20"], ["--mtu", "9217"]])
  func wrong(arguments: [String]) throws {
    let outcome = try Program.penstock.run(["devices"] + arguments)
    #expect(outcome.status == 64 && outcome.errors.hasPrefix("error: "), "\(outcome.errors)")
  }
}
