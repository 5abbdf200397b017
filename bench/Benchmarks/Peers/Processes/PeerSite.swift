import Foundation

/// Where programs that are measured run: a directory for their files, and the programs themselves. All of it ends with
/// the site; what a site that was killed leaves, the next one removes.
final class PeerSite {
  /// The directory, which only this user may enter. Its name is short: paths of sockets may have 107 octets.
  let directory: String
  private var processes: [PeerProcess] = []
  private var names = 0

  private static let prefix = "penstock-peers-"

  /// Makes the directory.
  ///
  /// - Parameter parent: where it is made.
  init(in parent: String = "/tmp") throws(BenchmarkError) {
    PeerSite.sweep(parent)
    var template = Array("\(parent)/\(PeerSite.prefix)\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw BenchmarkError("no directory can be made in \(parent): \(String(cString: strerror(errno)))")
    }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { close() }

  /// Ends all programs, the last one first, and removes the directory.
  func close() {
    while let last = processes.popLast() { last.end() }
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Starts a program.
  ///
  /// - Parameter arguments: the first is a path.
  func start(
    _ name: String, _ arguments: [String], in place: PeerProcess.Place = .init()
  ) throws(BenchmarkError) -> PeerProcess {
    names += 1
    let process = try PeerProcess(name, arguments, in: place, log: "\(directory)/\(names).log")
    processes.append(process)
    return process
  }

  /// Runs a program to its end; returns what it said.
  @discardableResult
  func run(_ arguments: [String], in place: PeerProcess.Place = .init()) throws(BenchmarkError) -> String {
    try Spawning.run(arguments, in: place, scratch: directory)
  }

  /// A directory of its own for a program.
  func makeDirectory() throws(BenchmarkError) -> String {
    names += 1
    let path = "\(directory)/\(names)"
    guard mkdir(path, 0o700) == 0 else {
      throw BenchmarkError("\(path): cannot be made: \(String(cString: strerror(errno)))")
    }
    return path
  }

  /// Writes a file; returns its path.
  func write(_ text: String, to name: String) throws(BenchmarkError) -> String {
    names += 1
    let path = "\(directory)/\(names)-\(name)"
    do {
      try text.write(toFile: path, atomically: false, encoding: .utf8)
    } catch {
      throw BenchmarkError("\(path): cannot be written; make room in its file system")
    }
    return path
  }

  /// Removes the directories of sites whose process is gone.
  private static func sweep(_ parent: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
      guard let owner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ pid_t($0) }),
        kill(owner, 0) != 0, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
    }
  }
}
