import Foundation

/// A program of others that measurements need.
struct Tool {
  let path: String

  /// Looks for it in PATH and where Debian puts it; `package` says what to install if it is missing.
  init(_ name: String, package: String) throws(BenchmarkError) {
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let found = (paths + ["/usr/bin", "/usr/sbin"]).map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { throw BenchmarkError("\(name) is not installed: apt install \(package)") }
    path = found
  }

  /// Runs it to its end and returns what it printed.
  ///
  /// - Parameter input: what it reads from standard input.
  func run(_ arguments: [String], input: String = "") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let directory = try TemporaryDirectory()
    let (inputPath, outputPath) = (directory.path + "/in", directory.path + "/out")
    // Files, not pipes: neither side can fill one while the other waits.
    try Data(input.utf8).write(to: URL(fileURLWithPath: inputPath))
    try Data().write(to: URL(fileURLWithPath: outputPath))
    guard let reader = FileHandle(forReadingAtPath: inputPath), let writer = FileHandle(forWritingAtPath: outputPath)
    else { throw BenchmarkError("\(directory.path): files cannot be made") }
    process.standardInput = reader
    process.standardOutput = writer
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let output = String(decoding: FileManager.default.contents(atPath: outputPath) ?? Data(), as: UTF8.self)
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw BenchmarkError("\(path) ended with status \(process.terminationStatus): \(output.suffix(300))")
    }
    return output
  }
}

/// A directory for files that nobody needs later.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/penstock-bench-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
