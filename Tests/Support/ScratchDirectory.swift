import Foundation

/// A directory that exists for one test.
public final class ScratchDirectory: Sendable {
  /// Its path, without a slash at the end.
  public let path: String

  /// Makes the directory, writable and readable by every user.
  public init() throws {
    path = FileManager.default.temporaryDirectory.path + "/penstock-test-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public subscript(name: String) -> String { path + "/" + name }

  /// Writes a file; returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
    return self[name]
  }

  /// Writes a text file; returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

  /// Writes a capture; returns its path.
  @discardableResult
  public func write(_ frames: [StampedFrame], _ format: CaptureBytes = CaptureBytes(), to name: String) throws -> String
  {
    try write(format.file(frames), to: name)
  }

  /// The bytes of a file.
  public func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: self[name])))
  }

  /// A text file.
  public func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  /// The frames of a capture that Penstock wrote.
  public func capture(_ name: String) throws -> [StampedFrame] { try CaptureBytes.read(try read(name)) }

  /// The names of all files in a directory of it, sorted.
  public func files(in directory: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? path : self[directory]).sorted()
  }
}
