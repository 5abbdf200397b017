import Foundation
import Testing

@testable import Control

@Suite("report.html")
struct ReportHTMLTests {
  @Test("elements nest and close, whatever is in the report", arguments: SampleReports.Kind.allCases)
  func wellFormed(sample: SampleReports.Kind) throws {
    try expectBalanced(ReportHTML(sample.report).page())
  }

  @Test("names never become markup")
  func escaping() throws {
    let page = try ReportHTML(SampleReports.hostile).page()
    #expect(!page.contains("<img"))
    #expect(page.components(separatedBy: "</script>").count == 3)
    #expect(page.components(separatedBy: "</title>").count == 2)
    #expect(
      page.contains(
        "<h1>&lt;/script&gt;&lt;/title&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;amp;</h1>"))
    let harmless = try ReportHTML(SampleReports.small).page()
    let scripts = page.components(separatedBy: "<script").count
    #expect(scripts == harmless.components(separatedBy: "<script").count)
  }

  @Test("the page carries the whole report")
  func data() throws {
    let page = try ReportHTML(SampleReports.hostile).page()
    let start = try #require(page.range(of: "<script type=\"application/json\" id=\"report\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    let json = page[start.upperBound..<end.lowerBound]
    #expect(try JSONDecoder().decode(Report.self, from: Data(json.utf8)) == SampleReports.hostile)
  }

  @Test("the page asks for nothing from elsewhere")
  func selfContained() throws {
    let page = try ReportHTML(SampleReports.small).page()
    for forbidden in ["<link", " src=", " href=", "url(", "@import", "fetch(", "XMLHttpRequest", "import("] {
      #expect(!page.contains(forbidden), "\(forbidden)")
    }
    let addresses = page.components(separatedBy: "://").dropLast().filter { !$0.hasSuffix("http") }
    #expect(addresses.isEmpty)
    #expect(page.components(separatedBy: "http://").dropFirst().allSatisfy { $0.hasPrefix("www.w3.org/2000/svg\"") })
  }

  @Test("the script puts no text into the page as markup")
  func scriptSafety() {
    let scripts = [
      ReportHTML.plotScript, ReportHTML.timePlotScript, ReportHTML.latencyPlotScript, ReportHTML.linesScript,
      ReportHTML.pageScript,
    ]
    for script in scripts {
      for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        #expect(!script.contains(forbidden), "\(forbidden)")
      }
    }
  }

  @Test("tables, shares and drops are there without the script")
  func withoutScript() throws {
    let page = try ReportHTML(SampleReports.small).page()
    let markup = try #require(page.components(separatedBy: "<script").first)
    for text in [
      "1,020", "8.300 µs", "no-route", "ttl-expired", "10.9.0.0/16", "and 2 more prefixes", "74.80 %", "-0.20 pp",
      "a.pcap", "packet 21 is cut off at byte 3104", "1 error: this run is not complete", "1 notice", "<noscript>",
      "Every packet is accounted for", "Priority flow control", "419.2 kB", "from 2023-11-14 22:13:20.000000000 UTC",
    ] {
      #expect(markup.contains(text), "\(text)")
    }
  }

  @Test("the buffer, flow control, marking and the latency split are there without the script")
  func bufferWithoutScript() throws {
    let page = try ReportHTML(SampleReports.small).page()
    let markup = try #require(page.components(separatedBy: "<script").first)
    for text in [
      "<h2>Buffer</h2>", "420.1 kB", "52.51 %", "cells of 256 B", "<h2>Priority groups</h2>", "400.1 kB", "19.97 kB",
      "<h2>Congestion marking</h2>", "17.82 kB", "<h2>Where time goes</h2>", "393.2 ns", "3.064 µs", "21.44 ns",
      "65,535", "<h2>Paused queues</h2>", "<h2>Trimming</h2>",
    ] {
      #expect(markup.contains(text), "\(text)")
    }
    let idle = try ReportHTML(SampleReports.empty).page()
    for title in ["Buffer", "Priority groups", "Congestion marking", "Where time goes", "Paused queues"] {
      #expect(!idle.contains("<h2>\(title)</h2>"), "\(title)")
    }
  }

  @Test("loss in lossless traffic is an alarm at the top")
  func alarm() throws {
    var report = SampleReports.small
    #expect(try !ReportHTML(report).page().contains("<h2>Alarm</h2>"))
    report.ports[0].drops["headroom-full"] = 3
    let page = try ReportHTML(report).page()
    let alarm = try #require(page.range(of: "LOSS IN LOSSLESS TRAFFIC: 3 packets"))
    let tiles = try #require(page.range(of: "<section class=\"tiles\""))
    #expect(alarm.lowerBound < tiles.lowerBound)
  }

  @Test("names between grave accents become code, and nothing in them markup")
  func sentences() {
    #expect(HTML(sentence: "`ecn` and `buffer`.").text == "<code>ecn</code> and <code>buffer</code>.")
    #expect(HTML(sentence: "`<i>` & more").text == "<code>&lt;i&gt;</code> &amp; more")
    #expect(HTML(sentence: "one ` alone").text == "one ` alone")
    #expect(HTML(sentence: "`a` and ` alone").text == "<code>a</code> and ` alone")
    #expect(HTML(sentence: "").text.isEmpty)
  }

  @Test("an unbalanced account is named")
  func unbalanced() throws {
    var report = SampleReports.small
    report.totals.rxPackets += 5
    #expect(try ReportHTML(report).page().contains("5 packets are missing"))
  }

  @Test("an input that broke off is an error on the page even when the errors do not say so")
  func brokenInput() throws {
    var report = SampleReports.small
    report.errors = []
    let page = try ReportHTML(report).page()
    #expect(page.contains("<li>b.pcapng into h2: packet 21 is cut off at byte 3104</li>"))
  }

  @Test("equal reports give equal pages")
  func determinism() throws {
    #expect(try ReportHTML(SampleReports.small).page() == ReportHTML(SampleReports.small).page())
  }

  /// Walks all tags outside scripts and styles, and expects every element to close inside the one that holds it.
  private func expectBalanced(_ page: String) throws {
    let void: Set<Substring> = ["meta", "!doctype"]
    var open: [Substring] = []
    var rest = page[...]
    while let start = rest.firstIndex(of: "<") {
      let end = try #require(rest[start...].firstIndex(of: ">"), "a tag does not end")
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[page.index(after: end)...]
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst())
        continue
      }
      let name = tag.prefix { !$0.isWhitespace }
      #expect(!tag.contains("<"), "\(tag)")
      #expect(tag.filter { $0 == "\"" }.count.isMultiple(of: 2), "\(tag)")
      if void.contains(name) { continue }
      open.append(name)
      if name == "script" || name == "style" {
        rest = page[try #require(rest.range(of: "</\(name)>"), "\(name) does not end").lowerBound...]
      }
    }
    #expect(open.isEmpty)
  }
}
