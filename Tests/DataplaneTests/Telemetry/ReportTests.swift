import Dataplane
import TestSupport
import Testing
import Wire

@Suite("Telemetry reports")
struct ReportTests {
  /// Three routers' worth of ports: hosts at p1 and p2, a fabric link at p3, the collector 10.0.4.2 at p4.
  private static func router(_ change: (inout TelemetryConfiguration) -> Void = { _ in }) -> SwitchConfiguration {
    var router = TestConfiguration.router(ports: 4)
    router.id = 7
    router.neighbors = (0..<4).map {
      TestConfiguration.neighbor($0, "10.0.\($0 + 1).2", TestConfiguration.hostMAC($0 + 1))
    }
    var telemetry = TelemetryConfiguration()
    telemetry.hostPorts = [PortID(0), PortID(1)]
    telemetry.int.watch = [WatchRule()]
    telemetry.int.roce = .metadata
    telemetry.reports = TelemetryReportConfiguration(collector: TestConfiguration.address("10.0.4.2"))
    change(&telemetry)
    router.telemetry = telemetry
    return router
  }

  /// The reports in the datagrams that went to the collector, with what the datagrams say.
  private static func reports(_ departures: [Departure]) throws -> [Report] {
    var reports: [Report] = []
    for departure in departures.on("p4") {
      var bytes = departure.bytes
      #expect(ReferenceINT.fault(in: bytes) == nil)
      #expect(bytes[15] >> 2 == 16 && bytes[20] & 0x40 != 0, "DSCP, and do not fragment")
      let count = bytes.count
      try bytes.withUnsafeMutableBytes { buffer in
        let base = try #require(buffer.baseAddress)
        #expect(base.loadBigEndian(UInt16.self, at: 36) == 32_766)
        let end = 34 + Int(base.loadBigEndian(UInt16.self, at: 38))
        #expect(end <= count)
        let group = try #require(TelemetryReportGroup(at: base + 42, available: end - 42))
        var place = 50
        while place < end {
          let report = try #require(TelemetryReport(at: base + place, available: end - place))
          let contents = UnsafeRawBufferPointer(
            start: base + place + report.contentsOffset, count: report.contentsLength)
          reports.append(
            Report(
              node: group.nodeID, sequence: group.sequenceNumber, bits: report.metadataBits.rawValue,
              isDropped: report.isDropped, isCongested: report.isQueueCongested, isTracked: report.isTrackedFlow,
              isIntermediate: report.isIntermediate, reason: report.dropReason, queue: report.value(of: .queue),
              latency: report.value(of: .hopLatency), interfaces: report.value(of: .interfaces),
              contents: Array(contents), length: report.length))
          place += report.length
        }
      }
    }
    return reports
  }

  private struct Report {
    var node: UInt32, sequence: UInt32, bits: UInt16
    var isDropped: Bool, isCongested: Bool, isTracked: Bool, isIntermediate: Bool
    var reason: UInt8?, queue: UInt64?, latency: UInt64?, interfaces: UInt64?
    var contents: [UInt8]
    var length: Int
  }

  @Test("postcards: what this hop did with each packet, in few datagrams, and the packet's beginning")
  func postcards() throws {
    var device = try VirtualSwitch(ReportTests.router { $0.int.mode = .postcards })
    var sent: [[UInt8]] = []
    for number in 0..<20 {
      let frame = Frame(from: "10.0.1.2", to: "10.0.3.2").udp(UInt16(number), 2000, size: 60 + number * 40)
      sent.append(frame)
      device.send(frame, on: "p1", at: UInt64(number) * 1_000_000)
    }
    let departures = device.run()
    let reports = try ReportTests.reports(departures)
    #expect(reports.count == 20 && departures.on("p3").count == 20)
    for (index, (report, departure)) in zip(reports, departures.on("p3")).enumerated() {
      #expect(report.node == 7 && report.bits == 0x7000 && report.isTracked && report.isIntermediate)
      #expect(report.latency == departure.latency / 1000 && report.interfaces == 0x0001_0003)
      let kept = min(128, sent[index].count)
      #expect(Array(report.contents[..<kept]) == Array(sent[index][..<kept]))
      #expect(report.contents.count == (kept + 3) & ~3)
    }
    let datagrams = departures.on("p4")
    #expect(datagrams.count < 8 && datagrams.allSatisfy { $0.bytes.count <= 14 + 28 + 8 + 1400 })
    #expect(reports.map(\.sequence) == reports.map(\.sequence).sorted())
    #expect(Set(reports.map(\.sequence)) == Set(0..<UInt32(datagrams.count)))
    let counted = device.device.telemetryCounters
    let counters = try #require(counted)
    #expect(counters.postcards == 20 && counters.reportsSent == 20 && counters.datagrams == UInt64(datagrams.count))
  }

  @Test("a report waits for others no longer than the flush time")
  func flush() throws {
    var device = try VirtualSwitch(
      ReportTests.router {
        $0.int.mode = .postcards
        $0.reports?.flush = .microseconds(30)
      })
    device.send(Frame(from: "10.0.1.2", to: "10.0.3.2").udp(1, 2), on: "p1", at: 0)
    let departures = device.run()
    let made = try #require(departures.on("p3").first).start
    #expect(departures.on("p4").map(\.start) == [made + 30_000_000])
  }

  @Test("the sink reports the path, with the whole stack in front of it; hosts of one switch share one report")
  func paths() throws {
    var fabric = ReportTests.router()
    fabric.telemetry?.hostPorts = [PortID(2)]
    var first = try VirtualSwitch(ReportTests.router())
    let frame = Frame(from: "10.0.1.2", to: "10.0.3.2").udp(1, 2, size: 400)
    first.send(frame, on: "p1", at: 0)
    let passed = first.run().on("p3")
    var middle = try #require(passed.first).bytes
    // The next router is the same one again: the address that it is sent to.
    middle.replaceSubrange(0..<6, with: Frame.octets(Frame.switchMAC, count: 6))
    var second = try VirtualSwitch(fabric)
    second.send(middle, on: "p1", at: 0)
    let departures = second.run()
    let reports = try ReportTests.reports(departures)
    let report = try #require(reports.first)
    #expect(report.bits == 0x7000 && report.isTracked && !report.isIntermediate && !report.isDropped)
    #expect(report.contents.count == 128 + 4 + 12 + 16)
    #expect(ReferenceINT(Array(report.contents))?.hops.count == 1)
    #expect(second.device.telemetryCounters?.pathReports == 1 && second.device.telemetryCounters?.ended == 1)

    var alone = try VirtualSwitch(ReportTests.router())
    let inner = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 400)
    alone.send(inner, on: "p1", at: 0)
    let left = alone.run()
    #expect(left.on("p2").map(\.bytes.count) == [inner.count])
    #expect(try ReportTests.reports(left).map(\.isIntermediate) == [false])
  }

  @Test("INT-MX: the packet carries instructions of constant length, every node reports, the sink restores")
  func instructions() throws {
    let path = TelemetryPath(3) {
      $0.int.mode = .instructions
      $0.int.roce = .instructions
      $0.reports = TelemetryReportConfiguration(collector: TestConfiguration.address("10.9.9.9"))
    }
    for (name, frame, takes) in TelemetryPath.frames(payload: 100) where takes.contains(.port) {
      let seen = try path.pass(frame)
      #expect(seen[2] == frame, "\(name)")
      for bytes in seen[..<2] {
        let int = try ReferenceINT.read(bytes)
        #expect(int.kind == 3 && int.bitmap == 0xF000 && bytes?.count == frame.count + 16)
        #expect(ReferenceINT.fault(in: bytes) == nil)
      }
    }
    var device = try VirtualSwitch(ReportTests.router { $0.int.mode = .instructions })
    device.send(Frame(from: "10.0.1.2", to: "10.0.3.2").udp(1, 2), on: "p1", at: 0)
    let departures = device.run()
    #expect(try ReportTests.reports(departures).map(\.bits) == [0x7000])
  }

  @Test("what is dropped is reported with its reason, and with its queue if it had come to one")
  func drops() throws {
    var router = ReportTests.router { $0.int.watch = [] }
    router.buffer.lossy.threshold = .fixed(ByteCount(2000))
    var device = try VirtualSwitch(router)
    device.send(Frame(from: "10.0.1.2", to: "10.99.1.1").udp(1, 2), on: "p1", at: 0)
    for number in 0..<10 {
      device.send(Frame(from: "10.0.1.2", to: "10.0.3.2").udp(UInt16(number), 2, size: 1000), on: "p1", at: 10_000_000)
      device.send(Frame(from: "10.0.2.2", to: "10.0.3.2").udp(UInt16(number), 2, size: 1000), on: "p2", at: 10_000_000)
    }
    let reports = try ReportTests.reports(device.run())
    let dropped = device.drops(.ingressBuffer, on: "p1") + device.drops(.ingressBuffer, on: "p2")
    #expect(dropped > 0 && reports.count == Int(dropped) + 1)
    #expect(reports.allSatisfy { $0.isDropped && $0.bits == 0x4801 })
    #expect(reports[0].reason == DropReason.noRoute.reportCode && reports[0].interfaces == 0x0001_FFFF)
    for report in reports.dropFirst() {
      #expect(report.reason == DropReason.ingressBuffer.reportCode)
      #expect(report.interfaces == 0x0001_0003 || report.interfaces == 0x0002_0003)
    }
  }

  @Test("a queue beyond the threshold is reported once for each multiple of the quantum that it comes to")
  func congestion() throws {
    var router = ReportTests.router {
      $0.int.watch = []
      $0.reports?.congestion = ByteCount(5000)
      $0.reports?.congestionQuantum = ByteCount(2000)
    }
    router.ports[2].speed = .gigabits(10)
    var device = try VirtualSwitch(router)
    for number in 0..<30 {
      device.send(Frame(from: "10.0.1.2", to: "10.0.3.2").udp(UInt16(number), 2, size: 1000), on: "p1", at: 0)
    }
    let departures = device.run()
    let reports = try ReportTests.reports(departures)
    // What each packet leaves behind: those that have arrived by then and not left.
    let out = departures.on("p3")
    let left = out.map { one in
      out.filter { $0.arrival <= one.start && $0.start > one.start }.reduce(0) { $0 + $1.wireLength }
    }
    var wanted: [UInt64] = []
    var last = UInt64.max
    for bytes in left.map({ UInt64($0) }) {
      let step = bytes < 5000 ? .max : bytes / 2000
      if step != last, step != .max { wanted.append(bytes) }
      last = step
    }
    #expect(reports.map { ($0.queue ?? 0) & 0xFF_FFFF } == wanted && wanted.count > 5)
    #expect(reports.allSatisfy { $0.isCongested && $0.bits == 0x7C80 })
  }

  @Test("no more reports than the rate allows, after the burst")
  func rate() throws {
    var device = try VirtualSwitch(
      ReportTests.router {
        $0.int.mode = .postcards
        $0.reports?.rate = 1_000_000
        $0.reports?.burst = 5
      })
    for number in 0..<100 {
      device.send(Frame(from: "10.0.1.2", to: "10.0.3.2").udp(UInt16(number), 2), on: "p1", at: 0)
    }
    let departures = device.run()
    let reports = try ReportTests.reports(departures)
    // Five at once, and one for each microsecond: the frames take 672 ns in all.
    #expect(reports.count == 5)
    #expect(device.device.telemetryCounters?.overRate == 95)
  }

  @Test("while nothing changes beyond the quanta a flow is reported once")
  func changes() throws {
    var device = try VirtualSwitch(
      ReportTests.router {
        $0.int.mode = .postcards
        $0.reports?.change = TelemetryQuanta(latency: .microseconds(1), queue: ByteCount(5000))
      })
    for flow in 0..<3 {
      for number in 0..<50 {
        device.send(
          Frame(from: "10.0.1.2", to: "10.0.3.2").udp(UInt16(flow), 2), on: "p1", at: UInt64(number) * 10_000_000)
      }
    }
    let departures = device.run()
    #expect(try ReportTests.reports(departures).count == 3)
    #expect(device.device.telemetryCounters?.unchanged == 147)
  }

  @Test("every drop reason has a number of its own, and none is 0 or 255")
  func reasons() {
    let codes = DropReason.allCases.map(\.reportCode)
    #expect(Set(codes).count == codes.count && codes.allSatisfy { $0 > 0 && $0 < 255 })
  }

  @Test("reports go over IPv6 too, with a checksum")
  func overIPv6() throws {
    var router = ReportTests.router { $0.int.mode = .postcards }
    router.telemetry?.reports = TelemetryReportConfiguration(collector: TestConfiguration.address("fd00:4::2"))
    router.neighbors.append(TestConfiguration.neighbor(3, "fd00:4::2", TestConfiguration.hostMAC(4)))
    var device = try VirtualSwitch(router)
    device.send(Frame(from: "10.0.1.2", to: "10.0.3.2").udp(1, 2), on: "p1", at: 0)
    let departures = device.run()
    let bytes = try #require(departures.on("p4").first).bytes
    #expect(ReferenceINT.fault(in: bytes) == nil && bytes[60...61] != [0, 0])
    #expect(ReferenceINT.network(bytes)?.dscp == 16)
  }
}
