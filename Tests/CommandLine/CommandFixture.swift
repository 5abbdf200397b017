import Foundation
import TestSupport
import Testing

/// A directory with a configuration of two routed ports, h1 and h2, and what to run penstock with.
struct CommandFixture {
  let directory: ScratchDirectory

  static let configuration = """
    switch: {name: leaf1, id: 1, mac: "02:00:00:00:00:01"}
    ports:
      - {name: h1, speed: 100G, address: 10.0.1.1/24}
      - {name: h2, speed: 25G, address: 10.0.2.1/24}
    neighbors:
      - {port: h1, address: 10.0.1.2, mac: "02:00:00:00:01:02"}
      - {port: h2, address: 10.0.2.2, mac: "02:00:00:00:02:02"}

    """

  init() throws {
    directory = try ScratchDirectory()
    try directory.write(Self.configuration, to: "leaf.yaml")
    try directory.write(Self.frames(20), to: "a.pcap")
  }

  /// Datagrams for h2, 1 µs apart.
  static func frames(_ count: Int, length: Int = 64) -> [StampedFrame] {
    (0..<count).map {
      StampedFrame(at: 1_700_000_000_000_000_000 + UInt64($0) * 1000, TestDatagram($0, length: length).frame)
    }
  }

  /// Runs `penstock` in the directory.
  func run(_ arguments: String..., environment: [String: String?] = [:]) throws -> Program.Outcome {
    try Program.penstock.run(arguments, environment: environment, directory: directory.path)
  }

  /// Runs `penstock replay leaf.yaml --out out`, with a.pcap on h1 unless the arguments name captures.
  func replay(_ arguments: String...) throws -> Program.Outcome {
    let input = arguments.contains("--in") ? [] : ["--in", "h1=a.pcap"]
    return try Program.penstock.run(
      ["replay", "leaf.yaml", "--out", "out"] + input + arguments, directory: directory.path)
  }

  /// Runs a shell script in the directory; `$0` is penstock.
  func shell(_ script: String, within prefix: [String] = []) throws -> Program.Outcome {
    let command = prefix + ["/bin/sh", "-c", script, Program.penstock.path]
    return try Program(path: "/usr/bin/env").run(command, directory: directory.path)
  }

  /// The files in out; none if it is not there.
  func outputs() throws -> [String] {
    FileManager.default.fileExists(atPath: directory["out"]) ? try directory.files(in: "out") : []
  }

  /// What a run leaves that went well.
  static let allOutputs = ["h1.pcap", "h2.pcap", "report.html", "report.json"]
}

/// report.json, as far as the tests look into it.
struct ReplayReport: Decodable {
  struct Totals: Decodable {
    let rxPackets, txPackets, droppedPackets, consumedPackets, originatedPackets, replicatedPackets: Int
  }
  struct Traffic: Decodable { let packets, bytes: Int }
  struct Queue: Decodable { let txPackets, txBytes: Int }
  struct Port: Decodable {
    let rx, tx: Traffic
    let macControl: MACControl
    let drops: [String: Int]
    let queues: [String: Queue]
  }
  struct MACControl: Decodable { let rxPauseFrames, rxOtherFrames, txPauseFrames: Int }
  struct Input: Decodable {
    let port, file: String
    let packets: Int
    let error: String?
  }
  let version: Int
  let errors: [String]
  let inputs: [Input]
  let totals: Totals
  let ports: [String: Port]

  init(_ text: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(text.utf8))
  }

  /// Checks that every packet is accounted for, over the switch and by port and queue.
  func expectConserved(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
      totals.rxPackets + totals.originatedPackets + totals.replicatedPackets
        == totals.txPackets + totals.droppedPackets + totals.consumedPackets, sourceLocation: sourceLocation)
    #expect(ports.values.reduce(0) { $0 + $1.rx.packets } == totals.rxPackets, sourceLocation: sourceLocation)
    #expect(ports.values.reduce(0) { $0 + $1.tx.packets } == totals.txPackets, sourceLocation: sourceLocation)
    // MAC control frames are no packets of the switch.
    let control = ports.values.reduce(0) { $0 + $1.macControl.rxPauseFrames + $1.macControl.rxOtherFrames }
    #expect(inputs.reduce(0) { $0 + $1.packets } == totals.rxPackets + control, sourceLocation: sourceLocation)
    for port in ports.values {
      #expect(port.queues.values.reduce(0) { $0 + $1.txPackets } == port.tx.packets, sourceLocation: sourceLocation)
      #expect(port.queues.values.reduce(0) { $0 + $1.txBytes } == port.tx.bytes, sourceLocation: sourceLocation)
    }
  }
}
