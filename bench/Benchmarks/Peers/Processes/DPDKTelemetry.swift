import Foundation
import Glibc

/// The telemetry of a DPDK application, which every one has unless it does not want to: counters, from outside.
final class DPDKTelemetry {
  /// What one port has counted.
  struct Port: Equatable, Sendable {
    /// Packets received.
    var received: UInt64
    /// Packets sent.
    var sent: UInt64
  }

  /// What the application says when somebody connects.
  struct Greeting: Equatable, Sendable, Decodable {
    /// `DPDK 22.11.11`.
    var version: String
  }

  private let connection: Int32
  /// What the application said first.
  let greeting: Greeting

  /// The socket in a directory that an application was given as `RUNTIME_DIRECTORY`; nil while there is none.
  static func socket(in directory: String) -> String? {
    let root = "\(directory)/dpdk"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(name)")) ?? []
      if let file = files.first(where: { $0.hasPrefix("dpdk_telemetry.v2") }) { return "\(root)/\(name)/\(file)" }
    }
    return nil
  }

  /// Connects; nil if nobody answers yet.
  init?(socket path: String) {
    let connection = Glibc.socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard connection >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let octets = Array(path.utf8)
    guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else {
      Glibc.close(connection)
      return nil
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected, let text = DPDKTelemetry.receive(connection),
      let greeting = try? JSONDecoder().decode(Greeting.self, from: text)
    else {
      Glibc.close(connection)
      return nil
    }
    self.connection = connection
    self.greeting = greeting
  }

  deinit { Glibc.close(connection) }

  /// What a port has counted; nil if there is no such port, or no answer.
  func port(_ number: Int) -> Port? {
    let question = Array("/ethdev/stats,\(number)".utf8)
    guard Glibc.send(connection, question, question.count, Int32(MSG_NOSIGNAL)) == question.count,
      let answer = DPDKTelemetry.receive(connection)
    else { return nil }
    return DPDKTelemetry.port(in: answer)
  }

  /// Reads an answer to `/ethdev/stats`.
  static func port(in answer: Data) -> Port? {
    struct Answer: Decodable {
      struct Counters: Decodable {
        var ipackets: UInt64
        var opackets: UInt64
      }

      var counters: Counters?

      enum CodingKeys: String, CodingKey { case counters = "/ethdev/stats" }
    }
    guard let counters = (try? JSONDecoder().decode(Answer.self, from: answer))?.counters else { return nil }
    return Port(received: counters.ipackets, sent: counters.opackets)
  }

  /// One message; nil if none comes within 5 s.
  private static func receive(_ connection: Int32) -> Data? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(connection, &buffer, buffer.count, 0)
    return count > 0 ? Data(buffer[..<count]) : nil
  }
}
