import Foundation
import TestSupport
import Testing

@testable import Control

/// Whether python3-pyte is there; in continuous integration it must be.
private let hasTerminal: Bool = {
  let python = Program(path: "/usr/bin/python3")
  return (try? python.run(["-c", "import pyte"]).status) == 0 || ProcessInfo.processInfo.environment["CI"] == "true"
}()

@Suite("penstock top")
struct TopTests {
  /// Two snapshots a second apart: 3.125 GB and a million packets came in on h1, and h3 was paused for half of the time.
  private func snapshots() throws -> (SwitchSnapshot, SwitchSnapshot) {
    let device = try RestingSwitch()
    let earlier = try device.snapshot(of: Set(TopRates.parts), ports: [])
    var later = try device.snapshot(of: Set(TopRates.parts), ports: [])
    later.ports?[0].rx.bytes += 3_125_000_000 - 24_000_000
    later.ports?[0].rx.packets += 1_000_000
    later.ports?[0].drops["ingress-buffer"] = 1234
    later.queues?[2 * 8 + 3].pausedSeconds += 0.5
    later.queues?[2 * 8 + 3].marked.packets += 70
    later.pfc?[2 * 8 + 3].isPaused = true
    later.pfc?[2 * 8 + 3].pausedSeconds += 0.5
    later.pfc?[0 * 8 + 3].asksForPause = true
    return (earlier, later)
  }

  @Test("rates are what happened, by the switch's clock")
  func rates() throws {
    let (earlier, later) = try snapshots()
    let rates = TopRates(from: earlier, to: later)
    #expect(rates.seconds == 1)
    #expect(rates.ports[0].rxBits == 25e9 && rates.ports[0].rxPackets == 1e6 && rates.ports[0].drops == 1234)
    #expect(rates.ports[0].asked == [3] && rates.ports[2].paused == [3] && rates.ports[2].pausedShare == 0.5)
    let queue = try #require(rates.queues.first)
    #expect(queue.port == "h3" && queue.number == 3 && queue.marks == 70 && queue.pausedShare == 0.5)
    let back = TopRates(from: later, to: earlier)
    #expect(back.seconds == 0 && back.ports.allSatisfy { $0.rxBits == 0 && $0.drops == 0 })
  }

  @Test("the screen fits into 80 columns, and into more", arguments: [80, 81, 100, 104, 200])
  func width(columns: Int) throws {
    let (earlier, later) = try snapshots()
    let lines = TopScreen(from: earlier, to: later, isColoured: false).lines(width: columns)
    for line in lines { #expect(line.count <= columns, "\(line.count): \(line)") }
    let text = lines.joined(separator: "\n")
    #expect(text.contains("25.00 Gb/s") && text.contains("25%") && text.contains("1234") && text.contains("tx3"))
    #expect(text.contains("rx3 50%") && text.contains("h3"))
    // The median and the 99th percentile from rx to tx, where there is room for them.
    #expect(lines.contains { $0.hasSuffix("   RX-TX p50        p99") } == (columns >= 104), "\(text)")
    #expect(lines.contains { $0.hasPrefix("h1") && $0.hasSuffix("1.500 us   2.500 us") } == (columns >= 104), "\(text)")
    #expect(lines.last?.count ?? 0 > columns - 4, "bars do not use the width:\n\(text)")
  }

  @Test("the screen fits into as many lines as there are, and counts what it leaves out", arguments: 10...40)
  func height(lines: Int) throws {
    let (earlier, later) = try snapshots()
    let screen = TopScreen(from: earlier, to: later, isColoured: false)
    let whole = screen.lines().count
    let shown = screen.lines(height: lines)
    #expect(shown.count <= lines)
    #expect(shown.contains { $0.contains(" more") } == (lines < whole), "\(shown.joined(separator: "\n"))")
  }

  @Test("prints lines when it is not on a terminal")
  func plain() throws {
    let served = try ServedSwitch()
    let once = try served.penstock("top", "--once", "--interval", "0.05")
    #expect(once.status == 0 && once.errors.isEmpty && !once.output.contains("\u{1B}"), "\(once)")
    #expect(once.output.hasPrefix("leaf1  up 00:00:0") && once.output.contains("6 of 7 ports up"))
    let thrice = try served.penstock("top", "--iterations", "3", "--interval", "0.05")
    #expect(thrice.output.components(separatedBy: "leaf1  up").count == 4)
  }

  @Test(
    "draws on a terminal, and leaves it as it was", .enabled(if: hasTerminal, "missing: python3-pyte"),
    arguments: [("q", 0), ("\\x03", -2), ("SIGTERM", -15), ("SIGHUP", -1)])
  func terminal(keys: String, status: Int) throws {
    let served = try ServedSwitch()
    let outcome = try Program(path: "/usr/bin/python3").run(
      [
        Program.packageDirectory + "/Tests/Oracles/top_screen.py", "80", "24", "1.0", keys, Program.penstock.path,
        "top",
        "--interval", "0.2", "--socket", served.socketPath,
      ], limit: 30)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.components(separatedBy: "\n")
    #expect(lines[0].hasPrefix("leaf1  up 00:00:"), "\(outcome.output)")
    #expect(lines[4].hasPrefix("PORT") && lines[5].hasPrefix("h1") && lines[5].contains("100G"), "\(outcome.output)")
    #expect(lines.prefix(24).contains { $0.hasPrefix("h3          3 [#") }, "\(outcome.output)")
    #expect(outcome.output.contains("entered True left True cursor True\nstatus \(status)\n"), "\(outcome.output)")
    #expect(outcome.output.contains("--- settings same"), "\(outcome.output)")
  }

  @Test("ends with 1 and a message when the switch goes away", .enabled(if: hasTerminal, "missing: python3-pyte"))
  func gone() throws {
    let served = try ServedSwitch()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.8) { served.server.stop() }
    let outcome = try Program(path: "/usr/bin/python3").run(
      [
        Program.packageDirectory + "/Tests/Oracles/top_screen.py", "80", "24", "3", "", Program.penstock.path, "top",
        "--interval", "0.2", "--socket", served.socketPath,
      ], limit: 30)
    #expect(outcome.output.contains("left True cursor True\nstatus 1\n"), "\(outcome.output)")
    #expect(outcome.output.contains("--- settings same"))
  }
}
