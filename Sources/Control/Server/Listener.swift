import Glibc
import Wire

/// A socket that takes connections.
struct Listener: Sendable {
  let descriptor: Int32
  /// What requests must bring; nil: nothing.
  let token: BearerToken?
  private let socketFile: SocketFile?

  private struct SocketFile {
    var path: String
    var device: dev_t
    var inode: ino_t
  }

  private static let backlog: Int32 = 128

  /// A unix socket that its owner and group may use. A socket that a dead process left is replaced.
  init(unix path: String) throws(ControlServerError) {
    try Self.removeStale(path)
    let descriptor = try Self.socket(AF_UNIX, path)
    // From its beginning nobody else may use the file.
    fchmod(descriptor, 0o660)
    guard ControlSocket.withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
      throw Self.failure(
        descriptor, path, remedy: "name a socket in a directory that you may write to, with --socket PATH")
    }
    chmod(path, 0o660)
    var status = stat()
    guard listen(descriptor, Self.backlog) == 0, lstat(path, &status) == 0 else {
      throw Self.failure(descriptor, path, remedy: "name another socket with --socket PATH")
    }
    self.descriptor = descriptor
    token = nil
    socketFile = SocketFile(path: path, device: status.st_dev, inode: status.st_ino)
  }

  /// A TCP socket. What comes over it must bring the token.
  init(_ address: TCPAddress, token: BearerToken) throws(ControlServerError) {
    let family = if case .v4 = address.address { AF_INET } else { AF_INET6 }
    let descriptor = try Self.socket(family, address.description)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard address.withSocketAddress({ bind(descriptor, $1, $2) }) == 0, listen(descriptor, Self.backlog) == 0 else {
      throw Self.failure(
        descriptor, address.description, remedy: "choose an address of this host and a port that is free")
    }
    self.descriptor = descriptor
    self.token = token
    socketFile = nil
  }

  /// The port that it has.
  var port: UInt16 {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    // The port of both kinds of addresses is in the same place.
    return result == 0 ? UInt16(bigEndian: address.sin6_port) : 0
  }

  /// Closes it, and removes its file unless another process has put its own there.
  func close() {
    Glibc.close(descriptor)
    guard let file = socketFile else { return }
    var status = stat()
    if lstat(file.path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode { unlink(file.path) }
  }

  private static func removeStale(_ path: String) throws(ControlServerError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ControlServerError(path, "is there already and no socket", remedy: "name another with --socket PATH")
    }
    switch ControlSocket.connect(path) {
    case .success(let connection):
      Glibc.close(connection)
      throw ControlServerError(
        path, "a running switch answers there", remedy: "stop it, or name another socket with --socket PATH")
    case .failure(let error) where error.code == ECONNREFUSED: unlink(path)
    case .failure(let error):
      throw ControlServerError(path, "\(error)", remedy: "name another socket with --socket PATH")
    }
  }

  private static func socket(_ family: Int32, _ place: String) throws(ControlServerError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = Glibc.socket(family, kind, 0)
    guard descriptor >= 0 else {
      throw ControlServerError(place, "\(SystemError(code: errno))", remedy: "raise the limit of open files")
    }
    return descriptor
  }

  private static func failure(_ descriptor: Int32, _ place: String, remedy: String) -> ControlServerError {
    let path = place.hasPrefix("/") && place.utf8.count > 107
    let problem = path ? "is longer than 107 bytes" : "\(SystemError(code: errno))"
    Glibc.close(descriptor)
    return ControlServerError(place, problem, remedy: remedy)
  }
}
