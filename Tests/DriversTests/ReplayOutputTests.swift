import Drivers
import Foundation
import TestSupport
import Testing

@testable import Dataplane

@Suite("What a replay leaves behind")
struct ReplayOutputTests {
  /// Traffic in which something of every kind happens: forwarding both ways, congestion, ARP, TTL 1, drops, cuts.
  private static func busy(_ fixture: ReplayFixture) throws -> [ReplayInput] {
    var first: [StampedFrame] = []
    for number in 0..<120 {
      var datagram = TestDatagram(number, length: 60 + number * 11 % 1000)
      datagram.dscp = [0, 26, 48][number % 3]
      datagram.sourcePort = UInt16(40_000 + number)
      if number % 20 == 7 { datagram.timeToLive = 1 }
      if number % 30 == 11 { datagram.destination = [192, 168, 0, 1] }
      if number % 40 == 13 { datagram.destinationMAC = TestAddress.hostMAC(9) }
      let frame = datagram.frame
      let kept = number % 5 == 0 ? Array(frame.prefix(60)) : frame
      first.append(StampedFrame(at: epoch + UInt64(number) * 50, kept, wireLength: frame.count))
    }
    let arp =
      Array(repeating: 0xFF, count: 6) + TestAddress.hostMAC(3)
      + [0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1] + TestAddress.hostMAC(3) + [10, 0, 3, 2, 0, 0, 0, 0, 0, 0, 10, 0, 3, 1]
    let third =
      [StampedFrame(at: epoch, arp)] + datagrams(at: (1...50).map { $0 * 120 }, from: 3, to: 2, length: 700, first: 500)
    return [
      try fixture.input(1, Array(first.prefix(60)), name: "one-a.pcap"),
      try fixture.input(1, Array(first.suffix(60)), CaptureBytes(.pcapng(resolution: 9)), name: "one-b.pcap"),
      try fixture.input(2, datagrams(at: [10, 20, 30], from: 2, to: 1, first: 900)),
      try fixture.input(3, third),
    ]
  }

  private static func fixture() throws -> ReplayFixture {
    var fixture = try ReplayFixture(gigabits: [100, 10, 100])
    fixture.configuration.qos = .roce
    for index in fixture.configuration.ports.indices {
      fixture.configuration.ports[index].queues = fixture.configuration.qos.queues
    }
    return fixture
  }

  @Test("whichever way the inputs are listed, and however often, all files are the same byte for byte")
  func deterministic() throws {
    let fixture = try Self.fixture()
    let inputs = try Self.busy(fixture)
    let orders = [inputs, Array(inputs.reversed()), [inputs[2], inputs[0], inputs[3], inputs[1]], inputs]
    var first: [String: [UInt8]]?
    for (number, order) in orders.enumerated() {
      let outcome = try fixture.run(order, to: "out\(number)")
      let files = try outcome.files()
      #expect(files.keys.sorted() == ["p1.pcap", "p2.pcap", "p3.pcap", "packets.csv"])
      #expect(files == first ?? files, "order \(number)")
      first = first ?? files
    }
    #expect((first?["p2.pcap"]?.count ?? 0) > 10_000)
  }

  @Test("the log has one row for each packet that was received, originated or replicated")
  func rows() throws {
    let fixture = try Self.fixture()
    let outcome = try fixture.run(try Self.busy(fixture))
    let log = try outcome.log()
    let totals = outcome.totals
    #expect(totals.isConserved && totals.waitingPackets == 0)
    #expect(totals.rxPackets == 174)
    #expect(totals.originatedPackets > 5 && totals.consumedPackets == 1 && totals.droppedPackets > 10)
    #expect(UInt64(log.count) == totals.rxPackets + totals.originatedPackets + totals.replicatedPackets)
    #expect(UInt64(log.filter { $0.outcome == "tx" }.count) == totals.txPackets)
    #expect(UInt64(log.filter { $0.outcome == "consumed" }.count) == totals.consumedPackets)
    #expect(UInt64(log.filter { $0.outcome.hasPrefix("drop:") }.count) == totals.droppedPackets)
    let numbers = log.compactMap(\.packet)
    #expect(numbers.sorted() == Array(0..<totals.rxPackets))
    #expect(UInt64(log.filter { $0.packet == nil }.count) == totals.originatedPackets)
    #expect(log.allSatisfy { ($0.packet == nil) == $0.ingress.isEmpty })
  }

  @Test("the log and the captures tell the same: which frames left each port, when, and how long they were")
  func consistent() throws {
    let fixture = try Self.fixture()
    let outcome = try fixture.run(try Self.busy(fixture))
    let log = try outcome.log()
    for port in 1...3 {
      let rows = log.filter { $0.egress == "p\(port)" }
      let frames = try outcome.capture(port)
      #expect(rows.compactMap(\.departure).map { epoch + $0 / 1000 } == frames.map(\.stamp), "p\(port)")
      #expect(rows.map(\.bytes) == frames.map { UInt64($0.wireLength) }, "p\(port)")
      #expect(outcome.sent[port - 1].packets == UInt64(frames.count))
      #expect(outcome.sent[port - 1].bytes == rows.reduce(0) { $0 + $1.bytes })
    }
    for row in log where row.outcome == "tx" {
      let (start, enqueued, departure, latency) = (row.start, row.enqueued, row.departure, row.latency)
      #expect(start ?? .max <= enqueued ?? 0 && enqueued ?? .max <= departure ?? 0, "\(row)")
      #expect(latency ?? .max <= departure ?? 0, "\(row)")
    }
  }

  @Test("the log says when the first bit of every received packet came in, whatever became of it")
  func startOfEndedPackets() throws {
    let fixture = try Self.fixture()
    var lost = TestDatagram(1, length: 1000)
    lost.destination = [192, 168, 0, 1]
    let frames = [StampedFrame(at: epoch, TestDatagram(0).frame), StampedFrame(at: epoch + 100, lost.frame)]
    let row = try #require(try fixture.run([try fixture.input(1, frames)]).log().first { $0.packet == 1 })
    #expect(row.outcome == "drop:no-route" && row.start == 100_000 && row.bytes == 1000)
  }

  @Test("a packet that the switch made and could not send has a row of its own")
  func originatedAndDropped() throws {
    let fixture = try Self.fixture()
    // Time exceeded is sent to a host that nobody has heard of.
    var expired = TestDatagram(0)
    expired.source = [10, 0, 3, 77]
    expired.timeToLive = 1
    let outcome = try fixture.run([try fixture.input(1, [StampedFrame(at: epoch, expired.frame)])])
    let log = try outcome.log()
    #expect(outcome.totals.isConserved)
    #expect(UInt64(log.count) == outcome.totals.rxPackets + outcome.totals.originatedPackets)
    #expect(log.contains { $0.packet == nil && $0.outcome == "drop:unresolved-neighbor" && $0.ingress.isEmpty })
  }

  @Test("copies of a flooded frame are rows of their own")
  func flooded() throws {
    var fixture = try ReplayFixture(gigabits: [10, 10, 10])
    for index in 0..<3 { fixture.configuration.ports[index].role = .access(VLANID(10)) }
    fixture.configuration.neighbors = []
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: [0, 1000]))])
    let log = try outcome.log()
    #expect(outcome.totals.replicatedPackets == 2 && outcome.totals.txPackets == 4)
    #expect(log.map(\.packet) == [0, 0, 1, 1])
    #expect(log.map(\.egress) == ["p2", "p3", "p2", "p3"])
    #expect(try outcome.capture(2) == outcome.capture(3))
  }

  @Test("a capture without packets gives captures without packets")
  func nothing() throws {
    let fixture = try Self.fixture()
    let outcome = try fixture.run([try fixture.input(1, [])])
    #expect(outcome.totals == Switch.Totals())
    #expect(outcome.result.duration == .zero && outcome.result.inputs[0].packets == 0)
    for port in 1...3 { #expect(try outcome.capture(port).isEmpty) }
    #expect(try outcome.log().isEmpty)
  }

  @Test("a packet of no bytes is a counted drop")
  func emptyPacket() throws {
    let fixture = try Self.fixture()
    let frames = [StampedFrame(at: epoch, []), StampedFrame(at: epoch + 1000, [], wireLength: 100)]
    let outcome = try fixture.run([try fixture.input(1, frames)])
    #expect(outcome.totals.rxPackets == 2 && outcome.totals.droppedPackets == 2)
    #expect(try outcome.log().map(\.outcome) == ["drop:truncated-ethernet", "drop:truncated-ethernet"])
    #expect(try outcome.log().map(\.bytes) == [0, 100])
  }

  @Test("without a directory nothing is written")
  func noDirectory() throws {
    let fixture = try Self.fixture()
    let outcome = try fixture.run(try Self.busy(fixture), to: "none") { $0.outputDirectory = nil }
    #expect(outcome.totals.isConserved && outcome.totals.txPackets > 0)
    #expect(try fixture.directory.files(in: "none").isEmpty)
  }

  @Test("cut off within its packets, a capture is replayed up to there; all others to their end")
  func broken() throws {
    let fixture = try Self.fixture()
    let file = CaptureBytes().file(datagrams(at: [0, 1000, 2000, 3000]))
    for (missing, whole) in [(1, 3), (64, 3), (70, 3), (80, 3), (81, 2), (200, 1), (319, 0)] {
      let path = try fixture.directory.write(Array(file.dropLast(missing)), to: "broken")
      let other = try fixture.input(3, datagrams(at: [0, 5000], from: 3, to: 2))
      let outcome = try fixture.run([ReplayInput(port: PortID(0), path: path), other])
      let errors = outcome.result.inputs.map { $0.error?.packet }
      #expect(errors == [missing == 80 ? nil : UInt64(whole + 1), nil], "\(missing) bytes missing")
      #expect(outcome.result.inputs.map(\.packets) == [UInt64(whole), 2], "\(missing) bytes missing")
      #expect(try outcome.capture(2).count == whole + 2, "\(missing) bytes missing")
    }
  }

  @Test("a capture that would be overwritten by the output is refused, and stays as it was")
  func inputIsOutput() throws {
    let fixture = try Self.fixture()
    let bytes = CaptureBytes().file(datagrams(at: [0]))
    try FileManager.default.createDirectory(atPath: fixture.directory["out"], withIntermediateDirectories: true)
    try fixture.directory.write(bytes, to: "out/p2.pcap")
    #expect(symlink(fixture.directory["out/p2.pcap"], fixture.directory["link"]) == 0)
    for path in [fixture.directory["out/p2.pcap"], fixture.directory["out/../out/p2.pcap"], fixture.directory["link"]] {
      let error = #expect(throws: ReplayError.self) { _ = try fixture.run([ReplayInput(port: PortID(0), path: path)]) }
      #expect(error?.description.contains("would be overwritten") == true)
      #expect(try fixture.directory.read("out/p2.pcap") == bytes)
    }
  }

  @Test("what an earlier run left in the directory does not stay beside the new output")
  func earlierLog() throws {
    let fixture = try Self.fixture()
    let input = try fixture.input(1, datagrams(at: [0]))
    _ = try fixture.run([input])
    let outcome = try fixture.run([input]) { $0.writesPacketLog = false }
    #expect(try outcome.files().keys.sorted() == ["p1.pcap", "p2.pcap", "p3.pcap"])
  }

  @Test("a replay that is told to stop leaves nothing")
  func stopped() throws {
    let fixture = try Self.fixture()
    let input = try fixture.input(1, datagrams(at: (0..<70_000).map { $0 * 10 }))
    try FileManager.default.createDirectory(atPath: fixture.directory["out"], withIntermediateDirectories: true)
    var options = ReplayOptions()
    options.inputs = [input]
    options.outputDirectory = fixture.directory["out"]
    options.writesPacketLog = true
    func replay() throws {
      let memory = try PacketMemory(counts: (4096, 512, 64))
      let device = try Switch(fixture.configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
      var replay = try Replay(device, options)
      _ = try replay.run { packets, _ in packets < 60_000 }
    }
    let error = #expect(throws: ReplayError.self) { try replay() }
    guard case .stopped = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try fixture.directory.files(in: "out").isEmpty)
  }
}
