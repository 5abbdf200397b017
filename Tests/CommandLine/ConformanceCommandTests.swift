import Foundation
import TestSupport
import Testing

@Suite("penstock conformance")
struct ConformanceCommandTests {
  @Test("0: expectation and measurement side by side; JUnit and HTML as files that others can read")
  func reports() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run(
      "conformance", "leaf.yaml", "--only", "pause", "--only", "headroom", "--junit", "out.xml", "--html", "out.html")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("first XOFF leaves") && outcome.output.contains("all passed"))
    #expect(!outcome.output.contains("\u{1B}"))
    let script = """
      import xml.etree.ElementTree as tree
      root = tree.parse("out.xml").getroot()
      suites = root.findall("testsuite")
      assert [suite.get("name") for suite in suites] == ["headroom", "pause"], root
      for suite in suites:
        cases = suite.findall("testcase")
        assert len(cases) == int(suite.get("tests")), suite.get("name")
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures")) == 0
        assert len(suite.findall("testcase/skipped")) == int(suite.get("skipped"))
      assert sum(int(suite.get("tests")) for suite in suites) == int(root.get("tests"))
      """
    try fixture.directory.write(script, to: "read.py")
    let read = try Program(path: "/usr/bin/env").run(["python3", "read.py"], directory: fixture.directory.path)
    #expect(read.status == 0, "\(read.errors)")
    let page = try fixture.directory.text("out.html")
    #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
    #expect(page.contains("XON frames") && !page.contains("http://") && !page.contains("https://"))
  }

  @Test("1: a configuration that loses frames fails, and says where")
  func lossy() throws {
    let fixture = try CommandFixture()
    let buffer = "buffer: {size: 8MB, headroom: 20kB}\n"
    try fixture.directory.write(CommandFixture.configuration + buffer, to: "small.yaml")
    let outcome = try fixture.run("conformance", "small.yaml", "--only", "headroom", "--junit", "out.xml")
    #expect(outcome.status == 1 && outcome.errors.isEmpty, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("FAILED configured size, worst case"))
    #expect(try fixture.directory.text("out.xml").contains("<failure message="))
  }

  @Test("JSON has every check with its formula")
  func json() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run("conformance", "leaf.yaml", "--only", "pause", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let results = try #require(object?["results"] as? [[String: Any]])
    #expect(results.count == 3 && object?["failed"] as? Int == 0)
    let checks = try #require(results.first?["checks"] as? [[String: Any]])
    #expect(checks.allSatisfy { $0["formula"] as? String != "" && $0["passed"] as? Bool == true })
  }

  @Test("The built-in cases are listed by subject, and not run")
  func list() throws {
    let outcome = try CommandFixture().run("conformance", "--list")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0 && lines.count > 80)
    #expect(lines.contains("incast: 32 to 1, 400G, 30 m") && lines.contains("threshold: alpha 1/256, 8 groups drain"))
  }

  @Test("2, 64 and 1: a wrong configuration, an unknown subject, a file that cannot be written")
  func mistakes() throws {
    let fixture = try CommandFixture()
    #expect(try fixture.run("conformance", "absent.yaml").status == 2)
    let subject = try fixture.run("conformance", "--only", "pfc")
    #expect(subject.status == 64 && subject.errors.contains("no such subject") && subject.errors.contains("pause"))
    let file = try fixture.run("conformance", "leaf.yaml", "--only", "pause", "--html", "absent/out.html")
    #expect(file.status == 1 && file.errors.contains("absent/out.html: cannot be written"))
  }
}
