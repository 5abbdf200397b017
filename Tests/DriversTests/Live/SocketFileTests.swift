import Foundation
import TestSupport
import Testing

@testable import Drivers

/// What is at the path of a socket, and what opening a device makes of it.
@Suite("Socket files") struct SocketFileTests {
  /// A socket of a type at a path, listening or not.
  private static func bind(_ path: String, type: Int32, listens: Bool) throws -> Int32 {
    let descriptor = socket(AF_UNIX, type, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(descriptor >= 0 && result == 0)
    if listens { try #require(listen(descriptor, 4) == 0) }
    return descriptor
  }

  private static let types = [Int32(SOCK_SEQPACKET.rawValue), Int32(SOCK_STREAM.rawValue)]

  @Test("absent, another file, listening, stale", arguments: types) func states(type: Int32) throws {
    let directory = try ScratchDirectory()
    let path = directory["s"]
    #expect(SocketFile.state(of: path) == .absent)
    try directory.write("text", to: "s")
    #expect(SocketFile.state(of: path) == .other)
    unlink(path)
    let descriptor = try Self.bind(path, type: type, listens: true)
    #expect(SocketFile.state(of: path) == .listening(process: getpid()))
    close(descriptor)
    #expect(SocketFile.state(of: path) == .stale)
    // A link to a socket is not followed: it is not ours to remove what it leads to.
    symlink(path, directory["link"])
    #expect(SocketFile.state(of: directory["link"]) == .other)
  }

  @Test("opening removes a stale socket, and nothing else", arguments: types) func opening(type: Int32) throws {
    let directory = try ScratchDirectory()
    let path = directory["s"]
    let address = try DeviceAddress("vhost:\(path)")
    close(try Self.bind(path, type: type, listens: true))
    try DeviceRequirements.check(address)
    #expect(try directory.files() == [])
    let descriptor = try Self.bind(path, type: type, listens: true)
    defer { close(descriptor) }
    do {
      try DeviceRequirements.check(address)
      Issue.record("a socket in use was taken")
    } catch {
      #expect(
        "\(error)" == "device `vhost:\(path)`: process \(getpid()) listens on \(path) already; end it, name another "
          + "socket, or be the client: `role=client`")
    }
    #expect(try directory.files() == ["s"])
    // Several memifs of this process share one socket.
    try DeviceRequirements.check(try DeviceAddress("memif:\(path)"))
  }
}
