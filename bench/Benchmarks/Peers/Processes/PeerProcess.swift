import Foundation

/// A program that was started to be measured: in a session of its own, so that its priority counts against all others,
/// and ended by the kernel if this process ends, however it does.
final class PeerProcess {
  /// What it is called in messages.
  let name: String
  /// The number of the process.
  let pid: pid_t
  /// The file that takes what it says.
  let log: String
  private var status: Int32?

  /// Where and how a program runs.
  struct Place {
    /// CPUs that it may use; all that this process may if it is empty.
    var cpus: [Int] = []
    /// The network that it sees; nil: that of this process.
    var network: NetworkNamespace?
    /// Variables that are added to the environment.
    var environment: [String: String] = [:]
  }

  /// Starts a program. Its standard input is empty.
  ///
  /// - Parameters:
  ///   - arguments: the first names the program.
  ///   - log: a file that is made anew.
  init(_ name: String, _ arguments: [String], in place: Place, log: String) throws(BenchmarkError) {
    self.name = name
    self.log = log
    pid = try Spawning.spawn(try Spawning.command(arguments, in: place), place.environment, output: log)
    // Niceness counts only between the processes of one session; between sessions this does. Only root may raise it.
    if let file = fopen("/proc/\(pid)/autogroup", "we") {
      fputs("-20", file)
      fclose(file)
    }
  }

  deinit { end() }

  /// Whether it has ended.
  var hasEnded: Bool {
    if status != nil { return true }
    var raw: Int32 = 0
    // An error other than EINTR means that it is not ours any more, so that it is gone.
    let result = waitpid(pid, &raw, WNOHANG)
    if result == pid || result < 0 && errno != EINTR { status = raw }
    return status != nil
  }

  /// Stops it where it is. It keeps all it has, and takes no CPU.
  func pause() { signal(SIGSTOP) }

  /// Lets it go on.
  func resume() { signal(SIGCONT) }

  /// Asks it to end, and kills it if it does not within a time.
  func end(within seconds: Double = 3) {
    if hasEnded { return }
    signal(SIGTERM)
    signal(SIGCONT)
    let deadline = Stopwatch.now + seconds
    while !hasEnded, Stopwatch.now < deadline { usleep(5000) }
    if hasEnded { return }
    signal(SIGKILL)
    while !hasEnded { usleep(5000) }
  }

  private func signal(_ number: Int32) {
    if status == nil { kill(pid, number) }
  }

  /// Waits until something holds.
  ///
  /// - Throws: what the program said last, if it ends or does not get so far in time.
  func wait(_ seconds: Double, for what: String, until holds: () throws -> Bool) throws {
    let deadline = Stopwatch.now + seconds
    while try !holds() {
      guard !hasEnded, Stopwatch.now < deadline else {
        let problem = hasEnded ? "ended" : "took more than \(Int(seconds)) s"
        throw BenchmarkError("\(name) \(problem) before \(what). It said:\n\(lastWords)")
      }
      usleep(10_000)
    }
  }

  /// The last lines that it said.
  var lastWords: String {
    let data = FileManager.default.contents(atPath: log) ?? Data()
    let lines = String(decoding: data.suffix(4000), as: UTF8.self).split(separator: "\n").suffix(12)
    return lines.isEmpty ? "  nothing" : lines.map { "  \($0)" }.joined(separator: "\n")
  }

  /// Nanoseconds that each of its threads has been on a CPU.
  func processorNanoseconds() -> [Int: UInt64] {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    var times: [Int: UInt64] = [:]
    for thread in threads.compactMap({ Int($0) }) {
      let data = FileManager.default.contents(atPath: "/proc/\(pid)/task/\(thread)/schedstat") ?? Data()
      times[thread] = String(decoding: data, as: UTF8.self).split(separator: " ").first.flatMap { UInt64($0) }
    }
    return times
  }
}

/// Seconds of a clock that nobody sets.
enum Stopwatch {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
