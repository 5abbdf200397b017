import Foundation
import Testing

/// Compares a text for human readers with the file `name` in the folder Snapshots beside the test, and shows the first
/// lines that differ.
///
/// After a change that is meant, run the tests once with PENSTOCK_UPDATE_SNAPSHOTS=1 and read the difference: the
/// files are rewritten, and the tests fail all the same so that such a run never counts as a pass.
public func expectSnapshot(
  _ name: String, _ text: String, testFile: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: testFile).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
  if ProcessInfo.processInfo.environment["PENSTOCK_UPDATE_SNAPSHOTS"] != nil {
    try Data(text.utf8).write(to: file)
    Issue.record("\(name) was rewritten", sourceLocation: sourceLocation)
    return
  }
  let wanted = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let differing = (0..<max(lines.count, wanted.count)).filter { index in
    index >= lines.count || index >= wanted.count || lines[index] != wanted[index]
  }
  if differing.isEmpty { return }
  let shown = differing.prefix(8).map { index in
    """
    line \(index + 1):
      is        \(index < lines.count ? lines[index] : "(end)")
      should be \(index < wanted.count ? wanted[index] : "(end)")
    """
  }
  Issue.record(
    "\(name) differs in \(differing.count) lines\n\(shown.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
