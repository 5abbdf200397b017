import Drivers
import TestSupport
import Testing

@testable import Dataplane

/// When frames are on the ingress wire: computed here from the wire alone, read from packets.csv.
@Suite("Offered load in virtual time")
struct ReplayTimingTests {
  /// Bytes on the wire of a frame without check sequence: padding, 8 of preamble, 4 of check sequence, 12 of gap.
  static func slot(_ length: Int) -> UInt64 { UInt64(max(60, length) + 24) }

  /// Start ticks of datagrams in order of arrival, and all of the log.
  private func starts(
    _ fixture: ReplayFixture, _ inputs: [ReplayInput], _ speed: ReplaySpeed
  ) throws -> [UInt64] {
    let log = try fixture.run(inputs) { $0.speed = speed }.log()
    #expect(log.allSatisfy { $0.outcome == "tx" })
    let ordered = log.sorted { ($0.packet ?? 0) < ($1.packet ?? 0) }
    return ordered.compactMap(\.start)
  }

  @Test(
    "stamps become ticks, divided by the factor and rounded down",
    arguments: [(1, 1), (2, 1), (1, 2), (3, 1), (7, 5), (1, 1000)] as [(UInt64, UInt64)])
  func factor(numerator: UInt64, denominator: UInt64) throws {
    let fixture = try ReplayFixture()
    let offsets: [UInt64] = [0, 1000, 3000, 10_001, 1_000_000_007]
    let input = try fixture.input(1, datagrams(at: offsets))
    let starts = try starts(fixture, [input], .factor(numerator: numerator, denominator: denominator))
    #expect(starts == offsets.map { $0 * 1000 * denominator / numerator })
  }

  @Test(
    "a constant rate spaces frames by their bytes on the wire, whatever the stamps, remainders carried",
    arguments: [10_000_000_000, 56_000_000_000, 3_000_000_007] as [UInt64])
  func rate(bits: UInt64) throws {
    let fixture = try ReplayFixture()
    let lengths = [64, 42, 1500, 60, 100, 43, 999]
    let frames = lengths.enumerated().map { StampedFrame(at: epoch, TestDatagram($0, length: $1).frame) }
    let starts = try starts(fixture, [try fixture.input(1, frames)], .rate(BitRate(bitsPerSecond: bits)))
    var bytes: UInt64 = 0
    for (index, length) in lengths.enumerated() {
      #expect(starts[index] == bytes * 8_000_000_000_000 / bits, "frame \(index)")
      bytes += Self.slot(length)
    }
  }

  @Test(
    "at most speed, frames follow back to back at the port's own rate",
    arguments: [10, 25, 40, 56, 100, 400, 800, 1600] as [UInt64])
  func lineRate(gigabits: UInt64) throws {
    let fixture = try ReplayFixture(gigabits: [gigabits, 1600])
    let lengths = (0..<200).map { 42 + $0 * 7 % 1400 }
    let frames = lengths.enumerated().map {
      StampedFrame(at: epoch + UInt64($0) * 9999, TestDatagram($0, length: $1).frame)
    }
    let starts = try starts(fixture, [try fixture.input(1, frames)], .lineRate)
    var bytes: UInt64 = 0
    for (index, length) in lengths.enumerated() {
      #expect(starts[index] == bytes * 8000 / gigabits, "frame \(index)")
      bytes += Self.slot(length)
    }
  }

  @Test("frames that come faster than the wire can carry are serialised at line rate, and idle time is kept")
  func serialised() throws {
    let fixture = try ReplayFixture(gigabits: [100, 100])
    // 88 bytes of slot take 7040 ps at 100G: three at once, one that just fits, one after a pause.
    let offsets: [UInt64] = [0, 0, 0, 22, 1000]
    let input = try fixture.input(1, datagrams(at: offsets))
    let starts = try starts(fixture, [input], .factor(numerator: 1, denominator: 1))
    #expect(starts == [0, 7040, 14080, 22000, 1_000_000])
  }

  @Test("a frame arrives with its last bit and, being alone, leaves at once: latency 0, stamp cut to nanoseconds")
  func storeAndForward() throws {
    let fixture = try ReplayFixture(gigabits: [100, 400])
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: [0, 5000], length: 1000))])
    // 8 bytes of preamble, 1000 of frame, 4 of check sequence at 80 ps.
    for (index, row) in try outcome.log().enumerated() {
      #expect(row.departure == UInt64(index) * 5_000_000 + 1012 * 80)
      #expect(row.latency == 0 && row.enqueued == row.departure && row.bytes == 1000)
      #expect(row.ingress == "p1" && row.egress == "p2" && row.queue == 0)
    }
    #expect(try outcome.capture(2).map(\.stamp) == [epoch + 80, epoch + 5080])
  }

  @Test("cut-through: a frame is handled after 64 bytes, and waits for its end only where the egress port is faster")
  func cutThrough() throws {
    // In at 80 ps a byte: 8 of preamble and 64 of header, or all of a shorter frame and its check sequence.
    for (egress, length, departure) in [
      (100, 1000, 72 * 80), (25, 1000, 72 * 80), (400, 1000, 1012 * 80), (100, 60, 72 * 80), (100, 42, 72 * 80),
    ] as [(UInt64, Int, UInt64)] {
      var fixture = try ReplayFixture(gigabits: [100, egress])
      fixture.configuration.forwardingMode = .cutThrough
      let row = try #require(try fixture.run([try fixture.input(1, datagrams(at: [0], length: length))]).log().first)
      #expect(row.departure == departure && row.latency == departure, "\(length) bytes to \(egress)G: \(row)")
    }
  }

  @Test("the replay lasts to the last bit that leaves")
  func duration() throws {
    let fixture = try ReplayFixture(gigabits: [100, 10])
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: [0, 0], length: 1000))])
    // In at 80 ps a byte; then 1024 bytes of the first and 1012 of the second at 800 ps.
    #expect(outcome.result.duration == Picoseconds(1012 * 80 + (1024 + 1012) * 800))
    #expect(outcome.result.startNanoseconds == epoch)
  }

  @Test("a cut frame takes the time of its whole length")
  func cutFrame() throws {
    let fixture = try ReplayFixture(gigabits: [100, 100])
    let frames = datagrams(at: [0, 0], length: 1000).map {
      StampedFrame(at: $0.stamp, Array($0.bytes.prefix(64)), wireLength: $0.bytes.count)
    }
    let outcome = try fixture.run([try fixture.input(1, frames)])
    #expect(try outcome.log().map(\.departure) == [1012 * 80, (1024 + 1012) * 80])
    #expect(try outcome.capture(2).map(\.wireLength) == [1000, 1000])
    #expect(try outcome.capture(2).map(\.bytes.count) == [64, 64])
    #expect(outcome.sent[1] == Switch.Traffic(packets: 2, bytes: 2000))
  }

  @Test("--strict refuses the packet that comes before the wire is free, by number and port, and not one that fits")
  func strict() throws {
    let fixture = try ReplayFixture(gigabits: [100, 100])
    // 7.04 ns of slot: stamps in whole nanoseconds are up to 1 ns early, which is no fault of the sender's.
    let fits = try fixture.input(1, datagrams(at: [0, 7, 14, 21, 28]))
    let outcome = try fixture.run([fits]) { $0.isStrict = true }
    #expect(try outcome.log().count == 5)
    let early = try fixture.input(1, datagrams(at: [0, 7, 12]), name: "early.pcap")
    let error = #expect(throws: ReplayError.self) { _ = try fixture.run([early]) { $0.isStrict = true } }
    #expect(
      error?.description.hasPrefix("\(early.path): packet 3 arrives 2080 ps before the wire of port p1 is free.")
        == true)
    #expect(try fixture.directory.files(in: "out").allSatisfy { !$0.hasSuffix(".partial") })
  }
}
