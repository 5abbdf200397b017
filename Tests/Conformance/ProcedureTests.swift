import Dataplane
import Drivers
import TestSupport
import Testing

@testable import Conformance

/// Procedures of RFC 2544 and RFC 8239 against what arithmetic says that a switch in virtual time must show.
@Suite("Benchmarking procedures")
struct ProcedureTests {
  /// A switch with fixed limits for lossy groups and lossless ones, no other limit, and cells of 64 bytes.
  private static func device(
    _ gigabits: [UInt64], limit: UInt64 = 200_000, response: PauseResponse = .immediate, limitsEgress: Bool = false
  ) throws -> VirtualDevice {
    var configuration = TestConfiguration.router(ports: gigabits.count, speeds: gigabits.map { .gigabits($0) })
    configuration.buffer.size = ByteCount(64_000_000)
    configuration.buffer.lossy.threshold = .fixed(ByteCount(limit))
    configuration.buffer.lossless.threshold = .fixed(ByteCount(100_000))
    configuration.buffer.egress.threshold = .fixed(ByteCount(0))
    if limitsEgress { swap(&configuration.buffer.lossy.threshold, &configuration.buffer.egress.threshold) }
    configuration.pipelineLatency = .nanoseconds(500)
    configuration.pause.response = response
    for port in configuration.ports.indices { configuration.ports[port].queues[3].isLossless = true }
    return try VirtualDevice(configuration)
  }

  private static func report(_ device: VirtualDevice, frames: [Int], trial: UInt64) throws -> ProcedureReport {
    var options = ProcedureOptions()
    options.frames = frames
    options.trial = trial
    options.longestBurst = 20_000
    return try RFC2544(device, options).run()
  }

  private static func values(_ report: ProcedureReport, _ title: String, _ key: String) throws -> [Double] {
    let table = try #require(report.tables.first { $0.title == title })
    return table.values(key).compactMap { $0 }
  }

  /// Bytes of the cells that a frame takes.
  private static func stored(_ frame: Int) -> Double { Double((frame - 4 + 63) / 64 * 64) }

  /// Frames of 200 000 bytes of a group that are left for `groups` of them to wait in: those that would have gone on a line
  /// of `gigabits` while the first was in the pipeline of 500 ns take room too.
  private static func room(_ frame: Int, groups: Double = 1, gigabits: Double) -> Double {
    (200_000 / stored(frame)).rounded(.down) * groups - 500 * gigabits / Double(8 * (frame + 20))
  }

  @Test(
    "ports of one rate: the line's rate at every size, 14 880 952 frames a second at 64 bytes, pipeline latency alone")
  func wireSpeed() throws {
    let report = try Self.report(Self.device([10, 10]), frames: ProcedureOptions.usualFrames, trial: 2000)
    let sizes = ProcedureOptions.usualFrames.map { Double($0) }
    #expect(try Self.values(report, "Throughput", "frame_bytes") == sizes)
    let rates = try Self.values(report, "Throughput", "frames_per_second")
    for (size, rate) in zip(sizes, rates) {
      // A picosecond in the time of 2000 frames is all that may be missing.
      #expect(abs(rate - 1e10 / (8 * (size + 20))) < 1e10 / (8 * (size + 20)) * 1e-8, "\(size)")
    }
    #expect(rates[0].rounded() == 14_880_952)
    #expect(try Self.values(report, "Throughput", "line_percent").allSatisfy { $0 == 100 })
    for key in ["minimum_nanoseconds", "mean_nanoseconds", "maximum_nanoseconds"] {
      #expect(try Self.values(report, "Latency", key).allSatisfy { $0 == 500 }, "\(key)")
    }
    // Two trials a size, both without loss, and then no more.
    #expect(try Self.values(report, "Frame loss rate", "loss_percent") == Array(repeating: 0, count: 14))
    #expect(try Self.values(report, "Back-to-back frames", "is_limit").allSatisfy { $0 == 1 })
    #expect(try Self.values(report, "System recovery", "recovery_nanoseconds").allSatisfy { $0 == 0 })
  }

  @Test("25G into 10G: what a buffer of Q holds back is Q / (1 - 10/25) of a burst, and Q of a trial")
  func bottleneck() throws {
    let frames = [64, 512, 1518]
    let trial: UInt64 = 20_000
    let report = try Self.report(Self.device([25, 10]), frames: frames, trial: trial)
    let bursts = try Self.values(report, "Back-to-back frames", "burst_frames")
    let throughput = try Self.values(report, "Throughput", "offered_bits_per_second")
    for (index, frame) in frames.enumerated() {
      let held = Self.room(frame, gigabits: 10)
      #expect(abs(bursts[index] - held / (1 - 10.0 / 25)) <= 2, "\(frame) B: \(bursts[index]) of \(held)")
      // N frames come in N / r and leave in N / C; what has not left by then is held: r = C / (1 - Q / N).
      let expected = 1e10 / (1 - held / Double(trial))
      #expect(abs(throughput[index] - expected) < expected * 3 / Double(trial) + 250_000, "\(frame) B")
    }
    let table = try #require(report.tables.first { $0.title == "Frame loss rate" })
    for row in table.rows {
      let (size, load, received) = (row[0] ?? 0, (row[1] ?? 0) / 100 * 25e9, row[3] ?? 0)
      let held = Self.room(Int(size), gigabits: 10)
      let expected = min(Double(trial), Double(trial) * 1e10 / load + held)
      #expect(abs(received - expected) <= 3, "\(size) B at \(load)")
    }
    #expect(Set(table.values("load_percent")) == [100, 90, 80, 70, 60, 50, 40, 30])
  }

  @Test("recovery: nothing is lost at half the load, and the queue takes Q / C to be gone")
  func recovery() throws {
    let report = try Self.report(Self.device([25, 10]), frames: [1518], trial: 4000)
    #expect(try Self.values(report, "System recovery", "recovery_nanoseconds")[0] < 2e3)
    #expect(try Self.values(report, "System recovery", "overload_lost_frames")[0] > 100)
    let held = (200_000 / Self.stored(1518)).rounded(.down)
    let drained = try Self.values(report, "System recovery", "drained_nanoseconds")[0]
    let slot = Double(1538 * 8) / 10
    #expect(abs(drained - held * slot) < 3 * slot, "\(drained)")
  }

  @Test("a live loop of rings, slowly: everything comes back at the rate of the line")
  func live() throws {
    let ring = try DeviceAddress("ring:procedure")
    let tester = LiveTester(sender: ring, receiver: ring, line: BitRate(bitsPerSecond: 20_000_000))
    var options = ProcedureOptions()
    options.frames = [64, 512]
    options.trial = 50
    options.longestBurst = 60
    let report = try RFC2544(tester, options).run()
    #expect(report.tables.map(\.title) == ["Throughput", "Latency", "Frame loss rate", "Back-to-back frames"])
    #expect(try Self.values(report, "Throughput", "line_percent") == [100, 100])
    #expect(try Self.values(report, "Frame loss rate", "received_frames") == [50, 50, 50, 50])
    #expect(try Self.values(report, "Back-to-back frames", "burst_frames") == [60, 60])
    #expect(try Self.values(report, "Latency", "minimum_nanoseconds").allSatisfy { $0 > 0 })
  }

  private func dataCentre(_ device: VirtualDevice, frames: [Int], trial: UInt64 = 2000) throws -> ProcedureReport {
    var options = ProcedureOptions()
    options.frames = frames
    options.trial = trial
    options.longestBurst = 10_000
    return try RFC8239(device, options).run()
  }

  @Test("RFC 8239: a full mesh at line rate loses nothing; bursts of n ports store what the limits of n groups allow")
  func mesh() throws {
    let report = try dataCentre(Self.device([100, 100, 100, 100, 100]), frames: [64, 1024])
    #expect(try Self.values(report, "Line-rate testing", "lost_frames") == [0, 0])
    #expect(try Self.values(report, "Line-rate testing", "line_percent").allSatisfy { $0 > 99 && $0 < 101 })
    for (title, senders) in [("Buffering testing", 2.0), ("Microburst testing", 4.0)] {
      let stored = try Self.values(report, title, "stored_frames")
      for (index, frame) in [64, 1024].enumerated() {
        let held = Self.room(frame, groups: senders, gigabits: 100)
        #expect(abs(stored[index] - held) <= 2 * senders, "\(title), \(frame) B: \(stored[index]) of \(held)")
      }
    }
  }

  @Test("RFC 8239: a congested port takes nothing from its neighbours, but pauses do; an incast fills the line")
  func congestion() throws {
    let report = try dataCentre(
      Self.device([100, 100, 100, 100, 100], limitsEgress: true), frames: [1024], trial: 20_000)
    let free = try Self.values(report, "Head-of-line blocking", "free_percent")
    #expect(try Self.values(report, "Head-of-line blocking", "free_lost_frames") == [0, 0])
    // Three senders share the congested port. The first has a third of the line for what it offers half of one, and is
    // paused as a whole: its free stream has no more.
    #expect(abs(free[0] - 100) < 0.1 && abs(free[1] - 200.0 / 3) < 5, "\(free)")
    #expect(try Self.values(report, "Head-of-line blocking", "blocked_lost_frames")[1] == 0)
    let lost = try Self.values(report, "Incast", "lost_percent")
    let held = (200_000 / Self.stored(1024)).rounded(.down)
    // Four lines into one: three quarters are lost, but for what the queue holds at the end.
    let expected = (80_000 - 20_000 - held) / 80_000 * 100
    #expect(abs(lost[0] - expected) < 0.02 && lost[1] == 0, "\(lost), not \(expected)")
    #expect(try Self.values(report, "Incast", "line_percent").allSatisfy { $0 > 99.9 && $0 <= 100.001 })
    // Tail drop is not fair to senders in step: whoever comes just behind a departure gets the place. Pauses are.
    #expect(try Self.values(report, "Incast", "fairness")[1] > 0.99)
  }

  @Test(
    "PFC response: the frame that has begun is finished, and those that begin within the response time",
    arguments: [PauseResponse.immediate, .standard, .after(.nanoseconds(1000))])
  func pauses(response: PauseResponse) throws {
    let device = try Self.device([100, 100, 100], response: response)
    for frame in [64, 1518] {
      let slot = UInt64(frame + 20) * 80
      let wait = response.time(at: .gigabits(100)).count
      for phase in [UInt64(1), slot / 3, slot - 1] {
        let reaction = try device.reaction(on: 2, frame: frame, phase: Picoseconds(phase))
        // Frames begin at multiples of a slot; the last one at or before phase + response.
        let last = (phase + wait) / slot
        #expect(reaction?.count == (last + 1) * slot - phase, "\(frame) B, phase \(phase)")
      }
    }
  }
}
