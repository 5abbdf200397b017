import Glibc

/// The secret that requests over TCP bring (RFC 6750).
struct BearerToken: Sendable {
  private let secret: [UInt8]

  /// The shortest token that is accepted.
  static let leastLength = 16

  /// Reads the token from a file that nobody but its owner and group may read. Blanks and line ends around it are left
  /// out.
  init(file path: String) throws(ControlServerError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw ControlServerError(
        path, "cannot be read: \(String(cString: strerror(errno)))",
        remedy: "make it with `(umask 077; openssl rand -hex 32 > \(path))`")
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o007 == 0 else {
      throw ControlServerError(
        path, status.st_mode & S_IFMT == S_IFREG ? "every user can use it" : "is no regular file",
        remedy: "write the token into a file of its own and run `chmod 600 \(path)`")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ControlServerError(
        path, "cannot be read: \(String(cString: strerror(errno)))", remedy: "make it readable to this user")
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    let isBlank = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
    var secret = bytes.prefix(max(0, count)).drop(while: isBlank)
    while let last = secret.last, isBlank(last) { secret.removeLast() }
    guard secret.count >= Self.leastLength, secret.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw ControlServerError(
        path, "holds no token of at least \(Self.leastLength) printable characters without blanks",
        remedy: "make one with `openssl rand -hex 32 > \(path)`")
    }
    self.secret = Array(secret)
  }

  /// Whether an Authorization field brings the token. The time that this takes does not depend on how much of it is right.
  func admits(_ authorization: String?) -> Bool {
    let scheme = Array("bearer ".utf8)
    let given = Array((authorization ?? "").utf8)
    guard given.count == scheme.count + secret.count else { return false }
    guard zip(given, scheme).allSatisfy({ $0 | 0x20 == $1 }) else { return false }
    var difference: UInt8 = 0
    for index in secret.indices { difference |= given[scheme.count + index] ^ secret[index] }
    return difference == 0
  }
}
