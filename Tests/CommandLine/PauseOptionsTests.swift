import Foundation
import TestSupport
import Testing

@Suite("Options of flow control, and of exactness")
struct PauseOptionsTests {
  /// 3 MB for h2 at 25G that come in at 100G, into a buffer of 1 MB, in the lossless class.
  private static func fixture(buffer: String = "{size: 1MB}") throws -> CommandFixture {
    let fixture = try CommandFixture()
    try fixture.directory.write(CommandFixture.configuration + "buffer: \(buffer)\n", to: "leaf.yaml")
    let frames = (0..<2000).map { number in
      var datagram = TestDatagram(number, length: 1500)
      datagram.dscp = 26
      return StampedFrame(at: 1_700_000_000_000_000_000, datagram.frame)
    }
    try fixture.directory.write(frames, to: "a.pcap")
    return fixture
  }

  private static func report(_ fixture: CommandFixture) throws -> ReplayReport {
    let report = try ReplayReport(try fixture.directory.text("out/report.json"))
    report.expectConserved()
    return report
  }

  @Test("sources obey pauses unless told otherwise, and then nothing is lost")
  func pause() throws {
    let fixture = try Self.fixture()
    for (arguments, isLossless) in [
      ([], true), (["--pause", "obey", "--source-response", "standard"], true), (["--source-response", "500ns"], true),
      (["--pause", "ignore"], false),
    ] as [([String], Bool)] {
      let outcome = try Program.penstock.run(
        ["replay", "leaf.yaml", "--out", "out", "--in", "h1=a.pcap"] + arguments, directory: fixture.directory.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try Self.report(fixture)
      #expect((report.totals.droppedPackets == 0) == isLossless, "\(arguments)")
      #expect(report.totals.txPackets + report.totals.droppedPackets == 2000)
    }
  }

  @Test("--pfc-log lists XOFF first, then the frame that says so, and as many of each as left the port")
  func pauseLog() throws {
    let fixture = try Self.fixture()
    let outcome = try fixture.replay("--pfc-log", "pfc.csv")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = try fixture.directory.text("pfc.csv").split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "time_ps,port,event,priorities,state,priority_group,shared_bytes,limit_bytes,headroom_bytes")
    #expect(lines[1].contains(",h1,xoff-") && lines[1].contains(",3,xoff,3,"))
    #expect(lines[2].hasSuffix(",h1,sent,3,xoff,,,,"))
    let frames = lines.filter { $0.contains(",sent,") || $0.contains(",refreshed,") }
    #expect(frames.count == (try fixture.directory.capture("out/h1.pcap").count))
    #expect(try fixture.directory.files() == ["a.pcap", "leaf.yaml", "out", "pfc.csv"])
  }

  @Test("--pfc-log does not write over what is read or written besides")
  func protected() throws {
    let fixture = try Self.fixture()
    for (path, problem) in [
      ("a.pcap", "a.pcap: would be overwritten by the output."),
      ("./leaf.yaml", "leaf.yaml: would be overwritten by the output."),
      ("out/h2.pcap", "out/h2.pcap: is what another output is written to."),
      ("none/pfc.csv", "none/pfc.csv: No such file or directory."),
    ] {
      let outcome = try fixture.replay("--pfc-log", path)
      #expect(outcome.status == 1 && outcome.errors.hasPrefix("error: \(problem)"), "\(outcome.errors)")
    }
    #expect(try fixture.directory.text("leaf.yaml").contains("switch:"))
    #expect(try fixture.directory.capture("a.pcap").count == 2000)
  }

  @Test(
    "a disk that fills up with the list: clear message, and nothing is left",
    .enabled(if: PrivateMount.isPossible, PrivateMount.reason))
  func fullDisk() throws {
    let fixture = try Self.fixture()
    // An XOFF every 25.6 ns for 0.9 ms: 45 bytes each in the list, 30 in the capture.
    try fixture.directory.write(
      CommandFixture.configuration + "buffer: {size: 1MB}\npfc: {quanta: 10}\n", to: "leaf.yaml")
    let outcome = try PrivateMount.run(
      fixture, options: "size=900k", arguments: ["--snap", "14", "--pfc-log", "out/pfc.csv"])
    #expect(outcome.status == 1)
    #expect(
      ["pfc.csv", "h1.pcap"].contains { outcome.errors.hasPrefix("error: out/\($0): No space left on device.") },
      "\(outcome.errors)")
    #expect(outcome.output.isEmpty, "left: \(outcome.output)")
  }

  @Test("--serialization truncate-ns cuts each frame to whole nanoseconds")
  func serialization() throws {
    let fixture = try Self.fixture()
    var stamps: [[UInt64]] = []
    for how in ["exact", "truncate-ns"] {
      let outcome = try fixture.replay("--serialization", how)
      #expect(outcome.status == 0, "\(outcome.errors)")
      stamps.append(try fixture.directory.capture("out/h2.pcap").map(\.stamp))
    }
    // 1524 bytes at 25G: 487.68 ns, or 487.
    for (list, picoseconds) in zip(stamps, [487_680, 487_000] as [UInt64]) {
      #expect(list.count == 2000)
      let first = try #require(list.first), last = try #require(list.last)
      let wanted = 1999 * picoseconds / 1000
      #expect((wanted...wanted + 1).contains(last - first))
    }
  }

  @Test("packet memory that may not suffice is announced, with what would")
  func packetMemory() throws {
    let fixture = try Self.fixture(buffer: "{size: 1GB}")
    let small = try fixture.replay("--packet-memory", "64MiB")
    #expect(small.status == 0, "\(small.errors)")
    let text = try fixture.directory.text("out/report.json")
    #expect(text.contains("Packet memory of 64 MiB may be used up before the buffer is"))
    #expect(try Self.report(fixture).totals.txPackets == 2000)
    #expect(try Self.fixture().replay("--packet-memory", "1GiB").status == 0)
  }
}
