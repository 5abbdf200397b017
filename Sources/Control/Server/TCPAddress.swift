import Glibc
import Wire

/// An address and port to answer on.
public struct TCPAddress: Equatable, Sendable, CustomStringConvertible {
  /// The address.
  public var address: IPAddress
  /// The port; 0: any that is free.
  public var port: UInt16

  /// An address and port.
  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Reads `127.0.0.1:9470`, `[::1]:9470`, or `9470` for 127.0.0.1.
  public init(_ text: String) throws(ControlServerError) {
    let wrong = ControlServerError(
      text, "is no address and port", remedy: "write it as `127.0.0.1:9470`, `[::1]:9470` or `9470`")
    var host = "127.0.0.1"
    var digits = text[...]
    if let colon = text.lastIndex(of: ":") {
      host = String(text[..<colon])
      digits = text[text.index(after: colon)...]
      if host.hasPrefix("["), host.hasSuffix("]") {
        host = String(host.dropFirst().dropLast())
        guard host.contains(":") else { throw wrong }
      } else if host.contains(":") {
        throw wrong
      }
      if host == "localhost" { host = "127.0.0.1" }
    }
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits),
      let address = IPAddress(host)
    else { throw wrong }
    self.init(address: address, port: port)
  }

  /// As it is read.
  public var description: String {
    switch address {
    case .v4: "\(address):\(port)"
    case .v6: "[\(address)]:\(port)"
    }
  }

  /// Calls `body` with the address as the system wants it.
  func withSocketAddress<Result>(_ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    switch address {
    case .v4(let address):
      var socketAddress = sockaddr_in()
      socketAddress.sin_family = sa_family_t(AF_INET)
      socketAddress.sin_port = port.bigEndian
      socketAddress.sin_addr.s_addr = address.bits.bigEndian
      return withUnsafePointer(to: &socketAddress) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body(AF_INET, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    case .v6(let address):
      var socketAddress = sockaddr_in6()
      socketAddress.sin6_family = sa_family_t(AF_INET6)
      socketAddress.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &socketAddress.sin6_addr) { address.store(to: $0.baseAddress!) }
      return withUnsafePointer(to: &socketAddress) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body(AF_INET6, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }
}
