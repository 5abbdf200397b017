import Foundation
import TestSupport
import Testing

/// Three switches one after the other, each a replay of its own, with captures between them.
@Suite("Chains of replays")
struct TelemetryChainTests {
  /// A switch of the chain: bridged, 100G in and 25G out, so that packets queue.
  private static func yaml(_ number: Int, hosts: String) -> String {
    """
    switch: {name: sw\(number), id: \(number)}
    ports:
      - {name: in, speed: \(number == 1 ? 100 : 25)G, vlan: 10}
      - {name: out, speed: \(number == 2 ? 10 : 25)G, vlan: 10}
      - {name: collector, speed: 25G, address: 10.9.0.1/24}
    neighbors: [{port: collector, address: 10.9.0.2, mac: "02:00:00:00:09:02"}]
    telemetry:
      host-ports: \(hosts)
      int:
        instructions: [node-id, hop-latency, queue, ingress-time, egress-time]
        watch: [{protocol: udp}]
      reports: {collector: 10.9.0.2, rate: 0}

    """
  }

  /// The rows of packets.csv that left by `out`, in the order in which they did.
  private static func log(_ path: String) throws -> [[String: String]] {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let names = try #require(lines.first).split(separator: ",").map(String.init)
    let rows = lines.dropFirst().map { line in
      Dictionary(
        zip(names, line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)),
        uniquingKeysWith: { first, _ in first })
    }
    return rows.filter { $0["egress"] == "out" }.sorted {
      (Int($0["tx_start_ps"] ?? "") ?? 0) < (Int($1["tx_start_ps"] ?? "") ?? 0)
    }
  }

  @Test("hop latencies, queues and times in the packets are those of each replay's own list of packets")
  func chain() throws {
    let directory = try ScratchDirectory()
    var random = SplitMix64(seed: 11)
    let start: UInt64 = 1_700_000_000_000_000_000
    let sent = (0..<300).map { number in
      StampedFrame(
        at: start + UInt64(number / 30) * 100_000,
        Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01).udp(
          UInt16(number), 2000, size: 64 + Int(random.below(1200))))
    }
    var input = try directory.write(sent, to: "sent.pcap")
    var logs: [[[String: String]]] = []
    for number in 1...3 {
      let configuration = try directory.write(
        Self.yaml(number, hosts: number == 1 ? "[in]" : number == 3 ? "[out]" : "none"), to: "sw\(number).yaml")
      let out = directory["out\(number)"]
      let outcome = try Program.penstock.run(
        ["replay", configuration, "--in", "in=\(input)", "--out", out, "--packets"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      input = out + "/out.pcap"
      logs.append(try Self.log(out + "/packets.csv"))
    }
    let last = try CaptureBytes.read(directory.read("out3/out.pcap"))
    #expect(last.map(\.bytes) == sent.map(\.bytes))
    for number in 1...2 {
      let frames = try CaptureBytes.read(directory.read("out\(number)/out.pcap"))
      #expect(frames.count == 300 && logs[number - 1].count == 300)
      for (index, frame) in frames.enumerated() {
        let int = try #require(ReferenceINT(frame.bytes))
        #expect(int.hops.count == number)
        for hop in 0..<number {
          let words = int.hops[number - 1 - hop]
          let row = logs[hop][index]
          func value(_ name: String) -> UInt64 { UInt64(row[name] ?? "") ?? .max }
          let zero = start
          #expect(words[0] == UInt32(hop + 1))
          #expect(UInt64(words[1]) == value("latency_ps") / 1000)
          #expect(UInt64(words[2]) == value("left_bytes"))
          // Each replay counts from its first packet; the times in packets are those of the day.
          let departure = UInt64(words[5]) << 32 | UInt64(words[6])
          if hop == number - 1 { #expect(departure == frame.stamp) }
          #expect(departure >= zero && departure - zero < 10_000_000)
        }
      }
    }
    #expect(logs[1].contains { (Int($0["left_bytes"] ?? "") ?? 0) > 10_000 })
    let reports = try CaptureBytes.read(directory.read("out3/collector.pcap"))
    #expect(!reports.isEmpty)
  }
}
