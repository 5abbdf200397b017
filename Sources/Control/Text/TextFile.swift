import Glibc

/// A file could not be written.
public struct TextFileError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The system's reason, an `errno` value.
  public var code: Int32

  /// Path, reason and remedy in one line.
  public var description: String {
    "\(path): cannot be written: \(String(cString: strerror(code))). "
      + "To remedy: name a file in a directory that exists, is not full, and that you may write to."
  }
}

/// Writes a text as a file, whole or not at all.
public enum TextFile {
  /// Finds out whether a file could be made at `path`, without making one: for what takes long to compute.
  ///
  /// - Throws: ``TextFileError``.
  public static func check(_ path: String) throws(TextFileError) {
    let end = path.lastIndex(of: "/")
    let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard access(directory, W_OK | X_OK) == 0 else { throw TextFileError(path: path, code: errno) }
  }

  /// Replaces the file at `path`, or makes it.
  ///
  /// - Throws: ``TextFileError``; what was there before stays.
  public static func write(_ text: String, to path: String) throws(TextFileError) {
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw TextFileError(path: path, code: errno) }
    var failure = ReportWriter.write(text, to: descriptor)
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(temporary, path) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(temporary)
      throw TextFileError(path: path, code: failure)
    }
  }
}
