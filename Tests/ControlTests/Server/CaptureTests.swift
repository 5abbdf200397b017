import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("Captures of a running switch")
struct CaptureTests {
  private func request(_ served: ServedSwitch, _ name: String) -> CaptureRequest {
    CaptureRequest(path: served.directory[name])
  }

  private func refusal(_ body: () throws -> CaptureStatus) -> ControlError? {
    do {
      _ = try body()
    } catch ControlClientError.refused(let error) {
      return error
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test("start, are asked about, and stop with a complete file")
  func life() throws {
    let served = try ServedSwitch()
    let client = served.client
    let begun = try client.startCapture(of: "h1", of: "leaf1", request(served, "a.pcapng"))
    #expect(begun.state == .running && begun.id == 1 && begun.path == served.directory["a.pcapng"])
    #expect(try client.captureStatus(of: "h1", of: "leaf1", id: 1).isRunning)
    let ended = try client.stopCapture(of: "h1", of: "leaf1", id: 1)
    #expect(ended.state == .stopped && ended.packets == 0 && ended.error.isEmpty)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: ended.path))
    // Section header, interface description, and at the end the interface statistics of 64 bytes or so.
    #expect(bytes.starts(with: [0x0A, 0x0D, 0x0D, 0x0A]) && bytes.count > 100)
    // To stop it again changes nothing, and its elapsed time stands.
    #expect(try client.stopCapture(of: "h1", of: "leaf1", id: 1) == ended)
    #expect(try client.startCapture(of: "h1", of: "leaf1", request(served, "a.pcapng")).id == 2)
    let other = refusal { try client.captureStatus(of: "h1", of: "leaf1", id: 1) }
    #expect(other?.kind == .notFound && other?.error == "capture 1 is not the last one on port h1")
  }

  @Test("end by themselves: after their time, or when nobody asks for them any more")
  func ends() throws {
    let served = try ServedSwitch()
    var short = request(served, "short.pcapng")
    short.durationSeconds = 0.05
    var forgotten = request(served, "forgotten.pcapng")
    forgotten.leaseSeconds = 1
    var kept = request(served, "kept.pcapng")
    kept.leaseSeconds = 1
    _ = try served.client.startCapture(of: "h1", of: "leaf1", short)
    _ = try served.client.startCapture(of: "h2", of: "leaf1", forgotten)
    let last = try served.client.startCapture(of: "h3", of: "leaf1", kept)
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < .seconds(1.3) {
      #expect(try served.client.captureStatus(of: "h3", of: "leaf1", id: last.id).isRunning)
      usleep(50_000)
    }
    let first = try served.client.captureStatus(of: "h1", of: "leaf1", id: 1)
    #expect(first.state == .expired && (0.05..<0.5).contains(first.elapsedSeconds), "\(first)")
    #expect(try served.client.captureStatus(of: "h2", of: "leaf1", id: 2).state == .abandoned)
  }

  @Test("exclude each other on a port and in a file, and end with the switch")
  func conflicts() throws {
    let served = try ServedSwitch()
    let client = served.client
    _ = try client.startCapture(of: "h1", of: "leaf1", request(served, "a.pcapng"))
    let port = refusal { try client.startCapture(of: "h1", of: "leaf1", request(served, "b.pcapng")) }
    #expect(port?.kind == .conflict && port?.remedy.contains("DELETE") == true)
    let file = refusal { try client.startCapture(of: "h2", of: "leaf1", request(served, "a.pcapng")) }
    #expect(file?.kind == .conflict && file?.remedy == "name another file")
    #expect(!FileManager.default.fileExists(atPath: served.directory["b.pcapng"]))
    served.switches[0].captures.end()
    #expect(try client.captureStatus(of: "h1", of: "leaf1", id: 1).state == .ended)
    let late = refusal { try client.startCapture(of: "h1", of: "leaf1", request(served, "c.pcapng")) }
    #expect(late?.kind == .unavailable)
  }

  @Test(
    "are refused with a remedy",
    arguments: [
      ("{\"path\": \"a.pcapng\"}", 422, "like `/tmp/capture.pcapng`"), ("{}", 400, "the key `path` is missing"),
      ("{\"path\": \"/\"}", 422, "no absolute path"), ("{\"path\": \"/dev/null\"}", 422, "no regular file"),
      ("{\"path\": \"/nowhere/a.pcapng\"}", 422, "can write to"), ("{\"path\": \"/etc/passwd\"}", 422, "no capture"),
      ("{\"path\": \"/tmp/a\\u0000b\"}", 422, "no absolute path"), ("{\"path\": \"\", \"que\": 1}", 400, "`que`"),
      ("{\"path\": \"/tmp/a\", \"queue\": 8}", 422, "write 0 to 7"),
      ("{\"path\": \"/tmp/a\", \"queue\": -1}", 400, "a number is negative"),
      ("{\"path\": \"/tmp/a\", \"queue\": 1, \"direction\": \"in\"}", 422, "leave the queue out"),
      ("{\"path\": \"/tmp/a\", \"direction\": \"up\"}", 400, "`direction` cannot be read"),
      ("{\"path\": \"/tmp/a\", \"is_drops_only\": true, \"queue\": 1}", 422, "where packets come in"),
      ("{\"path\": \"/tmp/a\", \"match\": \"dscp: 99\"}", 422, "dscp"),
      ("{\"path\": \"/tmp/a\", \"match\": \"}{\"}", 422, "write it as `dscp: 26, qp: [7, 8]`"),
      ("{\"path\": \"/tmp/a\", \"snap_bytes\": 13}", 422, "write 14 to 9728"),
      ("{\"path\": \"/tmp/a\", \"packet_limit\": 0}", 422, "write 1 or more"),
      ("{\"path\": \"/tmp/a\", \"duration_seconds\": 0}", 422, "more than 0"),
      ("{\"path\": \"/tmp/a\", \"lease_seconds\": 0.5}", 422, "write 1 to 604800"),
    ])
  func mistakes(body: String, status: Int, remedy: String) throws {
    let served = try ServedSwitch()
    let head =
      "POST /v1/switches/leaf1/ports/h1/capture HTTP/1.1\r\nHost: p\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    let answer = try #require(try served.exchange(head + body))
    #expect(answer.status == status && answer.body.contains(remedy), "\(answer)")
    #expect(!answer.body.contains("\"remedy\":\"\""))
  }

  @Test("penstock capture prints packets written and missed, and ends with 64 for what cannot be captured")
  func command() throws {
    let served = try ServedSwitch()
    let text = try served.penstock("capture", "h1", "-w", "a.pcapng", "--duration", "50ms")
    #expect(
      text.status == 0 && text.output == "0 packets written to \(served.directory["a.pcapng"]), 0 missed\n", "\(text)")
    let json = try served.penstock("capture", "h1", "-w", "a.pcapng", "--duration", "50ms", "--json")
    let status = try ControlJSON.decode(CaptureStatus.self, from: json.output)
    #expect(json.status == 0 && status.state == .expired && status.id == 2)
    for (arguments, remedy) in [
      (["h9", "-w", "b.pcapng"], "did you mean `h1`?"), (["h1", "-w", "b.pcapng", "--match", "dscp: 64"], "63"),
      (["h1", "-w", "/nowhere/b.pcapng"], "can write to"), (["h1", "-w", "-"], "name one"),
      (["h1", "-w", "b.pcapng", "--queue", "9"], "write 0 to 7"),
      (["h1", "-w", "b.pcapng", "--duration", "5"], "write a unit"),
      (["h1", "-w", "b.pcapng", "--direction", "up"], "both"), (["h1"], "-w"),
    ] {
      let outcome = try Program.penstock.run(
        ["capture"] + arguments, environment: ["PENSTOCK_SOCKET": served.socketPath],
        directory: served.directory.path)
      #expect(outcome.status == 64 && outcome.errors.contains(remedy), "\(outcome)")
    }
    #expect(!FileManager.default.fileExists(atPath: served.directory["b.pcapng"]))
  }
}
