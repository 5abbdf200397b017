import CShims
import Glibc
import Wire

/// A UDP socket that takes datagrams of reports, many at a time.
final class ReportReceiver {
  /// The largest payload of UDP, rounded up.
  private static let stride = 1 << 16
  /// Octets that the system keeps when reports come faster than they are read; it may allow less.
  private static let wantedBuffer: Int32 = 64 << 20

  private let descriptor: Int32
  private let memory: UnsafeMutablePointer<UInt8>
  private var lengths = [UInt32](repeating: 0, count: Int(PST_DATAGRAMS))
  /// Datagrams that the system has thrown away: nobody read them in time.
  private(set) var overflow: UInt32 = 0
  /// Where it listens, with the port that it has.
  let address: TCPAddress

  /// Listens.
  init(_ address: TCPAddress) throws(ControlServerError) {
    let family = if case .v4 = address.address { AF_INET } else { AF_INET6 }
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &yes, socklen_t(MemoryLayout<Int32>.size))
    var size = Self.wantedBuffer
    // The first may go beyond the system's limit and needs the right to.
    if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size)) != 0 {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    guard descriptor >= 0, address.withSocketAddress({ bind(descriptor, $1, $2) }) == 0 else {
      let problem = "\(SystemError(code: errno))"
      if descriptor >= 0 { close(descriptor) }
      throw ControlServerError(
        "udp \(address)", problem, remedy: "choose an address of this host and a port that is free, with --listen")
    }
    self.descriptor = descriptor
    self.address = TCPAddress(address: address.address, port: Self.port(of: descriptor))
    memory = .allocate(capacity: Self.stride * Int(PST_DATAGRAMS))
  }

  deinit {
    close(descriptor)
    memory.deallocate()
  }

  /// Waits for datagrams and gives each to `body`; none after a while.
  ///
  /// - Parameter milliseconds: how long to wait.
  func receive(within milliseconds: Int32, _ body: (_ count: Int, (Int) -> UnsafeRawBufferPointer) -> Void) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return }
    let count = pst_datagrams_receive(descriptor, memory, UInt32(Self.stride), &lengths, &overflow)
    // Errors are those of ICMP messages about datagrams that were never sent from here.
    guard count > 0 else { return }
    body(Int(count)) { index in
      UnsafeRawBufferPointer(start: memory + index * Self.stride, count: Int(lengths[index]))
    }
  }

  private static func port(of descriptor: Int32) -> UInt16 {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    // The port of both kinds of addresses is in the same place.
    return result == 0 ? UInt16(bigEndian: address.sin6_port) : 0
  }
}
