import Foundation
import TestSupport
import Testing

/// `penstock collect`, `flows` and `paths` on the command line.
@Suite("Collecting telemetry") struct CollectCommandTests {
  private let directory: ScratchDirectory

  init() throws { directory = try ScratchDirectory() }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    try Program.penstock.run(arguments, directory: directory.path)
  }

  private func oracle(_ arguments: String...) throws -> Program.Outcome {
    let script = Program.packageDirectory + "/Tests/Oracles/telemetry_reports.py"
    return try Program(path: "/usr/bin/python3").run([script] + arguments)
  }

  @Test(
    "reports of another encoder, with loss, lateness and repetition, are told as its own model tells them; so is the file",
    arguments: 1...5)
  func oracle(seed: Int) throws {
    #expect(try oracle("make", directory.path, "\(seed)").status == 0)
    let outcome = try run("collect", "reports.pcap", "--json", "--store", "collected.db", "--hold", "1s")
    #expect(outcome.status == 0, "\(outcome.errors)")
    try directory.write(outcome.output, to: "collected.json")
    let verdict = try oracle("check", directory.path)
    #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
  }

  @Test("an incast that a replay reports on: histories, bursts, contributors and drops are as its list of packets says")
  func replay() throws {
    let script = Program.packageDirectory + "/Tests/Oracles/collected_replay.py"
    let python = Program(path: "/usr/bin/python3")
    #expect(try python.run([script, "make", directory.path]).status == 0)
    let inputs = (1...3).flatMap { ["--in", "h\($0)=h\($0).pcap"] }
    let replay = try Program.penstock.run(
      ["replay", "leaf.yaml", "--packets", "--out", "out"] + inputs, directory: directory.path)
    #expect(replay.status == 0, "\(replay.errors)")
    let collected = try run("collect", "out/mon.pcap", "--bin", "2us", "--json")
    #expect(collected.status == 0, "\(collected.errors)")
    try directory.write(collected.output, to: "collected.json")
    let verdict = try python.run([script, "check", directory.path])
    #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
  }

  @Test("flows and paths are the same from the capture and from the file")
  func sources() throws {
    #expect(try oracle("make", directory.path, "9").status == 0)
    let collected = try run("collect", "reports.pcap", "--store", "collected.db", "--html", "page.html")
    #expect(collected.status == 0 && collected.output.contains("\nBursts\n"), "\(collected.errors)")
    for command in ["flows", "paths"] {
      let capture = try run(command, "reports.pcap", "--limit", "1000")
      let file = try run(command, "collected.db", "--limit", "1000")
      #expect(capture.status == 0 && file.status == 0, "\(capture.errors)\(file.errors)")
      #expect(capture.output.contains("roce") && capture.output.contains(" > "), "\(capture.output)")
      let lines = { (text: String) in Set(text.split(separator: "\n")) }
      #expect(lines(capture.output) == lines(file.output))
    }
    let page = try directory.text("page.html")
    #expect(page.hasSuffix("</html>\n") && page.contains("Queues over time") && page.contains("<h2>Bursts</h2>"))
    #expect(!page.contains("http://") && !page.contains("https://"))
  }

  @Test("1: files that are nothing of the kind", arguments: ["missing.pcap", "text.db"])
  func wrongFiles(name: String) throws {
    try directory.write("no capture", to: "text.db")
    for command in ["flows", "paths", "collect"] {
      let outcome = try run(command, name)
      #expect(outcome.status == 1 && outcome.errors.hasPrefix("error: "), "\(command): \(outcome.errors)")
    }
  }

  @Test("1: a database of something else is not written into")
  func foreignDatabase() throws {
    #expect(try oracle("make", directory.path, "1").status == 0)
    let python = Program(path: "/usr/bin/python3")
    let script = "import sqlite3; c = sqlite3.connect('other.db'); c.execute('create table t (a)'); c.commit()"
    #expect(try python.run(["-c", script], directory: directory.path).status == 0)
    let outcome = try run("collect", "reports.pcap", "--store", "other.db")
    #expect(outcome.status == 1 && outcome.errors.contains("is a database of something else"), "\(outcome.errors)")
    #expect(try run("flows", "other.db").status == 1)
  }

  @Test(
    "64: options that cannot be",
    arguments: [
      ["--int-dscp", "64"], ["--time-unit", "1"], ["--depth-unit", "0B"], ["--burst", "much"], ["--memory", "1MiB"],
      ["--listen", "nowhere"], ["--filter", "udp"], ["--ioam-fraction", "ps"], ["--store-rows", "1"],
    ])
  func wrongOptions(arguments: [String]) throws {
    let outcome = try Program.penstock.run(["collect"] + arguments, directory: directory.path)
    #expect(outcome.status == 64 && outcome.errors.contains(arguments[0]), "\(outcome.errors)")
  }

  @Test("docs/collector.md lists the options that there are")
  func documentation() throws {
    let help = try run("collect", "--help").output
    func options(_ text: Substring) -> Set<String> {
      Set(text.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
    }
    let offered = options(help.split(separator: "OPTIONS:").last ?? "").subtracting(["--help", "--version"])
    let path = Program.packageDirectory + "/docs/collector.md"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `--") }
    let documented = Set(rows.flatMap { options($0.split(separator: "|")[0]) })
    #expect(offered == documented, "\(offered.symmetricDifference(documented))")
  }

  @Test("1: a broken capture is told, after what could be read")
  func broken() throws {
    #expect(try oracle("make", directory.path, "2").status == 0)
    let bytes = try directory.read("reports.pcap")
    try directory.write(Array(bytes.prefix(bytes.count / 2 + 7)), to: "half.pcap")
    let outcome = try run("collect", "half.pcap")
    #expect(outcome.status == 1 && outcome.errors.contains("half.pcap: broken at packet"), "\(outcome.errors)")
    #expect(outcome.output.contains(" reports in "))
  }

  @Test("datagrams are received, questions answered, and all is written at the end")
  func live() throws {
    #expect(try oracle("make", directory.path, "3").status == 0)
    // Sends what is in the capture to the collector, asks it, and ends it with a signal.
    try directory.write(
      """
      import json, signal, socket, struct, subprocess, sys, time
      program = sys.argv[1]
      run = lambda *a: subprocess.run([program, *a], capture_output=True, text=True)
      sock = "here.collector"
      child = subprocess.Popen([program, "collect", "--listen", "127.0.0.1:0", "--store", "live.db", "--socket", sock,
                                "--json", "--hold", "200ms"], stdout=open("live.json", "w"), stderr=subprocess.PIPE, text=True)
      line = child.stderr.readline()
      port = int(line.split(" ")[3].rstrip(",").rsplit(":", 1)[1])
      data = open("reports.pcap", "rb").read()
      out, offset, sent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 24, 0
      while offset < len(data):
          length = struct.unpack_from("<I", data, offset + 8)[0]
          out.sendto(data[offset + 16 + 42:offset + 16 + length], ("127.0.0.1", port))
          offset, sent = offset + 16 + length, sent + 1
          if sent % 50 == 0: time.sleep(0.002)
      deadline = time.time() + 30
      def datagrams():
          text = subprocess.run(["curl", "-sS", "--unix-socket", sock, "http://x/metrics"], capture_output=True, text=True).stdout
          return text, [int(l.split(" ")[1]) for l in text.splitlines() if l.startswith("penstock_collector_datagrams_total ")]
      while time.time() < deadline and datagrams()[1] != [sent]: time.sleep(0.05)
      open("metrics", "w").write(datagrams()[0])
      flows = run("flows", "--socket", sock, "--json", "--limit", "1000")
      paths = run("paths", "--socket", sock)
      page = subprocess.run(["curl", "-sS", "--unix-socket", sock, "http://x/report.html"], capture_output=True, text=True).stdout
      child.send_signal(signal.SIGTERM)
      child.wait(30)
      live = json.load(open("live.json"))
      assert live["counters"]["datagrams"] == sent, (live["counters"], sent)
      assert len(json.loads(flows.stdout)) == len(live["flows"]) > 20, flows
      assert " > " in paths.stdout and paths.returncode == 0, paths
      assert page.endswith("</html>\\n"), page[-100:]
      for source in live["sources"]:
          wanted = json.load(open("expected.json"))["sources"][str(source["node"])]
          assert source["lost"] == wanted["lost"] and source["received"] == wanted["received"], (source, wanted)
      import sqlite3
      stored = sqlite3.connect("live.db").execute("SELECT count(*), sum(reports) FROM flows").fetchone()
      assert stored == (len(live["flows"]), sum(f["reports"] for f in live["flows"])), stored
      print("fine", sent)

      """, to: "live.py")
    let outcome = try Program(path: "/usr/bin/python3").run(
      ["live.py", Program.penstock.path], directory: directory.path)
    #expect(outcome.status == 0 && outcome.output.hasPrefix("fine"), "\(outcome.output)\(outcome.errors)")
    guard let promtool = Program(named: "promtool") else { return }
    let check = try Program(path: "/bin/sh").run(
      ["-c", "\(promtool.path) check metrics < metrics"], directory: directory.path)
    #expect(check.status == 0 && check.output.isEmpty && check.errors.isEmpty, "\(check.output)\(check.errors)")
  }
}
