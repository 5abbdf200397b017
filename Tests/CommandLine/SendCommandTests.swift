import Foundation
import TestSupport
import Testing

/// `penstock send` on the command line, with devices that need nothing of the machine.
@Suite("Sending from the command line") struct SendCommandTests {
  private struct Report: Decodable {
    struct Times: Decodable { let count: Int, minimumNs, p50Ns, p99Ns, p999Ns, maximumNs: Double }
    struct Sent: Decodable { let planned, frames, bytes, deviceFull, pausedFrames: Int, seconds: Double }
    struct Returned: Decodable { let frames, lost, reordered, duplicated, ambiguous, foreign: Int, latency: Times }
    let device: String
    let clock: String
    let isComplete: Bool
    let sent: Sent
    let departureError: Times
    let returned: Returned?
    let notices: [String]
  }

  @Test("0: everything is sent, and the report says when and how late")
  func done() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run("send", "a.pcap", "--device", "null:", "--loop", "5")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("Sent 100 of 100 frames in "))
    #expect(outcome.output.contains("departure error   p50 "))
    #expect(outcome.output.contains("time stamp counter of the processor, "))
    #expect(outcome.errors.hasPrefix("clock: time stamp counter"))
  }

  @Test("JSON holds what the text says, and what came back")
  func json() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run(
      "send", "a.pcap", "--device", "ring:x", "--receive", "ring:x", "--rate", "100kpps", "--json")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.isComplete && report.device == "ring:x" && report.notices.isEmpty)
    #expect(report.sent.planned == 20 && report.sent.frames == 20 && report.sent.bytes == 20 * 64)
    #expect(report.departureError.count == 20)
    let times = report.departureError
    #expect(times.minimumNs <= times.p50Ns && times.p50Ns <= times.p99Ns && times.p999Ns <= times.maximumNs)
    let returned = try #require(report.returned)
    #expect(returned.frames == 20 && returned.lost == 0 && returned.reordered == 0 && returned.latency.count == 20)
  }

  @Test("a capture as a device holds the frames in their order, byte for byte")
  func intoCapture() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run("send", "a.pcap", "--device", "pcap:out=sent.pcap", "--rate", "max")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let sent = try fixture.directory.capture("sent.pcap")
    #expect(sent.map(\.bytes) == CommandFixture.frames(20).map(\.bytes))
  }

  @Test(
    "64: what is wrong with the command line is said",
    arguments: [
      (["--device", "nil:"], "--device: device `nil:`"),
      (["--device", "null:", "--speed", "2"], "--speed 2: write a factor"),
      (["--device", "null:", "--speed", "2x", "--rate", "1G"], "--rate 1G: has no meaning with --speed"),
      (["--device", "null:", "--rate", "5mpps"], "--rate 5mpps: `5mpps` is not a rate of packets"),
      (["--device", "null:", "--rate", "fast"], "--rate fast: write packets (5Mpps)"),
      (["--device", "null:", "--rate", "0pps"], "--rate 0pps: `0pps` is out of range"),
      (["--device", "null:", "--loop", "0"], "--loop 0: send the capture at least once"),
      (["--device", "null:", "--line", "10"], "--line 10: write a rate"),
      (["--device", "null:", "--wait", "1"], "--wait 1: write a time"),
      (["--device", "null:", "--memory", "1k"], "--memory 1k: write a size"),
      (["--device", "null:", "--cpu", "1,2,3"], "--cpu 1,2,3: write one or two"),
      (["--device", "null:", "--receive", "tap:"], "--receive: device `tap:`"),
    ])
  func wrongCommandLine(arguments: [String], message: String) throws {
    let fixture = try CommandFixture()
    let outcome = try Program.penstock.run(["send", "a.pcap"] + arguments, directory: fixture.directory.path)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: \(message)"), "\(outcome.errors)")
  }

  @Test(
    "1: what cannot be sent is said",
    arguments: [
      (["missing.pcap", "--device", "null:"], "missing.pcap: No such file"),
      (["leaf.yaml", "--device", "null:"], "leaf.yaml: unknown file format"),
      (["a.pcap", "--device", "af_packet:nosuch0"], "device `af_packet:nosuch0`"),
      (["a.pcap", "--device", "null:", "--filter", "icmp"], "a.pcap: there is no frame in it that could be sent"),
      (["a.pcap", "--device", "null:", "--cpu", "1000"], "CPU 1000: this process may not run there"),
    ])
  func cannotBeSent(arguments: [String], message: String) throws {
    let fixture = try CommandFixture()
    let outcome = try Program.penstock.run(["send"] + arguments, directory: fixture.directory.path)
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("error: \(message)"), "\(outcome.errors)")
  }

  @Test("1: a capture that breaks off is sent up to there")
  func brokenCapture() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write(Array(CaptureBytes().file(CommandFixture.frames(20)).dropLast(81)), to: "cut.pcap")
    let outcome = try fixture.run("send", "cut.pcap", "--device", "null:")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("error: cut.pcap: broken at packet 19"))
    #expect(outcome.output.hasPrefix("Sent 18 of 18 frames"))
  }

  @Test("SIGTERM ends it with what was sent until then")
  func stopped() throws {
    let fixture = try CommandFixture()
    var frames = CommandFixture.frames(2)
    frames[1].stamp += 60_000_000_000
    try fixture.directory.write(frames, to: "slow.pcap")
    let outcome = try fixture.shell("$0 send slow.pcap --device null: & sleep 1; kill -TERM $!; wait $!")
    #expect(outcome.status == 128 + SIGTERM)
    #expect(outcome.output.hasPrefix("Sent 1 of 2 frames"), "\(outcome.output)\(outcome.errors)")
  }
}
