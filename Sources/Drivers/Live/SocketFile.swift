import Glibc

/// The file of a unix socket, of which a process that was killed leaves one behind.
public enum SocketFile {
  /// What is at a path.
  public enum State: Equatable, Sendable {
    /// Nothing.
    case absent
    /// A socket that nobody listens on.
    case stale
    /// A socket that a process listens on; its number if the system tells.
    case listening(process: Int32?)
    /// A socket that this user may not connect to.
    case forbidden
    /// Something else.
    case other
  }

  /// Looks, by connecting and closing again.
  public static func state(of path: String) -> State {
    var status = stat()
    guard lstat(path, &status) == 0 else { return errno == EACCES ? .forbidden : .absent }
    guard status.st_mode & S_IFMT == S_IFSOCK else { return .other }
    // A listener of another type answers EPROTOTYPE: it is there.
    for type in [SOCK_SEQPACKET, SOCK_STREAM, SOCK_DGRAM] {
      let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0 else { return .forbidden }
      defer { close(descriptor) }
      if connect(descriptor, to: path) { return .listening(process: peer(of: descriptor)) }
      switch errno {
      case EPROTOTYPE: continue
      case ECONNREFUSED: return .stale
      case EACCES, EPERM: return .forbidden
      case ENOENT: return .absent
      default: return .listening(process: nil)
      }
    }
    return .listening(process: nil)
  }

  private static func connect(_ descriptor: Int32, to path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { place in
      guard path.utf8.count < place.count else { return false }
      place.copyBytes(from: path.utf8)
      return true
    }
    guard isFitting else { return false }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  private static func peer(of descriptor: Int32) -> Int32? {
    // struct ucred: process, user, group.
    var credentials: (Int32, UInt32, UInt32) = (0, 0, 0)
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
    return credentials.0
  }
}
