import Dataplane
import TestSupport
import Testing
import Wire

/// Broken INT: it passes or is dropped, grows by what it says or not at all, and nothing is read that is not there.
@Suite("INT: malformed packets")
struct MalformedINTTests {
  private static func configuration(isSink: Bool, _ announcement: INTAnnouncement) -> SwitchConfiguration {
    var path = TelemetryPath(1) {
      $0.int.announcement = announcement
      $0.int.domainID = 5
      $0.int.domainWords = [.pauseTime, .portQueues]
      $0.reports = TelemetryReportConfiguration(collector: TestConfiguration.address("10.9.9.9"))
    }
    path.switches[0].telemetry?.hostPorts = isSink ? [PortID(1)] : []
    return path.switches[0]
  }

  /// Frames with INT on them, by every announcement: one hop, one word of the source below it.
  private static func seeds(_ announcement: INTAnnouncement) throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for mode in [INTMode.metadata, .instructions] {
      let path = TelemetryPath(2) {
        $0.int.mode = mode
        $0.int.announcement = announcement
        $0.int.instructions = [.nodeID, .hopLatency, .queue, .egressTimestamp, .checksumComplement]
        $0.int.domainID = 5
        $0.int.domainWords = [.pauseTime]
      }
      for (_, frame, takes) in TelemetryPath.frames(payload: 20) where takes.contains(announcement) {
        if let bytes = try path.pass(frame)[0] { seeds.append(bytes) }
      }
    }
    return seeds
  }

  /// Sends a frame to two switches that differ in what lies behind it, and compares what they do.
  private static func probe(
    _ first: inout PoisonedSwitch, _ second: inout PoisonedSwitch, _ frame: [UInt8], wireLength: Int? = nil
  ) {
    let one = first.exchange(frame, on: 0, wireLength: wireLength)
    let other = second.exchange(frame, on: 0, wireLength: wireLength)
    expect(one == other, "octets behind the frame matter")
    for output in one {
      let growth = output.wireLength - max(frame.count, wireLength ?? 0)
      expect(growth <= 124 && growth >= -1032, "it grows by \(growth)")
    }
  }

  @Test("every field at every extreme, and cut at every octet", arguments: INTAnnouncement.allCases, [false, true])
  func extremes(_ announcement: INTAnnouncement, isSink: Bool) throws {
    let configuration = MalformedINTTests.configuration(isSink: isSink, announcement)
    var first = try PoisonedSwitch(configuration, poison: 0x00)
    var second = try PoisonedSwitch(configuration, poison: 0xFF)
    for (number, seed) in try MalformedINTTests.seeds(announcement).enumerated() {
      withEvery("seed", in: [number]) { _ in
        let start = ReferenceINT.network(seed)?.transport ?? 34
        withEvery("octet", in: start..<min(seed.count, start + 80)) { place in
          for value in [0x00, 0x01, 0x7F, 0x80, 0xFF] as [UInt8] {
            var frame = seed
            frame[place] = value
            MalformedINTTests.probe(&first, &second, frame)
          }
          for bit in 0..<8 {
            var frame = seed
            frame[place] ^= 1 << UInt8(bit)
            MalformedINTTests.probe(&first, &second, frame)
          }
        }
        withEvery("cut", in: 14..<seed.count) { length in
          let cut = Array(seed[..<length])
          MalformedINTTests.probe(&first, &second, cut)
          MalformedINTTests.probe(&first, &second, cut, wireLength: seed.count)
        }
      }
    }
    let faults = [first.fault, second.fault]
    #expect(faults == [nil, nil])
  }
}
