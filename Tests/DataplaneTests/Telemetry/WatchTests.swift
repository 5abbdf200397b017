import Dataplane
import TestSupport
import Testing
import Wire

@Suite("INT: which packets are watched")
struct WatchTests {
  private func count(_ rules: [WatchRule], _ frames: [[UInt8]]) throws -> [Bool] {
    var path = TelemetryPath(1) { $0.int.watch = rules }
    path.switches[0].telemetry?.hostPorts = [PortID(0)]
    let seen = try path.run(frames.enumerated().map { ($1, UInt64($0) * 10_000_000) })[0]
    return frames.indices.map { number in
      seen.first { $0.number == UInt64(number) }.map { ReferenceINT($0.bytes) != nil } ?? false
    }
  }

  private func frame(_ from: String = "10.0.1.2", _ to: String = "10.0.2.2", dscp: UInt8 = 0) -> Frame {
    var frame = Frame(from: from, to: to, destinationMAC: 0x0200_0000_0B01)
    frame.dscp = dscp
    return frame
  }

  @Test("each condition of a rule")
  func conditions() throws {
    func rule(_ change: (inout WatchRule) -> Void) -> [WatchRule] {
      var rule = WatchRule()
      change(&rule)
      return [rule]
    }
    let v4 = [
      frame("10.0.1.2").udp(1, 2), frame("10.0.1.130").udp(1, 2), frame("10.0.2.2", "10.0.1.2").udp(5, 6),
      frame(dscp: 9).udp(1000, 2000), frame().roce(queuePair: 77), frame().roce(queuePair: 78),
    ]
    let v6 = [frame("fd00:1::2", "fd00:2::2").udp(1, 2), frame("fd00:1::2", "fd00:2::2:0").udp(1, 2)]
    let cases: [([WatchRule], [Bool])] = [
      (rule { _ in }, [true, true, true, true, true, true, true, true]),
      ([], [false, false, false, false, false, false, false, false]),
      (rule { $0.source = IPPrefix("10.0.1.0/25") }, [true, false, false, true, true, true, false, false]),
      (rule { $0.destination = IPPrefix("10.0.1.2/32") }, [false, false, true, false, false, false, false, false]),
      (rule { $0.source = IPPrefix("0.0.0.0/0") }, [true, true, true, true, true, true, false, false]),
      (rule { $0.destination = IPPrefix("fd00:2::/112") }, [false, false, false, false, false, false, true, false]),
      (rule { $0.source = IPPrefix("fd00:1::/63") }, [false, false, false, false, false, false, true, true]),
      (rule { $0.destinationPorts = 4791...4791 }, [false, false, false, false, true, true, false, false]),
      (rule { $0.sourcePorts = 900...1100 }, [false, false, false, true, false, false, false, false]),
      (rule { $0.dscp = 9 }, [false, false, false, true, false, false, false, false]),
      (rule { $0.queuePair = 78 }, [false, false, false, false, false, true, false, false]),
      (rule { $0.ipProtocol = 6 }, [false, false, false, false, false, false, false, false]),
    ]
    for (rules, wanted) in cases { #expect(try count(rules, v4 + v6) == wanted, "\(rules)") }
  }

  @Test("one in N, from the first on")
  func everyNth() throws {
    var rule = WatchRule()
    rule.sampling = .every(4)
    let frames = (0..<17).map { frame().udp(UInt16($0), 2) }
    #expect(try count([rule], frames) == (0..<17).map { $0 % 4 == 0 })
  }

  @Test("one in N flows, all packets of a flow alike")
  func flows() throws {
    var rule = WatchRule()
    rule.sampling = .flows(8)
    let frames = (0..<2000).map { frame().udp(UInt16($0 % 1000), 2) }
    let chosen = try count([rule], frames)
    #expect(Array(chosen[..<1000]) == Array(chosen[1000...]))
    // 125 are expected of 1000, with a standard deviation of 10.5.
    let flows = chosen[..<1000].filter { $0 }.count
    #expect(flows > 80 && flows < 170)
  }

  @Test("the first packet of a flow, and those that find another queue")
  func change() throws {
    var rule = WatchRule()
    rule.sampling = .change(TelemetryQuanta(latency: .zero, queue: ByteCount(3000)))
    var path = TelemetryPath(1) { $0.int.watch = [rule] }
    path.switches[0].telemetry?.hostPorts = [PortID(0)]
    path.switches[0].ports[1].speed = .gigabits(10)
    let bytes = frame().udp(1, 2, size: 1000)
    let ticks = (0..<20).map { UInt64($0) * 1000 } + [1_000_000_000]
    let seen = try path.run(ticks.map { (bytes, $0) })[0]
    var (last, wanted) = (UInt64.max, [Bool]())
    for departure in seen {
      // What waits when it comes: those that came before and have not left. Growth of those chosen counts.
      let found = seen.filter { $0.arrival < departure.arrival && $0.start >= departure.arrival }
        .reduce(UInt64(0)) { $0 + UInt64($1.wireLength) }
      wanted.append(found / 3000 != last)
      last = found / 3000
    }
    #expect(seen.map { ReferenceINT($0.bytes) != nil } == wanted)
    #expect(wanted[0] && wanted.filter { $0 }.count > 4 && wanted.filter { !$0 }.count > 8)
  }

  @Test("RoCE: nothing, postcards, copies that the sink discards, or in the packet")
  func roce() throws {
    let bytes = frame().roce(queuePair: 5, [1, 2, 3, 4])
    for roce in RoCETelemetry.allCases {
      let path = TelemetryPath(2) { $0.int.roce = roce }
      let seen = try path.run([(bytes, 0)])
      #expect(seen[1].map(\.bytes) == [bytes], "\(roce)")
      #expect(seen[0].count == (roce == .clone ? 2 : 1), "\(roce)")
      let ints = seen[0].compactMap { ReferenceINT($0.bytes) }
      #expect(ints.count == (roce == .none || roce == .postcards ? 0 : 1), "\(roce)")
      if roce == .clone { #expect(ints.allSatisfy(\.discard) && seen[0].contains { $0.bytes == bytes }) }
    }
  }
}
