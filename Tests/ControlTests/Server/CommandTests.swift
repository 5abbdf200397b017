import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("Commands that ask a running switch")
struct CommandTests {
  @Test(
    "show prints every subject as a table, and as the JSON of the interface", arguments: SwitchSnapshot.Part.allCases)
  func show(part: SwitchSnapshot.Part) throws {
    let served = try ServedSwitch()
    let table = try served.penstock("show", part.rawValue)
    #expect(table.status == 0 && table.errors.isEmpty, "\(table.errors)")
    let word: [SwitchSnapshot.Part: String] = [
      .ports: "no link", .queues: "h3", .buffers: "lossless", .pfc: "h1", .latency: "us", .nexthops: "75.00 %",
      .routes: "10.9.0.0/16  10.1.1.1 10.1.2.1", .macs: "10  02:00:00:00:09:09  b1    00:00:01",
      .neighbors: "02:00:00:00:01:02",
      .config: "switch: {name: leaf1}", .telemetry: "no telemetry",
    ]
    #expect(table.output.contains(try #require(word[part])), "\(table.output)")
    #expect(table.output.hasSuffix("\n") && !table.output.contains("\u{1B}"))
    let json = try served.penstock("show", part.rawValue, "--json")
    let snapshot = try ControlJSON.decode(SwitchSnapshot.self, from: json.output)
    #expect(json.status == 0 && snapshot.name == "leaf1")
  }

  @Test("show prints numbers as they are")
  func numbers() throws {
    let served = try ServedSwitch()
    let ports = try served.penstock("show", "ports", "h1", "s1").output
    let line = try #require(ports.split(separator: "\n").first { $0.contains(" h1 ") })
    #expect(
      line.split(separator: " ").map(String.init).starts(with: ["h1", "up", "100G", "9216", "null:0", "72"]), "\(ports)"
    )
    #expect(ports.contains("h1    no-route        2") && !ports.contains("null:2"), "\(ports)")
    let all = try served.penstock("show", "queues", "h1", "--all").output
    #expect(all.split(separator: "\n").count == 9)
    let few = try served.penstock("show", "queues").output
    #expect(few.split(separator: "\n").count < 20)
  }

  @Test("show goes on with --watch")
  func watch() throws {
    let served = try ServedSwitch()
    let script = "\(Program.penstock.path) show queues --json --watch 0.05 --socket \(served.socketPath) | head -3"
    let lines = try Program(path: "/bin/sh").run(["-c", script], limit: 20).output.split(separator: "\n")
    let ticks = try lines.map { try ControlJSON.decode(SwitchSnapshot.self, from: String($0)).ticks }
    #expect(ticks.count == 3 && ticks == ticks.sorted() && Set(ticks).count == 3)
  }

  @Test(
    "end with 64 for what does not exist, and say what to write",
    arguments: [
      (["show", "ports", "h9"], "did you mean `h1`?"), (["show", "prots"], "ports"),
      (["show", "routes", "h1"], "leave the port out"), (["show", "ports", "--watch", "0"], "0.05 to 86400"),
      (["show", "ports", "--switch", "leaf2"], "did you mean `leaf1`?"), (["port", "h9", "up"], "did you mean `h1`?"),
      (["port", "h1", "sideways"], "up"), (["weight", "10.9.0.0/16", "10.1.1.1", "70000"], "0 to 65535"),
      (["weight", "10.8.0.0/16", "10.1.1.1", "7"], "10.9.0.0/16"), (["top", "--interval", "0"], "0.05 to 3600"),
      (["top", "--once", "--iterations", "2"], "--once"), (["reload", "--confirm", "--diff"], "--confirm"),
      (["reload", "--rollback-after", "30"], "30s"), (["impair", "h1", "[]", "--clear"], "--clear"),
    ])
  func mistakes(arguments: [String], remedy: String) throws {
    let served = try ServedSwitch()
    let outcome = try Program.penstock.run(arguments, environment: ["PENSTOCK_SOCKET": served.socketPath])
    #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains(remedy), "\(outcome.errors)")
  }

  @Test("end with 1 when nobody answers, and say what to do")
  func nobody() throws {
    let directory = try ScratchDirectory()
    let gone = try Program.penstock.run(["show", "ports", "--socket", directory["gone.sock"]])
    #expect(gone.status == 1 && gone.errors.contains("gone.sock: No such file or directory; start a switch"))
    let environment = ["XDG_RUNTIME_DIR": directory.path, "PENSTOCK_SOCKET": ""]
    if ControlSocket.all.isEmpty {
      let nothing = try Program.penstock.run(["show", "ports"], environment: environment)
      #expect(nothing.status == 1 && nothing.errors.contains("no switch answers there"), "\(nothing.errors)")
    }
  }

  @Test("find the only socket that answers, among those of dead processes")
  func finding() throws {
    let directory = try ScratchDirectory()
    try FileManager.default.createDirectory(atPath: directory["penstock"], withIntermediateDirectories: true)
    let server = SocketServer(
      [try RestingSwitch()], ControlServerOptions(socketPath: directory["penstock/leaf1.sock"]))
    try server.start()
    defer { server.stop() }
    try directory.write("", to: "penstock/dead.sock")
    let outcome = try Program.penstock.run(
      ["show", "ports"], environment: ["XDG_RUNTIME_DIR": directory.path, "PENSTOCK_SOCKET": ""])
    #expect(outcome.status == 0 && outcome.output.contains("h1"), "\(outcome.errors)")
  }

  @Test("carry changes out")
  func changes() throws {
    let served = try ServedSwitch()
    let device = served.switches[0]
    #expect(try served.penstock("port", "h1", "down").status == 0 && device.asked.adminUp == ["h1": false])
    #expect(try served.penstock("show", "ports").output.contains("disabled"))
    #expect(try served.penstock("weight", "10.9.0.0/16", "10.1.1.1", "0").status == 0)
    #expect(device.asked.weights.map(\.weight) == [0])
    #expect(try served.penstock("impair", "h1", "[{\"loss\": \"1%\"}]").output == "[{\"loss\": \"1%\"}]\n")
    #expect(try served.penstock("impair", "h1").output == "[{\"loss\": \"1%\"}]\n")
    #expect(try served.penstock("impair", "h1", "--clear").output == "[]\n")
    #expect(try served.penstock("reset-watermarks").status == 0)
  }

  @Test("reload sends a file with its place, and tells what changes")
  func reload() throws {
    let served = try ServedSwitch()
    let device = served.switches[0]
    try served.directory.write("switch: {name: other}\nports: [{name: a, speed: 100G}]\n", to: "new.yaml")
    let dry = try served.penstock("reload", "new.yaml", "--diff")
    #expect(dry.output == "Would change:\n  port h1: speed 100G -> 50G\n", "\(dry)")
    let trial = try served.penstock("reload", "new.yaml", "--rollback-after", "30s")
    #expect(trial.output.hasSuffix("Taken back in 30 s unless you run `penstock reload --confirm`.\n"), "\(trial)")
    #expect(try served.penstock("reload", "--confirm").status == 0)
    #expect(try served.penstock("reload", "--confirm").status == 1)
    #expect(device.asked.reloads.map(\.isDryRun) == [true, false])
    #expect(device.asked.reloads.map(\.rollbackAfterSeconds) == [nil, 30])
    #expect(device.asked.reloads.allSatisfy { $0.path == served.directory["new.yaml"] && $0.text?.isEmpty == false })
    try served.directory.write("switch: {name: leaf1}\nports: [{name: a, speed: 100G}]\n", to: "same.yaml")
    #expect(try served.penstock("reload", "same.yaml").output == "Nothing differs.\n")
    try served.directory.write("ports: [{name: a, speed: 1}]\nx: 1\n", to: "wrong.yaml")
    let wrong = try served.penstock("reload", "wrong.yaml")
    #expect(wrong.status == 2 && wrong.errors.contains("wrong.yaml:1: ports[0].speed: "), "\(wrong.errors)")
    #expect(wrong.errors.contains("wrong.yaml:2: x: unknown key `x`"))
    // What to do stands beside the error, and the list comes last.
    #expect(wrong.errors.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("  ") }, "\(wrong.errors)")
    #expect(try served.penstock("reload", "none.yaml").status == 2)
  }
}
