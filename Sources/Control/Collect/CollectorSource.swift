import Collector
import Drivers
import Glibc

/// Where flows and paths are read from: a running collector, a file that one has written, or captures.
public enum CollectorSource: Equatable, Sendable {
  /// The socket of a running collector.
  case socket(String)
  /// A file of ``Store``.
  case store(String)
  /// A capture with reports or packets with telemetry.
  case capture(String)

  /// What a file is, by its first octets; nil: it cannot be read.
  public static func file(_ path: String) throws(StoreError) -> CollectorSource {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw StoreError(
        path: path, problem: "\(SystemError(code: errno))", remedy: "Name a file of `penstock collect`, or a capture.")
    }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 16)
    let count = read(descriptor, &head, head.count)
    return StoreReader.isDatabase(Array(head.prefix(max(0, count)))) ? .store(path) : .capture(path)
  }

  /// The socket that is meant: the one that is named, or the only one on which a collector answers.
  public static func running(_ named: String?) throws(ControlClientError) -> CollectorSource {
    if let named { return .socket(named) }
    let answering = ControlSocket.all(suffix: CollectorSource.suffix).filter {
      guard case .success(let connection) = ControlSocket.connect($0) else { return false }
      close(connection)
      return true
    }
    guard let path = answering.first else {
      throw .unreachable(
        ControlSocket.directories.joined(separator: ", "), "no collector answers there",
        remedy: "start one with `penstock collect`, name its socket with --socket PATH, or name a file")
    }
    guard answering.count == 1 else {
      throw .unreachable(
        answering.joined(separator: ", "), "more than one collector answers", remedy: "choose one with --socket PATH")
    }
    return .socket(path)
  }

  /// What the names of collectors' sockets end in.
  public static let suffix = ".collector"

  /// Flows and changes of paths.
  ///
  /// - Parameter limit: the latest flows and changes.
  /// - Throws: `ControlClientError`, ``StoreError`` or ``CaptureError``.
  public func flows(_ options: CollectorOptions, limit: Int) throws -> CollectorSnapshot {
    switch self {
    case .socket(let path):
      let client = ControlClient(socketPath: path)
      let text = try client.send("GET", ["v1", "collector", "flows"], query: [("limit", "\(limit)")])
      return try client.decode(CollectorSnapshot.self, from: text)
    case .store(let path):
      let reader = try StoreReader(path: path)
      var snapshot = Collector(options).snapshot([], limit: 0)
      snapshot.flows = try reader.flows(limit: limit)
      snapshot.pathChanges = try reader.pathChanges(limit: limit)
      return snapshot
    case .capture(let path):
      var collector = Collector(options)
      var captures = CaptureCollection([path], filter: nil)
      try captures.read(into: &collector)
      return collector.snapshot([.flows, .changes], limit: limit)
    }
  }
}
