import TestSupport
import Testing

@Suite("penstock bench")
struct BenchCommandTests {
  @Test func suitesAreListed() throws {
    let outcome = try CommandFixture().run("bench", "--list")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let names = outcome.output.split(separator: "\n").compactMap { $0.split(separator: ":").first }
    #expect(names.contains("capacity") && names.contains("stages") && names.contains("growth"))
  }

  @Test(
    "64: the command line is wrong",
    arguments: [
      (["speed"], "speed: no such suite; there are capacity"), (["--rounds", "2"], "from 3 to 1000"),
      (["--rounds", "1001"], "from 3 to 1000"), (["--rounds", "many"], "--rounds"), (["--json"], "--json"),
    ])
  func commandLine(arguments: [String], message: String) throws {
    let outcome = try Program.penstock.run(["bench"] + arguments)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test("results are shown again, as a table, a page and a comparison")
  func shownAgain() throws {
    let fixture = try CommandFixture()
    let machine =
      #""machine":{"cpu":"A CPU","cores":2,"ticks_per_second":1e9,"kernel":"6.1","dpdk":"22.11","hugepages":false,"#
      + #""governor":"none","virtual":true,"pinned_to":null,"niceness":0,"group_raised":false,"began":1}"#
    func row(_ least: Double) -> String {
      #"{"row":{"suite":"capacity","subject":"forward only","workload":"64 B","frame_bytes":64,"flows":1,"cores":1,"#
        + "\"ns_per_packet\":{\"min\":\(least),\"median\":\(least + 1),\"max\":\(least + 2)},"
        + #""calibration":[100],"away":[],"peers":[],"figures":[]}}"#
    }
    for (name, least) in [("old", 99.0), ("new", 49.0)] {
      try fixture.directory.write("{\"penstock_bench\":1,\(machine)}\n\(row(least))\n", to: "\(name).json")
    }
    let outcome = try fixture.run(
      "bench", "--from", "new.json", "--compare", "old.json", "--html", "out.html", "--json", "again.json")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains("A CPU: 2 CPUs") && outcome.output.contains("20.0"))
    #expect(outcome.output.contains("1 rows in both: 1 faster"))
    #expect(try fixture.directory.text("out.html").contains("forward only"))
    let again = try fixture.run("bench", "--from", "again.json")
    #expect(outcome.output.hasPrefix(again.output) && again.status == 0)
  }

  @Test("1: what is to be compared with or measured cannot be read, and nothing is measured before that is known")
  func inputs() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write("{}", to: "old.json")
    for (arguments, message) in [
      (["--compare", "absent.json"], "absent.json: cannot be read"),
      (["--compare", "old.json"], "old.json: has no results"),
      (["--pcap", "absent.pcap"], "absent.pcap: "), (["--json", "no/such.json"], "no/such.json"),
    ] {
      let outcome = try Program.penstock.run(["bench", "capacity"] + arguments, directory: fixture.directory.path)
      #expect(outcome.status == 1 && outcome.output.isEmpty, "\(arguments)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }
}
