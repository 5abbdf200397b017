import Glibc

/// Why a report could not be written, and what to do about it.
public struct ReportWriteError: Error, Equatable, CustomStringConvertible {
  /// The file or directory that it is about.
  public var path: String
  /// What failed, as a sentence part: "cannot be created".
  public var problem: String
  /// The system's reason, an `errno` value.
  public var code: Int32

  /// Creates an error.
  public init(path: String, problem: String, code: Int32) {
    self.path = path
    self.problem = problem
    self.code = code
  }

  /// What the user can do.
  public var remedy: String {
    switch code {
    case ENOSPC, EDQUOT: "free some space, or choose another directory with --out"
    case EACCES, EPERM: "choose a directory that you may write to with --out"
    case EROFS: "the file system is read-only; choose another directory with --out"
    case ENOENT, ENOTDIR: "create the directory first, or choose another one with --out"
    case EISDIR, ENOTEMPTY, EEXIST: "there is a directory of that name; remove it, or choose another place with --out"
    case ENAMETOOLONG: "choose a shorter name with --out"
    case EFBIG: "the file may not grow that large here; raise the limit (ulimit -f) or choose another directory"
    default: "check the disk, or choose another directory with --out"
    }
  }

  /// Path, problem, reason and remedy in one line.
  public var description: String { "\(path): \(problem): \(String(cString: strerror(code))). To remedy: \(remedy)." }
}

/// Writes report.json and report.html into a directory, each whole or not at all.
///
/// Both are written under another name beside their place and flushed to the disk before either gets its name. When
/// anything fails, the unfinished files are removed and what was there before stays.
public struct ReportWriter {
  /// The names of the files, page first: a directory with a new report.json has the page that belongs to it.
  public static let fileNames = ["report.html", "report.json"]

  /// The directory, which must exist.
  public let directory: String

  /// Creates a writer into `directory`.
  public init(directory: String) { self.directory = directory }

  /// Writes `report`.
  ///
  /// - Throws: ``ReportWriteError`` when a file cannot be written, `EncodingError` when a number is not finite.
  public func write(_ report: Report) throws {
    let json = try OrderedJSON.encode(report)
    let page = try ReportHTML(report).page()
    var pending: [(temporary: String, path: String)] = []
    do {
      for (name, text) in zip(Self.fileNames, [page, json]) {
        let path = self.path(name)
        let temporary = self.path(".\(name).\(getpid()).tmp")
        pending.append((temporary, path))
        try Self.create(temporary, text: text, for: path)
      }
      for (temporary, path) in pending {
        guard rename(temporary, path) == 0 else {
          throw ReportWriteError(path: path, problem: "cannot be put in its place", code: errno)
        }
      }
    } catch {
      for (temporary, _) in pending { unlink(temporary) }
      throw error
    }
    flushDirectory()
  }

  /// Removes the report of an earlier run, so that it cannot be taken for that of a run which fails.
  ///
  /// - Throws: ``ReportWriteError`` when there is one that cannot be removed.
  public func discardPrevious() throws(ReportWriteError) {
    for name in Self.fileNames {
      guard unlink(path(name)) == 0 || errno == ENOENT else {
        throw ReportWriteError(path: path(name), problem: "cannot be removed", code: errno)
      }
    }
  }

  private func path(_ name: String) -> String { directory.hasSuffix("/") ? directory + name : directory + "/" + name }

  private static func create(_ temporary: String, text: String, for path: String) throws(ReportWriteError) {
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw ReportWriteError(path: path, problem: "cannot be created", code: errno) }
    var failure = write(text, to: descriptor)
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure != 0 { throw ReportWriteError(path: path, problem: "cannot be written", code: failure) }
  }

  /// Writes all of `text`; returns 0 or the `errno` of what stopped it.
  static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, rest.count > 0 {
        let written = Glibc.write(descriptor, start, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      return 0
    }
  }

  /// Makes the new names last. A file system that cannot flush a directory keeps them anyway, so this may fail.
  private func flushDirectory() {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
