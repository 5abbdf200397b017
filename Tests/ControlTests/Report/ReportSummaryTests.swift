import Foundation
import Testing

@testable import Control

@Suite("Console summary")
struct ReportSummaryTests {
  @Test("a summary reads as the snapshot says")
  func snapshot() throws {
    try expectSnapshot("small.txt", ReportSummary(SampleReports.small).text())
  }

  @Test("a run without a packet is summed up in a few lines")
  func empty() throws {
    try expectSnapshot("empty.txt", ReportSummary(SampleReports.empty).text())
  }

  @Test("lines stay within 120 columns, also with 64 busy ports and billions of packets")
  func width() {
    let text = ReportSummary(SampleReports.large(ports: 64)).text()
    for line in text.split(separator: "\n") where line.count > 120 {
      Issue.record("\(line.count) columns: \(line)")
    }
  }

  @Test("of many queues and groups the busiest stand for the rest, in the order of ports")
  func limits() {
    let text = ReportSummary(SampleReports.large(ports: 64)).text()
    let queueLines = text.split(separator: "\n").filter { $0.hasPrefix("  Ethernet") && $0.contains("32.00 MB") }
    #expect(queueLines.count == ReportSummary.queueLimit)
    #expect(queueLines.first?.hasPrefix("  Ethernet32 ") == true)
    #expect(queueLines.last?.hasPrefix("  Ethernet63 ") == true)
    #expect(text.contains("  32 less busy queues are in report.json.\n"))
  }

  @Test("colour only adds escape sequences, and only when asked for")
  func colour() throws {
    let plain = ReportSummary(SampleReports.small).text()
    let coloured = ReportSummary(SampleReports.small, isColoured: true).text()
    #expect(!plain.contains("\u{1B}"))
    #expect(coloured.contains("\u{1B}[31m10\u{1B}[0m"))
    let escapes = try Regex("\u{1B}\\[[0-9]*m")
    #expect(coloured.replacing(escapes, with: "") == plain)
  }

  @Test("names cannot command the terminal or break the table")
  func hostileNames() {
    var report = SampleReports.small
    report.identity.name = "leaf\u{1B}[2J"
    report.ports[0].name = "h1\n\u{1B}]0;title\u{7}\u{202E}"
    report.ports[0].drops = ["reason\r": 1, "other": 2]
    report.notices = ["a notice\u{9B}31m"]
    let text = ReportSummary(report).text()
    #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) || $0 == "\n" })
    #expect(text.contains("h1??]0;title??"))
    #expect(text.split(separator: "\n").count == ReportSummary(SampleReports.small).text().split(separator: "\n").count)
  }

  @Test("an unbalanced account is named")
  func unbalanced() {
    var report = SampleReports.small
    report.totals.rxPackets += 5
    #expect(ReportSummary(report).text().contains("NOT BALANCED: 5 packets are missing"))
    report.totals.txPackets += 7
    #expect(ReportSummary(report).text().contains("NOT BALANCED: 2 packets too many"))
  }

  @Test("loss in lossless traffic is called by its name, with the ports")
  func losslessLoss() {
    var report = SampleReports.small
    #expect(report.alarms.isEmpty)
    report.ports[0].drops["headroom-full"] = 1200
    report.ports[1].drops["headroom-full"] = 34
    let text = ReportSummary(report).text()
    #expect(text.contains("LOSS IN LOSSLESS TRAFFIC: 1,234 packets were dropped because headroom was full"))
    #expect(report.alarms.first?.contains("h1 (1,200), s1 (34)") == true)
  }

  @Test("a storm is named with its queues and what was dropped")
  func storm() {
    var report = SampleReports.small
    report.ports[1].queues[3].pause.storms = 2
    report.ports[1].queues[3].pause.stormDroppedPackets = 40
    report.ports[1].queues[3].pause.stormIngressDroppedPackets = 5
    #expect(report.alarms.count == 1)
    #expect(report.alarms[0].contains("s1 queue 3 (2). It dropped 45 packets."))
  }
}

@Suite("Units")
struct ReportUnitsTests {
  @Test(
    "times have four digits and the fitting unit",
    arguments: [
      (0.0, "0 ns"), (0.084, "84.00 ps"), (83.84, "83.84 ns"), (999.94, "999.9 ns"), (999.96, "1.000 us"),
      (1204.0, "1.204 us"), (9.9996, "10.00 ns"), (99.996, "100.0 ns"), (7.7e6, "7.700 ms"), (2.5e12, "2500.0 s"),
    ])
  func times(nanoseconds: Double, text: String) {
    #expect(ReportUnits.time(nanoseconds: nanoseconds, ascii: true) == text)
  }

  @Test("counts, bytes, rates and speeds")
  func others() {
    #expect([0, 999, 1000, 1_234_567].map(ReportUnits.count) == ["0", "999", "1,000", "1,234,567"])
    #expect(ReportUnits.count(.max) == "18,446,744,073,709,551,615")
    #expect([0, 999, 1000, 1_048_000].map(ReportUnits.bytes) == ["0 B", "999 B", "1.000 kB", "1.048 MB"])
    #expect([0, 24.8e9, 1.6e12].map(ReportUnits.rate) == ["0 b/s", "24.80 Gb/s", "1.600 Tb/s"])
    #expect(
      [10_000_000, 2_500_000_000, 25_000_000_000, 1_600_000_000_000].map(ReportUnits.speed)
        == ["10M", "2.5G", "25G", "1.6T"])
  }

  @Test("shares, and how far they are off")
  func shares() {
    #expect([0, 1e-6, 0.75, 1, nil].map(ReportUnits.percent) == ["0.00 %", "< 0.01 %", "75.00 %", "100.00 %", "-"])
    #expect(ReportUnits.difference(0.748, from: 0.75) == "-0.20")
    #expect(ReportUnits.difference(0.252, from: 0.25) == "+0.20")
    #expect(ReportUnits.difference(0.25, from: 0.25000001) == "+0.00")
  }

  @Test("instants are UTC to the nanosecond, also before 1970")
  func instants() {
    #expect(ReportUnits.instant(nanoseconds: 1_700_000_000_123_456_789) == "2023-11-14 22:13:20.123456789 UTC")
    #expect(ReportUnits.instant(nanoseconds: 0) == "1970-01-01 00:00:00.000000000 UTC")
    #expect(ReportUnits.instant(nanoseconds: -1) == "1969-12-31 23:59:59.999999999 UTC")
  }
}
