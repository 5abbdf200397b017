import Foundation
import TestSupport
import Testing

@Suite("The examples from the command line")
struct ExampleTests {
  private static let ports = ["h1", "h2", "h3", "b1", "b2", "s1", "s2"]
  private static let examples = Program.packageDirectory + "/examples"

  private func replay(_ ports: [String], to out: String, _ extra: [String] = []) throws -> Program.Outcome {
    let inputs = ports.flatMap { ["--in", "\($0)=\(Self.examples)/captures/\($0).pcap"] }
    return try Program.penstock.run(["replay", Self.examples + "/leaf.yaml", "--out", out] + inputs + extra)
  }

  @Test("repeated, and with the inputs listed otherwise, every file is the same byte for byte")
  func reproducible() throws {
    let directory = try ScratchDirectory()
    #expect(try replay(Self.ports, to: directory["a"], ["--packets"]).status == 0)
    #expect(try replay(Self.ports.reversed(), to: directory["b"], ["--packets"]).status == 0)
    let names = try directory.files(in: "a")
    #expect(names == (Self.ports.map { $0 + ".pcap" } + ["packets.csv", "report.html", "report.json"]).sorted())
    #expect(try directory.files(in: "b") == names)
    for name in names { #expect(try directory.read("a/\(name)") == directory.read("b/\(name)"), "\(name)") }
  }

  @Test(
    "every packet is accounted for, at any speed, cut or looped; the captures hold what the report says",
    arguments: [
      [], ["--speed", "max"], ["--speed", "0.5x"], ["--speed", "40G"], ["--loop", "2"], ["--start", "200us"],
      ["--until", "1ms"], ["--snap", "64"], ["--seed", "99"], ["--any-mac"], ["--filter", "h1=udp"],
    ])
  func conserved(options: [String]) throws {
    let directory = try ScratchDirectory()
    let outcome = try replay(Self.ports, to: directory["out"], options + ["--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try ReplayReport(outcome.output)
    report.expectConserved()
    #expect(report.totals.rxPackets > 1000 && report.totals.txPackets > 1000)
    for (name, port) in report.ports {
      let frames = try directory.capture("out/\(name).pcap")
      let data = frames.filter { $0.bytes[12] != 0x88 || $0.bytes[13] != 0x08 }
      #expect(data.count == port.tx.packets, "\(name)")
      #expect(frames.count - data.count == port.macControl.txPauseFrames, "\(name)")
      #expect(data.reduce(0) { $0 + $1.wireLength } == port.tx.bytes, "\(name)")
    }
  }

  @Test("another seed divides flows otherwise, and only that")
  func seed() throws {
    let directory = try ScratchDirectory()
    func spread(_ seed: String) throws -> ([Int], [Int]) {
      let report = try ReplayReport(try replay(Self.ports, to: directory[seed], ["--seed", seed, "--json"]).output)
      return (
        ["s1", "s2"].compactMap { report.ports[$0]?.tx.packets },
        ["h3", "b1"].compactMap { report.ports[$0]?.tx.packets }
      )
    }
    let (first, second) = (try spread("1"), try spread("2"))
    #expect(first.0 != second.0 && first.0.reduce(0, +) == second.0.reduce(0, +))
    #expect(first.1 == second.1)
  }
}
