import Foundation

/// Another process, whose time and memory are measured.
final class ChildProcess {
  /// How it ended.
  struct Outcome {
    /// From its start to its end.
    var nanoseconds: Double
    /// Most memory that it had at a time, in bytes.
    var residentBytes: UInt64
  }

  private let process = Process()
  private let begin: ContinuousClock.Instant
  private let command: String

  /// Starts a program, whose output nobody reads.
  init(_ path: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    command = ([path] + arguments).joined(separator: " ")
    begin = ContinuousClock.now
    try process.run()
  }

  /// Waits for its end.
  ///
  /// Memory is read from the kernel's own high-water mark while it runs: what `wait4` says afterwards would include what
  /// this process had when it made the other.
  func wait() throws -> Outcome {
    var resident: UInt64 = 0
    let status = "/proc/\(process.processIdentifier)/status"
    while process.isRunning {
      if let text = FileManager.default.contents(atPath: status) {
        resident = max(resident, ChildProcess.highWaterMark(in: String(decoding: text, as: UTF8.self)))
      }
      usleep(2000)
    }
    let elapsed = (ContinuousClock.now - begin).components
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw BenchmarkError("\(command): ended with status \(process.terminationStatus); run it by hand to see why")
    }
    return Outcome(
      nanoseconds: Double(elapsed.seconds) * 1e9 + Double(elapsed.attoseconds) / 1e9, residentBytes: resident)
  }

  /// VmHWM of /proc/PID/status, in bytes; 0 if it has none.
  static func highWaterMark(in status: String) -> UInt64 {
    let value = MachineFacts.value(of: "VmHWM", in: status)?.split(separator: " ").first.flatMap { UInt64($0) }
    return (value ?? 0) * 1024
  }
}
