import Foundation
import TestSupport
import Testing

/// `penstock run` with devices that need nothing of the machine.
@Suite("Running from the command line") struct RunCommandTests {
  private struct Ports: Decodable {
    struct Port: Decodable { let name: String, driver: Driver }
    struct Driver: Decodable { let mac: String, impairments: [Impairments] }
    struct Impairments: Decodable { let direction: String, heldPackets: Int, entries: [[String: Int]] }
    let ports: [Port]
  }

  @Test("what impairments did is counted, and every device tells its address")
  func impairments() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write(
      """
      switch: {name: leaf1}
      ports:
        - {name: h1, speed: 1G, mtu: 1500, vlan: 10, device: "pcap:in=a.pcap",
           impairments: [{direction: ingress, delay: 1us}, {direction: ingress, match: {dscp: 9}, loss: 100%},
             {direction: ingress, loss: 100%}, {direction: egress, delay: 1us}]}
        - {name: h2, speed: 1G, mtu: 1500, vlan: 10, device: "null:"}
      """, to: "live.yaml")
    let outcome = try fixture.run("run", "live.yaml", "--socket", "none", "--duration", "500ms", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let ports = try decoder.decode(Ports.self, from: Data(outcome.output.utf8)).ports
    #expect(ports.allSatisfy { $0.driver.mac.split(separator: ":").count == 6 })
    let (ingress, egress) = (ports[0].driver.impairments[0], ports[0].driver.impairments[1])
    #expect(ports[1].driver.impairments.isEmpty && egress.direction == "egress" && egress.entries.count == 1)
    func counts(_ entry: Int, _ names: String...) -> [Int?] { names.map { ingress.entries[entry]["\($0)_packets"] } }
    #expect(counts(0, "seen", "matched", "delayed", "lost") == [20, 20, 20, 0])
    #expect(counts(1, "seen", "matched", "lost") == [20, 0, 0])
    #expect(counts(2, "seen", "matched", "lost") == [20, 20, 20])
    #expect(ingress.heldPackets == 0)
  }

  @Test("64: a time says what is wrong with it", arguments: ["5", "-1s", "x"])
  func times(text: String) throws {
    let fixture = try CommandFixture()
    for arguments in [
      ["run", "leaf.yaml", "--duration=\(text)"], ["reload", "--rollback-after=\(text)"],
      ["capture", "h1", "-w", "a.pcapng", "--duration=\(text)"],
    ] {
      let outcome = try Program.penstock.run(arguments, directory: fixture.directory.path)
      #expect(outcome.status == 64 && outcome.errors.contains("unit"), "\(outcome)")
    }
  }
}
