import CShims
import Foundation

/// Starting programs.
enum Spawning {
  /// The command that runs a program in a place: programs of util-linux in front of it set things up and become it.
  static func command(_ arguments: [String], in place: PeerProcess.Place) throws(BenchmarkError) -> [String] {
    var command = [try SystemProgram.required("setpriv", package: "util-linux").path, "--pdeathsig", "KILL", "--"]
    if let network = place.network {
      // Joining also takes the mount namespace, whose /sys shows the devices of that network.
      command += [
        try SystemProgram.required("nsenter", package: "util-linux").path, "--target", "\(network.holder.pid)", "--net",
        "--mount", "--",
      ]
    }
    if !place.cpus.isEmpty {
      let list = place.cpus.map { "\($0)" }.joined(separator: ",")
      command += [try SystemProgram.required("taskset", package: "util-linux").path, "--cpu-list", list]
    }
    return command + arguments
  }

  /// Starts a program in a new session, with no signal blocked or ignored and no file open but the three.
  static func spawn(
    _ arguments: [String], _ environment: [String: String], output: String
  ) throws(BenchmarkError) -> pid_t {
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
    let words = arguments.map { strdup($0) }
    let settings = variables.map { strdup($0) }
    defer { (words + settings).forEach { free($0) } }
    var pid = pid_t()
    let result = pst_process_spawn(
      words.map { UnsafePointer($0) } + [nil], settings.map { UnsafePointer($0) } + [nil], output, &pid)
    guard result == 0 else {
      throw BenchmarkError("\(arguments[0]) does not start: \(String(cString: strerror(-result)))")
    }
    return pid
  }

  /// Runs a program to its end.
  ///
  /// - Throws: ``BenchmarkError`` with what it said if it fails, or takes longer than `seconds`.
  @discardableResult
  static func run(
    _ arguments: [String], in place: PeerProcess.Place = .init(), scratch: String, within seconds: Double = 20
  ) throws(BenchmarkError) -> String {
    let log = "\(scratch)/command.log"
    let pid = try spawn(try command(arguments, in: place), place.environment, output: log)
    let deadline = Stopwatch.now + seconds
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) != pid {
      if Stopwatch.now > deadline { kill(pid, SIGKILL) }
      usleep(500)
    }
    let output = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    guard status == 0 else {
      let words = arguments.joined(separator: " ")
      throw BenchmarkError("`\(words.prefix(200))` failed:\n\(output.suffix(1000))")
    }
    return output
  }
}
