import Dataplane
import Drivers
import Foundation
import TestSupport
import Testing

/// Whether Wireshark's tools are there; in continuous integration they must be.
private let canReadCaptures =
  Program(named: "tshark") != nil || ProcessInfo.processInfo.environment["CI"] == "true"

/// Captures of a port in virtual time, written as pcapng and read by Wireshark's tools.
@Suite("Captures read by tshark", .enabled(if: canReadCaptures, "missing: tshark"))
struct CaptureTapTests {
  private static let clock = CaptureClock(tick: .zero, nanoseconds: epoch, ticksPerSecond: 1_000_000_000_000)

  /// Fields of every packet, as tshark reads them.
  private func fields(_ path: String, _ names: [String]) throws -> [[String]] {
    let tshark = try #require(Program(named: "tshark"))
    let arguments = ["-r", path, "-T", "fields", "-E", "separator=|"] + names.flatMap { ["-e", $0] }
    let outcome = try tshark.run(arguments, limit: 60)
    #expect(outcome.status == 0, "\(outcome.errors)")
    // A line may be empty, but for the one behind the last line break.
    return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func settings(_ path: String, _ change: (inout CaptureSettings) -> Void = { _ in }) -> CaptureSettings {
    var settings = CaptureSettings(path: path, port: PortID(0), named: "p1", speed: .gigabits(100))
    change(&settings)
    return settings
  }

  /// One port of a router whose frames come back out of it: what comes in is for its own neighbour.
  private func run(
    _ frames: [[UInt8]], _ settings: CaptureSettings, every ticks: UInt64 = 10_000,
    _ change: (inout SwitchConfiguration) -> Void = { _ in }
  ) throws -> CaptureOutcome {
    var configuration = TestConfiguration.router(ports: 2)
    change(&configuration)
    let memory = try PacketMemory(counts: (2048, 256, 16))
    let whole = memory.available
    var device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    device.recordsEndings = true
    let session = try CaptureSession(settings, clock: Self.clock)
    var tap = session.tap()
    var burst = PacketBurst()
    var now = Tick.zero
    for (number, frame) in frames.enumerated() {
      now = Tick(UInt64(number + 1) * ticks)
      let allocated = device.memory.allocate(capacity: frame.count)
      let packet = try #require(allocated)
      packet.fill(frame, count: frame.count)
      packet.arrived(number: UInt64(number), wireLength: frame.count, start: now, end: now, latencyFrom: now)
      burst.append(packet)
      tap.received(burst, at: now)
      device.receive(&burst, on: PortID(0), at: now)
      for index in 0..<device.endingCount { tap.ended(device.ending(index)) }
      device.forgetEndings()
      tap.publish()
    }
    for port in 0..<2 {
      while case let tick = device.nextDeadline(PortID(port)), tick != .never {
        device.transmit(PortID(port), at: max(tick, now), into: &burst)
        if port == 0 { tap.sent(burst) }
        PacketMemory.free(&burst)
      }
    }
    let outcome = session.finish()
    let left = device.memory.available
    #expect(left == whole)
    return outcome
  }

  @Test func bothDirectionsWithStampsLengthsAndNumbers() throws {
    let directory = try ScratchDirectory()
    let path = directory["out.pcapng"]
    let frames = (0..<40).map { TestConfiguration.frame(toPort: 1, size: 60 + 13 * $0) }
    let outcome = try run(frames, settings(path) { $0.snapLength = 200 })
    #expect(outcome.packets == 80 && outcome.missed == 0 && outcome.error == nil)
    let rows = try fields(
      path,
      [
        "frame.time_epoch", "frame.len", "frame.cap_len", "frame.packet_flags_direction", "frame.packet_id",
        "frame.interface_name", "frame.interface_queue", "ip.ttl", "frame.comment",
      ])
    try #require(rows.count == 80)
    for number in 0..<40 {
      let length = 60 + 13 * number
      let stamp = "1700000000.\(String(format: "%09d", 10 * (number + 1)))"
      #expect(
        rows[number] == [stamp, "\(length)", "\(min(length, 200))", "0x00000001", "\(number)", "p1", "", "64", ""])
      #expect(
        Array(rows[40 + number][1...])
          == ["\(length)", "\(min(length, 200))", "0x00000002", "\(number)", "p1", "0", "63", ""])
    }
  }

  @Test func dropsCarryTheirReason() throws {
    let directory = try ScratchDirectory()
    let path = directory["drops.pcapng"]
    var dying = Frame(from: "10.0.99.2", to: "10.0.2.2")
    dying.ttl = 1
    let frames = [
      TestConfiguration.frame(toPort: 2), dying.udp(1, 2, size: 60), TestConfiguration.frame(toPort: 9),
      Frame(from: "10.0.99.2", to: "10.0.2.2", destinationMAC: 0x0600_0000_0099).udp(1, 2, size: 60),
    ]
    let outcome = try run(frames, settings(path)) { $0.icmpRatePerSecond = 0 }
    #expect(outcome.packets == 4)
    #expect(
      try fields(path, ["frame.packet_id", "frame.comment"]) == [
        ["0", ""], ["1", "dropped: time-to-live"], ["2", "dropped: no-route"], ["3", "dropped: foreign-mac"],
      ])
    let drops = try run(frames, settings(path) { $0.filter.wantsDropsOnly = true }) { $0.icmpRatePerSecond = 0 }
    #expect(drops.packets == 3)
    #expect(try fields(path, ["frame.packet_id"]) == [["1"], ["2"], ["3"]])
  }

  /// A burst into a buffer of four cells of 256 bytes: what does not fit says so in its own record.
  @Test func aFullBufferIsNamedAtThePacketThatDidNotFit() throws {
    let directory = try ScratchDirectory()
    let path = directory["full.pcapng"]
    let frames = (0..<20).map { _ in TestConfiguration.frame(toPort: 2, size: 200) }
    _ = try run(frames, settings(path), every: 1) {
      $0.buffer = BufferConfiguration()
      $0.buffer.size = ByteCount(256 * 4)
      $0.buffer.cell = ByteCount(256)
      $0.qos.queues = $0.qos.queues.map { _ in QueueConfiguration() }
      for port in $0.ports.indices { $0.ports[port].queues = $0.qos.queues }
    }
    let comments = try fields(path, ["frame.comment"]).map { $0[0] }
    #expect(comments.count == 20)
    #expect(comments.first == "")
    let dropped = comments.filter { $0.hasPrefix("dropped: ") && $0.hasSuffix("-buffer") }.count
    #expect(dropped >= 15 && dropped + comments.filter(\.isEmpty).count == 20, "\(comments)")
  }

  /// The watchdog empties a queue long after its packets came: those have records of their own, without bytes.
  @Test func packetsDroppedLaterHaveRecordsWithoutBytes() throws {
    let directory = try ScratchDirectory()
    let path = directory["late.pcapng"]
    let session = try CaptureSession(settings(path), clock: Self.clock)
    var tap = session.tap()
    var ending = PacketEnding()
    ending.number = 17
    ending.start = Tick(1_000_000)
    ending.tick = Tick(9_000_000)
    ending.ingressPort = PortID(0)
    ending.wireLength = 1500
    ending.dropReason = .pauseStorm
    tap.ended(ending)
    ending.ingressPort = PortID(1)
    tap.ended(ending)
    ending.ingressPort = PortID(0)
    ending.dropReason = nil
    tap.ended(ending)
    tap.publish()
    #expect(session.finish().packets == 1)
    #expect(
      try fields(path, ["frame.packet_id", "frame.len", "frame.cap_len", "frame.time_epoch", "frame.comment"]) == [
        ["17", "1500", "0", "1700000000.000009000", "dropped: pause-storm, after it had been queued; bytes not kept"]
      ])
  }

  @Test func filtersPickDirectionQueueAndMatch() throws {
    let directory = try ScratchDirectory()
    let path = directory["filtered.pcapng"]
    let frames = (0..<16).map { TestConfiguration.frame(toPort: 1, dscp: $0 % 2 == 0 ? 26 : 0) }
    func count(_ change: (inout CaptureFilter) -> Void) throws -> UInt64 {
      try run(frames, settings(path) { change(&$0.filter) }) { configuration in
        configuration.qos.dscpToTrafficClass[26] = TrafficClass(3)
        configuration.qos.dscpToTrafficClass[0] = TrafficClass(0)
      }.packets
    }
    #expect(try count { _ in } == 32)
    #expect(try count { $0.wantsOutbound = false } == 16)
    #expect(try count { $0.wantsInbound = false } == 16)
    #expect(try count { $0.match.dscp = [26] } == 16)
    #expect(try count { $0.queue = QueueID(3) } == 8)
    #expect(try fields(path, ["ip.dsfield.dscp", "frame.interface_queue"]).allSatisfy { $0 == ["26", "3"] })
    #expect(try count { $0.queue = QueueID(5) } == 0)
  }

  @Test func whatFindsNoRoomIsCountedAndTheRestIsWhole() throws {
    let directory = try ScratchDirectory()
    let path = directory["full-ring.pcapng"]
    let frames = (0..<100).map { _ in TestConfiguration.frame(toPort: 2) }
    let outcome = try run(frames, settings(path) { $0.slots = 64 })
    #expect(outcome.packets == 64 && outcome.missed == 36)
    let capinfos = try #require(Program(named: "capinfos"))
    let info = try capinfos.run(["-M", path])
    #expect(info.status == 0, "\(info.errors)")
    for line in [
      "Number of packets:   64", "Capture application: penstock", "Name = p1", "Speed = 100000000000",
      "Number of stat entries = 1",
    ] {
      #expect(info.output.contains(line), "\(line)\n\(info.output)")
    }
  }

  @Test func theNextRecordSaysHowManyAreMissingBeforeIt() throws {
    let directory = try ScratchDirectory()
    let session = try CaptureSession(settings(directory["gap.pcapng"]) { $0.slots = 64 }, clock: Self.clock)
    var tap = session.tap()
    let memory = try PacketMemory(counts: (64, 1, 1))
    var burst = PacketBurst()
    memory.allocate(&burst, capacity: 60)
    let frame = TestConfiguration.frame(toPort: 2)
    for index in 0..<burst.count {
      burst[index].fill(frame, count: frame.count)
      burst[index].arrived(number: 1, wireLength: 60, start: .zero, end: .zero, latencyFrom: .zero)
    }
    for _ in 0..<3 {
      tap.received(burst, at: .zero)
      tap.publish()
    }
    session.drain()
    tap.received(burst, at: .zero)
    tap.publish()
    PacketMemory.free(&burst)
    #expect(session.finish().packets == 96)
    let gaps = try fields(directory["gap.pcapng"], ["frame.drop_count"]).map { $0[0] }
    try #require(gaps.count == 96)
    #expect(gaps[64] == "32" && gaps.filter { !$0.isEmpty }.count == 1)
  }

  @Test func aLimitEndsIt() throws {
    let directory = try ScratchDirectory()
    let frames = (0..<100).map { _ in TestConfiguration.frame(toPort: 2) }
    let session = try CaptureSession(settings(directory["limit.pcapng"]) { $0.packetLimit = 7 }, clock: Self.clock)
    #expect(!session.isFinished)
    let outcome = try run(frames, settings(directory["limit.pcapng"]) { $0.packetLimit = 7 })
    #expect(outcome.packets == 7 && outcome.error == nil)
    #expect(try fields(directory["limit.pcapng"], ["frame.number"]).count == 7)
  }

  /// A worker and the writer at the same time: nothing is torn, and everything is either in the file or counted.
  @Test func theThreadWritesWhatAWorkerCopies() throws {
    let directory = try ScratchDirectory()
    let path = directory["live.pcapng"]
    let session = try CaptureSession(settings(path) { $0.slots = 256 }, workers: 2, clock: Self.clock)
    try session.start()
    let memory = try PacketMemory(counts: (64, 1, 1))
    var burst = PacketBurst()
    memory.allocate(&burst, capacity: 60)
    var taps = [session.tap(ofWorker: 0), session.tap(ofWorker: 1)]
    for round in 0..<1000 as Range<UInt64> {
      for index in 0..<burst.count {
        let number = round * 32 + UInt64(index)
        let frame = Frame.octets(number, count: 8) + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 52)
        burst[index].fill(frame, count: 60)
        burst[index].arrived(number: number, wireLength: 60, start: .zero, end: .zero, latencyFrom: .zero)
      }
      taps[Int(round % 2)].received(burst, at: Tick(round))
      taps[Int(round % 2)].publish()
      if round % 16 == 0 { usleep(200) }
    }
    PacketMemory.free(&burst)
    let outcome = session.finish()
    #expect(outcome.packets + outcome.missed == 32_000 && outcome.packets > 512 && outcome.error == nil)
    let rows = try fields(path, ["frame.packet_id", "eth.dst", "frame.len"])
    #expect(rows.count == Int(outcome.packets))
    for row in rows {
      let number = try #require(UInt64(row[0]))
      let octets = Frame.octets(number, count: 8)[..<6].map { String(format: "%02x", $0) }.joined(separator: ":")
      try #require(row[1] == octets)
    }
  }

  /// editcap turns it into pcap, and libpcap, by way of Penstock's reader, takes it as it is.
  @Test func otherToolsReadIt() throws {
    let directory = try ScratchDirectory()
    let path = directory["out.pcapng"]
    let frames = (0..<10).map { TestConfiguration.frame(toPort: 2, size: 60 + $0) }
    _ = try run(frames, settings(path))
    let editcap = try #require(Program(named: "editcap"))
    let outcome = try editcap.run(["-F", "nsecpcap", path, directory["out.pcap"]])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let read = try directory.capture("out.pcap")
    #expect(read.map(\.bytes) == frames)
    #expect(read.map(\.stamp) == (1...10).map { epoch + 10 * $0 })
    let fixture = try ReplayFixture()
    let result = try fixture.run([ReplayInput(port: PortID(0), path: path)])
    #expect(result.result.inputs[0].packets == 10 && result.result.inputs[0].error == nil)
  }

  @Test func aFileThatCannotBeWrittenSaysWhy() throws {
    let directory = try ScratchDirectory()
    let missing = #expect(throws: CaptureError.self) {
      try CaptureSession(settings(directory["none/out.pcapng"]), clock: Self.clock)
    }
    #expect(missing?.problem == "No such file or directory")
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let frames = (0..<10).map { _ in TestConfiguration.frame(toPort: 2) }
    let outcome = try run(frames, settings("/dev/full"))
    #expect(outcome.error?.problem == "No space left on device")
    #expect(outcome.error?.remedy.contains("--snap") == true)
  }

  @Test(arguments: [
    (UInt64(0), UInt64(1_000_000)), (1, 1_000_000), (1000, 1_000_001), (3_000_000_000_000, 3_001_000_000),
  ])
  func ticksBecomeNanoseconds(tick: UInt64, nanoseconds: UInt64) {
    let clock = CaptureClock(tick: .zero, nanoseconds: 1_000_000, ticksPerSecond: 1_000_000_000_000)
    #expect(clock.nanoseconds(at: Tick(tick)) == nanoseconds)
  }

  @Test func ticksBeforeTheKnownOneCountBackwards() {
    let clock = CaptureClock(tick: Tick(5000), nanoseconds: 1_000_000, ticksPerSecond: 3_000_000_000)
    // 5000 ticks at 3 GHz are 1666.67 ns, rounded down in time.
    #expect(clock.nanoseconds(at: .zero) == 998_333)
    #expect(clock.nanoseconds(at: Tick(8000)) == 1_001_000)
    let early = CaptureClock(tick: .never, nanoseconds: 1, ticksPerSecond: 1)
    #expect(early.nanoseconds(at: .zero) == 0)
  }
}
