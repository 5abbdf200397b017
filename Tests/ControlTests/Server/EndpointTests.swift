import Foundation
import TestSupport
import Testing

@testable import Control

/// Whether curl is there; in continuous integration it must be.
private let hasCurl = Program(named: "curl") != nil || ProcessInfo.processInfo.environment["CI"] == "true"

@Suite("The control interface, asked by curl", .enabled(if: hasCurl, "missing: curl"))
struct EndpointTests {
  struct Failure: Decodable {
    let error, remedy: String
    let details: [String]?
  }

  private func failure(_ body: String) throws -> Failure { try ControlJSON.decode(Failure.self, from: body) }

  @Test("answers every path that can be read, with the JSON of the same snapshot part")
  func reading() throws {
    let served = try ServedSwitch()
    for endpoint in ControlEndpoint.all where endpoint.method == "GET" {
      let path = endpoint.path.replacing("{switch}", with: "leaf1").replacing("{port}", with: "h1")
      let answer = try served.curl(path: path)
      #expect(answer.status == 200, "\(path): \(answer.body.prefix(200))")
      if path != "/metrics" {
        #expect((try? JSONSerialization.jsonObject(with: Data(answer.body.utf8))) != nil, "\(path)")
      }
      let head = try served.curl("--head", path: path)
      #expect(head.status == 200 && head.body.contains("Content-Length: ") && !head.body.contains("{"), "\(path)")
    }
    for part in SwitchSnapshot.Part.allCases {
      let answer = try served.curl(path: "/v1/switches/leaf1/\(part.rawValue)")
      var read = try ControlJSON.decode(SwitchSnapshot.self, from: answer.body)
      var expected = try served.switches[0].snapshot(of: [part], ports: [])
      // Time goes on between the two, by a second each.
      for time in [\SwitchSnapshot.uptimeSeconds] { (read[keyPath: time], expected[keyPath: time]) = (0, 0) }
      (read.ticks, expected.ticks) = (0, 0)
      if part != .macs { #expect(read == expected, "\(part)") }
    }
  }

  @Test("picks parts and ports")
  func picking() throws {
    let served = try ServedSwitch()
    let answer = try served.curl(path: "/v1/switches/leaf1?parts=ports,pfc&port=h1&port=s%31")
    let snapshot = try ControlJSON.decode(SwitchSnapshot.self, from: answer.body)
    #expect(snapshot.ports?.map(\.name) == ["h1", "s1"] && snapshot.pfc?.count == 16 && snapshot.queues == nil)
  }

  @Test(
    "says what is wrong, and what to do",
    arguments: [
      ("GET", "/", "", 404, "no such path"), ("GET", "/v1/switches/leaf1/port", "", 404, "no such path"),
      ("GET", "/v1/switches/leaf2/ports", "", 404, "no switch is named `leaf2`"),
      ("GET", "/v1/switches/leaf1/ports?port=x9", "", 404, "no port is named `x9`"),
      ("GET", "/v1/switches/leaf1/ports?prt=h1", "", 404, "no query parameter is named `prt`"),
      ("GET", "/v1/switches/leaf1?parts=prts", "", 404, "no part is named `prts`"),
      ("DELETE", "/v1/switches/leaf1/ports", "", 405, "DELETE does not work here"),
      ("PUT", "/metrics", "", 405, "PUT does not work here"),
      ("PUT", "/v1/switches/leaf1/ports/h1", "", 400, "the body is empty"),
      ("PUT", "/v1/switches/leaf1/ports/h1", "{", 400, "the body is no JSON"),
      ("PUT", "/v1/switches/leaf1/ports/h1", "[]", 400, "no JSON object"),
      ("PUT", "/v1/switches/leaf1/ports/h1", "{\"is_upp\": true}", 400, "unknown key `is_upp`"),
      ("PUT", "/v1/switches/leaf1/ports/h1", "{}", 400, "the key `is_up` is missing"),
      ("PUT", "/v1/switches/leaf1/ports/h1", "{\"is_up\": 1.5}", 400, "the value of `is_up` cannot be read"),
      ("PUT", "/v1/switches/leaf1/ports/h9", "{\"is_up\": true}", 404, "no port is named `h9`"),
      (
        "PUT", "/v1/switches/leaf1/nexthops", "{\"prefix\": \"1.2.3.0/24\", \"via\": \"a\", \"weight\": 1}", 404,
        "1.2.3.0/24"
      ),
      (
        "PUT", "/v1/switches/leaf1/nexthops", "{\"prefix\": \"10.9.0.0/16\", \"via\": \"a\", \"weight\": -1}", 400,
        "a number is negative"
      ),
      (
        "PUT", "/v1/switches/leaf1/nexthops", "{\"prefix\": \"10.9.0.0/16\", \"via\": \"a\", \"weight\": 65536}", 422,
        "65536"
      ),
      ("POST", "/v1/switches/leaf1/reload", "{\"dry_run\": true}", 400, "unknown key `dry_run`"),
      ("POST", "/v1/switches/leaf1/reload", "{\"rollback_after_seconds\": 0}", 422, "rollback_after_seconds"),
      ("POST", "/v1/switches/leaf1/reload", "{\"text\": \"ports: 3\"}", 422, "configuration is wrong"),
      ("POST", "/v1/switches/leaf1/reload/confirm", "", 409, "no configuration is on trial"),
    ])
  func mistakes(method: String, path: String, body: String, status: Int, words: String) throws {
    let served = try ServedSwitch()
    let answer = try served.curl("-X", method, "--data-binary", body, path: path)
    #expect(answer.status == status, "\(answer.body)")
    let failure = try failure(answer.body)
    #expect(failure.error.contains(words), "\(failure.error)")
    #expect(!failure.remedy.isEmpty)
    let asked = served.switches[0].asked
    #expect(asked.adminUp.isEmpty && asked.weights.isEmpty && !asked.isOnTrial)
  }

  @Test("lists every mistake of a configuration")
  func details() throws {
    let served = try ServedSwitch()
    let body = #"{"text": "ports:\n  - {name: a, speed: 3}\n  - {name: a, speed: 100G}\n", "path": "/etc/x.yaml"}"#
    let answer = try served.curl("-X", "POST", "--data-binary", body, path: "/v1/switches/leaf1/reload")
    let details = try #require(try failure(answer.body).details)
    #expect(answer.status == 422 && details.count == 2 && details.allSatisfy { $0.hasPrefix("/etc/x.yaml:") })
  }

  @Test("carries changes out")
  func changing() throws {
    let served = try ServedSwitch()
    let device = served.switches[0]
    func put(_ method: String, _ path: String, _ body: String) throws -> String {
      let answer = try served.curl("-X", method, "--data-binary", body, path: "/v1/switches/leaf1" + path)
      #expect(answer.status == 200, "\(answer.body)")
      return answer.body
    }
    _ = try put("PUT", "/ports/h1", #"{"is_up": false}"#)
    #expect(device.asked.adminUp == ["h1": false])
    _ = try put("PUT", "/nexthops", #"{"prefix": "10.9.0.0/16", "via": "10.1.1.1", "weight": 0}"#)
    #expect(device.asked.weights == [WeightChange(prefix: "10.9.0.0/16", via: "10.1.1.1", weight: 0)])
    #expect(try put("PUT", "/ports/h2/impairments", #"[{"loss": "1%"}]"#) == #"[{"loss": "1%"}]"#)
    #expect(try served.curl(path: "/v1/switches/leaf1/ports/h2/impairments").body == #"[{"loss": "1%"}]"#)
    _ = try put("POST", "/watermarks/reset", "")
    _ = try put("POST", "/reload", "")
    _ = try put("POST", "/reload", #"{"path": "/a.yaml", "rollback_after_seconds": 30}"#)
    #expect(
      device.asked.reloads
        == [
          ReloadRequest(isDryRun: false), ReloadRequest(path: "/a.yaml", rollbackAfterSeconds: 30),
        ].map { one in
          var one = one
          if one.path != nil { one.isDryRun = nil }
          return one
        })
    _ = try put("POST", "/reload/confirm", "")
    #expect(!device.asked.isOnTrial)
  }

  @Test("serves several switches by their names, whatever is in them")
  func several() throws {
    let served = try ServedSwitch(names: ["leaf1", "a/b \u{e9}"])
    let list = try ControlJSON.decode(SwitchList.self, from: try served.curl(path: "/v1/switches").body)
    #expect(list.switches.map(\.name) == ["leaf1", "a/b \u{e9}"])
    #expect(try served.client.snapshot(of: "a/b \u{e9}", parts: [.ports]).name == "a/b \u{e9}")
    let metrics = try served.curl(path: "/metrics").body
    #expect(metrics.contains("penstock_queue_depth_bytes{switch=\"a/b \u{e9}\",port=\"h3\",queue=\"3\"}"))
    #expect(throws: ControlClientError.self) { try served.client.switchName(nil) }
  }

  @Test("is ready when all switches are, and healthy as long as it answers")
  func readiness() throws {
    let served = try ServedSwitch(names: ["leaf1", "leaf2"])
    #expect(try served.curl(path: "/readyz").status == 200)
    served.switches[1].setReadiness(.notReady("port h1 has no link"))
    let answer = try served.curl(path: "/readyz")
    #expect(answer.status == 503 && answer.body.contains("port h1 has no link"))
    #expect(try served.curl(path: "/healthz").status == 200)
  }

  @Test("keeps connections open, and takes bodies that are announced")
  func connections() throws {
    let served = try ServedSwitch()
    let curl = try #require(Program(named: "curl"))
    let url = "http://penstock/v1/switches"
    let outcome = try curl.run(
      ["-sSv", "--unix-socket", served.socketPath, url, url, url].map { $0 }, limit: 30)
    #expect(outcome.errors.components(separatedBy: "Re-using existing connection").count == 3, "\(outcome.errors)")
    // Longer than curl sends unasked: 1 MiB.
    let text = "{\"text\": \"# " + String(repeating: "x", count: 2 << 20) + "\"}"
    try served.directory.write(text, to: "body")
    let answer = try served.curl(
      "-X", "POST", "--data-binary", "@\(served.directory["body"])", path: "/v1/switches/leaf1/reload")
    #expect(answer.status == 422 && served.switches[0].asked.reloads.first?.text?.count == 2 + (2 << 20))
  }
}
