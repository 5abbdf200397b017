import Foundation
import Testing

@testable import Control

@Suite("Writing a report")
struct ReportWriterTests {
  @Test("both files appear whole, replace those of before, and nothing else is left behind")
  func writes() throws {
    try withDirectory { directory in
      let writer = ReportWriter(directory: directory)
      try writer.write(SampleReports.empty)
      try writer.write(SampleReports.small)
      #expect(try contents(directory) == ["report.html", "report.json"])
      #expect(try text(directory + "/report.json") == OrderedJSON.encode(SampleReports.small))
      #expect(try text(directory + "/report.html") == ReportHTML(SampleReports.small).page())
    }
  }

  @Test("a directory that is missing is named, with what to do")
  func missingDirectory() throws {
    try withDirectory { directory in
      let error = #expect(throws: ReportWriteError.self) {
        try ReportWriter(directory: directory + "/none").write(SampleReports.small)
      }
      #expect(error?.code == ENOENT)
      #expect(error?.description.contains("\(directory)/none/report.html: cannot be created: No such file") == true)
      #expect(error?.description.contains("create the directory first") == true)
    }
  }

  @Test("a directory without write permission is named", .enabled(if: getuid() != 0))
  func noPermission() throws {
    try withDirectory { directory in
      chmod(directory, 0o555)
      defer { chmod(directory, 0o755) }
      let error = #expect(throws: ReportWriteError.self) {
        try ReportWriter(directory: directory).write(SampleReports.small)
      }
      #expect(error?.code == EACCES)
      #expect(error?.remedy == "choose a directory that you may write to with --out")
    }
  }

  @Test("a full disk is told from other failures")
  func fullDisk() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    #expect(ReportWriter.write("{}", to: descriptor) == ENOSPC)
    let error = ReportWriteError(path: "out/report.json", problem: "cannot be written", code: ENOSPC)
    #expect(
      error.description == "out/report.json: cannot be written: No space left on device. "
        + "To remedy: free some space, or choose another directory with --out.")
  }

  @Test("when a file cannot get its name, no temporary file stays and the report of before is untouched")
  func obstructed() throws {
    try withDirectory { directory in
      try FileManager.default.createDirectory(
        atPath: directory + "/report.html/inside", withIntermediateDirectories: true)
      try Data("before".utf8).write(to: URL(filePath: directory + "/report.json"))
      let error = #expect(throws: ReportWriteError.self) {
        try ReportWriter(directory: directory).write(SampleReports.small)
      }
      #expect(error?.path == directory + "/report.html")
      #expect(error?.code == EISDIR)
      #expect(try contents(directory) == ["report.html", "report.json"])
      #expect(try text(directory + "/report.json") == "before")
    }
  }

  @Test("a report that cannot be encoded leaves nothing")
  func notEncodable() throws {
    try withDirectory { directory in
      var report = SampleReports.small
      report.nextHops[0].via[0].share = .nan
      #expect(throws: EncodingError.self) { try ReportWriter(directory: directory).write(report) }
      let left = try contents(directory)
      #expect(left.isEmpty)
    }
  }

  @Test("the report of an earlier run can be removed before a run starts")
  func discard() throws {
    try withDirectory { directory in
      let writer = ReportWriter(directory: directory)
      try writer.discardPrevious()
      try writer.write(SampleReports.small)
      try Data("kept".utf8).write(to: URL(filePath: directory + "/h1.pcap"))
      try writer.discardPrevious()
      #expect(try contents(directory) == ["h1.pcap"])
    }
  }

  private func withDirectory(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
  }

  private func contents(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}
