import Dataplane
import Drivers
import Foundation
import TestSupport
import Testing
import Wire

/// A small router whose ports are called p1, p2 ...: host 10.0.N.2 behind port N, all neighbours static.
struct ReplayFixture {
  var configuration = SwitchConfiguration()
  let directory: ScratchDirectory

  /// A port for each speed in Gb/s.
  init(gigabits: [UInt64] = [100, 100]) throws { try self.init(speeds: gigabits.map { .gigabits($0) }) }

  init(speeds: [BitRate]) throws {
    directory = try ScratchDirectory()
    for (index, speed) in speeds.enumerated() {
      var port = PortConfiguration(name: "p\(index + 1)", speed: speed)
      let subnet = try #require(IPPrefix("10.0.\(index + 1).1/24"))
      port.role = .routed(addresses: [subnet])
      configuration.ports.append(port)
      configuration.neighbors.append(
        NeighborConfiguration(
          interface: .port(PortID(index)), address: try #require(IPAddress("10.0.\(index + 1).2")),
          mac: MACAddress(bits: 0x0200_0000_0002 | UInt64(index + 1) << 8)))
    }
  }

  /// Writes a capture and names it as an input of a port, counted from 1.
  func input(
    _ port: Int, _ frames: [StampedFrame], _ format: CaptureBytes = CaptureBytes(), name: String? = nil,
    filter: String? = nil
  ) throws -> ReplayInput {
    let path = try directory.write(frames, format, to: name ?? "in\(port).pcap")
    return ReplayInput(port: PortID(port - 1), path: path, filter: filter)
  }

  /// Replays, with a capture of each port and the log of packets in a directory below ``directory``.
  func run(
    _ inputs: [ReplayInput], to name: String = "out", _ change: (inout ReplayOptions) -> Void = { _ in }
  ) throws -> ReplayOutcome {
    var options = ReplayOptions()
    options.inputs = inputs
    options.writesPacketLog = true
    options.outputDirectory = directory[name]
    try FileManager.default.createDirectory(atPath: directory[name], withIntermediateDirectories: true)
    change(&options)
    let memory = try PacketMemoryPlan(configuration).memory()
    let device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    var replay = try Replay(device, options)
    let result = try replay.run()
    var outcome = ReplayOutcome(result: result, totals: replay.device.totals, directory: directory, name: name)
    for index in configuration.ports.indices {
      let port = PortID(index)
      outcome.peaks.append(
        (0..<QueueID.count).map { replay.device.statistics(of: QueueID($0), on: port).peakBytes })
      outcome.received.append(replay.device.received(on: port))
      outcome.sent.append(replay.device.sent(on: port))
    }
    return outcome
  }
}

/// What a replay left.
struct ReplayOutcome {
  let result: ReplayResult
  let totals: Switch.Totals
  let directory: ScratchDirectory
  let name: String
  /// By port and queue.
  var peaks: [[UInt64]] = []
  var received: [Switch.Traffic] = []
  var sent: [Switch.Traffic] = []

  /// What left a port, counted from 1.
  func capture(_ port: Int) throws -> [StampedFrame] { try directory.capture("\(name)/p\(port).pcap") }

  /// packets.csv.
  func log() throws -> [LoggedPacket] {
    let lines = try directory.text("\(name)/packets.csv").split(separator: "\n")
    #expect(
      lines.first == "packet,ingress,rx_start_ps,bytes,outcome,egress,queue,enqueue_ps,tx_start_ps,latency_ps,pause_ps")
    return try lines.dropFirst().map { try LoggedPacket($0) }
  }

  /// All files by name.
  func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in try directory.files(in: name) { files[file] = try directory.read("\(name)/\(file)") }
    return files
  }
}

/// One line of packets.csv.
struct LoggedPacket: Equatable {
  var packet: UInt64?
  var ingress: String
  var start: UInt64?
  var bytes: UInt64
  var outcome: String
  var egress: String
  var queue: UInt64?
  var enqueued: UInt64?
  var departure: UInt64?
  var latency: UInt64?
  var paused: UInt64?

  init(_ line: Substring) throws {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    try #require(fields.count == 11, "\(line)")
    packet = UInt64(fields[0])
    ingress = fields[1]
    start = UInt64(fields[2])
    bytes = try #require(UInt64(fields[3]))
    outcome = fields[4]
    egress = fields[5]
    queue = UInt64(fields[6])
    enqueued = UInt64(fields[7])
    departure = UInt64(fields[8])
    latency = UInt64(fields[9])
    paused = UInt64(fields[10])
  }
}

/// The identification of the IPv4 packet in an untagged frame, by which tests number packets.
func identification(_ frame: StampedFrame) -> Int { Int(frame.bytes[18]) << 8 | Int(frame.bytes[19]) }

/// A moment from which stamps of test captures count: a whole second, so that all formats hold it.
let epoch: UInt64 = 1_700_000_000_000_000_000

/// Datagrams from host 1 to host 2 at nanoseconds after ``epoch``, numbered from 0.
func datagrams(at offsets: [UInt64], from: UInt8 = 1, to: UInt8 = 2, length: Int = 64, first: Int = 0) -> [StampedFrame]
{
  offsets.enumerated().map { index, offset in
    var datagram = TestDatagram(first + index, length: length)
    datagram.sourceMAC = TestAddress.hostMAC(from)
    datagram.source = [10, 0, from, 2]
    datagram.destination = [10, 0, to, 2]
    return StampedFrame(at: epoch + offset, datagram.frame)
  }
}
