import Foundation

/// A directory that exists for one test.
final class TemporaryDirectory {
  /// Its path with a slash at the end.
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/penstock-" + UUID().uuidString + "/"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Creates a file.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + name))
  }
}
