import Foundation

/// Runs programs, the one under test above all.
public struct Program: Sendable {
  /// What a program said and how it ended.
  public struct Outcome: Sendable {
    /// Exit status; of a program that a signal ended, 128 and its number.
    public let status: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errors: String
    /// How long it ran.
    public let seconds: Double
  }

  /// The executable.
  public let path: String

  /// An executable, by its path.
  public init(path: String) { self.path = path }

  /// An executable that is looked for in PATH and the directories of the system; nil if there is none.
  public init?(named name: String) {
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let found = (["/usr/bin", "/usr/sbin", "/bin", "/sbin"] + paths).map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    path = found
  }

  /// penstock: what PENSTOCK_BINARY names, or else the one that was built with these tests.
  public static var penstock: Program {
    if let path = ProcessInfo.processInfo.environment["PENSTOCK_BINARY"] { return Program(path: path) }
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return Program(
      path: URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("penstock").path)
  }

  /// The root of the package.
  public static var packageDirectory: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .path
  }

  /// Runs it to its end, or until a time is up, after which it is killed.
  ///
  /// - Parameters:
  ///   - environment: added to that of the tests; nil removes a variable.
  ///   - directory: where it runs; by default where the tests do.
  public func run(
    _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil, limit: Double = 120
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment.compactMapValues { $0 }) { $1 }
      .filter { entry in !environment.contains { $0.key == entry.key && $0.value == nil } }
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    let (output, errors) = (try OutputFile(), try OutputFile())
    process.standardOutput = output.handle
    process.standardError = errors.handle
    process.standardInput = FileHandle.nullDevice
    let begin = Date()
    try process.runWithSignals()
    let pid = process.processIdentifier
    let overdue = DispatchWorkItem { kill(pid, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + limit, execute: overdue)
    process.waitUntilExit()
    overdue.cancel()
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .uncaughtSignal ? 128 + status : status, output: try output.text(),
      errors: try errors.text(), seconds: Date().timeIntervalSince(begin))
  }
}

extension Process {
  /// Starts the program with no signal blocked. It would inherit the mask of the thread that starts it, and the threads
  /// of Swift's concurrency block all.
  public func runWithSignals() throws {
    var none = sigset_t()
    var own = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &own)
    defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
    try run()
  }
}

/// A file that takes a program's output, however much it is.
private final class OutputFile {
  let handle: FileHandle
  private let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/penstock-test-output-" + UUID().uuidString
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text() throws -> String {
    try handle.seek(toOffset: 0)
    return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
  }
}
