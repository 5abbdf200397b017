import Foundation
import Testing

/// Compares `text` with the file `name` in Snapshots, and names the first line that differs.
///
/// After a change that is meant, run the tests once with PENSTOCK_UPDATE_SNAPSHOTS=1 and read the difference: the
/// files are rewritten, and the tests fail all the same so that such a run never counts as a pass.
func expectSnapshot(
  _ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
  if ProcessInfo.processInfo.environment["PENSTOCK_UPDATE_SNAPSHOTS"] != nil {
    try Data(text.utf8).write(to: file)
    Issue.record("\(name) was rewritten", sourceLocation: sourceLocation)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  if text == expected { return }
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let number = zip(lines, expectedLines).enumerated().first { $1.0 != $1.1 }?.offset
  let index = number ?? min(lines.count, expectedLines.count)
  let line = index < lines.count ? lines[index] : "(end)"
  let expectedLine = index < expectedLines.count ? expectedLines[index] : "(end)"
  Issue.record(
    "\(name), line \(index + 1):\n  is        \(line)\n  should be \(expectedLine)", sourceLocation: sourceLocation)
}
