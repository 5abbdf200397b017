import Dataplane
import Glibc

extension Replay {
  /// Refuses to write over what is read, or twice to one place.
  static func protect(
    _ inputs: [ReplayInput], from options: ReplayOptions, _ ports: [PortConfiguration]
  ) throws(ReplayError) {
    let names = ports.map { $0.name + ".pcap" } + ["packets.csv"]
    var written: [String] = []
    if let directory = options.outputDirectory { written = names.map { "\(directory)/\($0)" } }
    if let path = options.pauseLogPath {
      try check(pauseLog: path, besides: written + reports(options))
      written.append(path)
    }
    let identities = Set(written.flatMap { [$0, $0 + ".partial"] }.compactMap { FileIdentity(of: $0) })
    for path in inputs.map(\.path) + options.protectedPaths {
      guard let identity = FileIdentity(of: path), identities.contains(identity) else { continue }
      throw .capture(
        CaptureError(
          path: path, problem: "would be overwritten by the output",
          remedy: "Choose another directory with --out, or another file with --pfc-log."))
    }
  }

  /// What others write into the output directory.
  private static func reports(_ options: ReplayOptions) -> [String] {
    guard let directory = options.outputDirectory else { return [] }
    return ["report.json", "report.html"].map { "\(directory)/\($0)" }
  }

  /// The list of flow control events must be a file, and one that nothing else is written to.
  private static func check(pauseLog path: String, besides written: [String]) throws(ReplayError) {
    func refuse(_ problem: String) -> ReplayError {
      .capture(CaptureError(path: path, problem: problem, remedy: "Choose another file with --pfc-log."))
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { throw refuse("is not a regular file") }
    let place = FilePlace(path)
    if written.contains(where: { FilePlace($0) == place }) { throw refuse("is what another output is written to") }
  }
}

/// Which file a path leads to, however it is spelled.
private struct FileIdentity: Hashable {
  let device: UInt64
  let inode: UInt64

  /// Nil if there is no such file.
  init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// Where a file is or would be: its name in a directory.
private struct FilePlace: Equatable {
  let directory: FileIdentity?
  let name: String

  init(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    name = parts.last.map(String.init) ?? ""
    let parent = parts.dropLast().joined(separator: "/")
    directory = FileIdentity(of: path.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent)
  }
}
