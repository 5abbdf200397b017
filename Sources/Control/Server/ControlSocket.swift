import Glibc

/// Where control sockets are: `/run/penstock/NAME.sock`, or in the user's own run-time directory.
public enum ControlSocket {
  /// The directories that sockets are made in and looked for, the preferred one first: `/run/penstock`,
  /// `$XDG_RUNTIME_DIR/penstock` and `/tmp/penstock-UID`.
  public static var directories: [String] {
    var directories = ["/run/penstock"]
    if let own = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), own.hasPrefix("/") {
      directories.append("\(own)/penstock")
    }
    directories.append("/tmp/penstock-\(getuid())")
    return directories
  }

  /// The socket of a process whose first switch has a name: in the first directory that this user may write to. The
  /// directory is made if it is not there. The name's characters that a file name should not have become `_`.
  ///
  /// - Parameter suffix: tells kinds of processes apart: those of switches end in `.sock`.
  public static func path(for name: String, suffix: String = ".sock") throws(ControlServerError) -> String {
    for directory in directories where isUsable(directory) { return "\(directory)/\(fileName(for: name, suffix))" }
    throw ControlServerError(
      directories.joined(separator: ", "), "cannot be written to", remedy: "name a socket with --socket PATH")
  }

  static func fileName(for name: String, _ suffix: String = ".sock") -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" }) + suffix
  }

  /// All sockets in ``directories``, those of dead processes too.
  public static var all: [String] { all(suffix: ".sock") }

  /// All sockets in ``directories`` whose names end so.
  static func all(suffix: String) -> [String] {
    var found: [String] = []
    for directory in directories where isTrusted(directory) {
      guard let stream = opendir(directory) else { continue }
      defer { closedir(stream) }
      var names: [String] = []
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasSuffix(suffix) { names.append("\(directory)/\(name)") }
      }
      found += names.sorted()
    }
    return found
  }

  /// Whether a directory is there, or can be made, for this user to make sockets in that others may trust.
  static func isUsable(_ directory: String) -> Bool {
    mkdir(directory, directory.hasPrefix("/run/") ? 0o755 : 0o700)
    return isTrusted(directory) && access(directory, W_OK | X_OK) == 0
  }

  /// Whether nobody can have put a socket into a directory but this user, or whom the administrator lets. What is in /run
  /// was made by the administrator, for whomever; /tmp takes directories of anybody.
  private static func isTrusted(_ directory: String) -> Bool {
    var status = stat()
    guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o002 == 0 else {
      return false
    }
    return status.st_uid == getuid() || status.st_uid == 0 || directory.hasPrefix("/run/penstock")
  }

  /// Calls `body` with a socket's path as the system wants it; nil if the path is too long.
  static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
      return nil
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  /// A connection to a socket, or the reason why there is none as an `errno` value.
  static func connect(_ path: String) -> Result<Int32, SystemError> {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .failure(SystemError(code: errno)) }
    // A process that hangs takes no connections, and its backlog may be full.
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard let result = withAddress(path, { Glibc.connect(descriptor, $0, $1) }) else {
      close(descriptor)
      return .failure(SystemError(code: ENAMETOOLONG))
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      return .failure(SystemError(code: code))
    }
    return .success(descriptor)
  }
}

/// A failed system call.
struct SystemError: Error, Equatable, CustomStringConvertible {
  /// An `errno` value.
  var code: Int32

  var description: String { String(cString: strerror(code)) }
}
