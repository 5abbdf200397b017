import Foundation
import TestSupport
import Testing

@testable import Control

/// Resting switches behind a real server in a directory of its own.
final class ServedSwitch: Sendable {
  let directory: ScratchDirectory
  let switches: [RestingSwitch]
  let server: SocketServer
  let client: ControlClient

  static let token = "a-token-that-is-long-enough"

  init(names: [String] = ["leaf1"], tcp: Bool = false, limits: HTTPLimits = HTTPLimits()) throws {
    directory = try ScratchDirectory()
    switches = try names.map { try RestingSwitch(name: $0) }
    try directory.write(Self.token + "\n", to: "token")
    chmod(directory["token"], 0o600)
    let options = ControlServerOptions(
      socketPath: directory["s.sock"], tcp: tcp ? try TCPAddress("127.0.0.1:0") : nil,
      tokenFile: tcp ? directory["token"] : nil, limits: limits)
    server = SocketServer(switches, options)
    try server.start()
    client = ControlClient(socketPath: directory["s.sock"])
  }

  deinit { server.stop() }

  var socketPath: String { directory["s.sock"] }

  /// Runs curl on the socket; the status code comes last in its output.
  func curl(_ arguments: String..., path: String) throws -> (status: Int, body: String) {
    let curl = try #require(Program(named: "curl"))
    let outcome = try curl.run(
      ["-sS", "--unix-socket", socketPath, "-w", "\n%{http_code}"] + arguments + ["http://penstock" + path], limit: 30)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return Self.split(outcome.output)
  }

  static func split(_ output: String) -> (status: Int, body: String) {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
  }

  /// Runs penstock with this server as its socket.
  func penstock(_ arguments: String..., limit: Double = 30) throws -> Program.Outcome {
    try Program.penstock.run(
      arguments, environment: ["PENSTOCK_SOCKET": socketPath, "TERM": "dumb"], directory: directory.path, limit: limit)
  }

  /// Sends bytes on a connection of their own, ends it, and returns all that comes back.
  func exchange(_ bytes: [UInt8], thenCloses: Bool = true) throws -> [UInt8] {
    let connection = try ControlSocket.connect(socketPath).get()
    defer { close(connection) }
    var time = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if thenCloses { shutdown(connection, Int32(SHUT_WR)) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return answer }
      answer += buffer[..<count]
    }
  }

  /// Sends text and returns the last answer.
  func exchange(_ text: String, thenCloses: Bool = true) throws -> (status: Int, body: String)? {
    HTTPExchange.parse(try exchange(Array(text.utf8), thenCloses: thenCloses)).map {
      ($0.status, String(decoding: $0.body, as: UTF8.self))
    }
  }
}
