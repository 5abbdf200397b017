import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite("The control server", .serialized)
struct ServerTests {
  @Test("makes a socket for its owner and group, and removes it")
  func socket() throws {
    let served = try ServedSwitch()
    var status = stat()
    #expect(lstat(served.socketPath, &status) == 0 && status.st_mode == S_IFSOCK | 0o660)
    served.server.stop()
    #expect(lstat(served.socketPath, &status) != 0)
    #expect(throws: ControlClientError.self) { try served.client.switchName(nil) }
  }

  @Test("replaces the socket of a dead process, and nothing else")
  func stale() throws {
    let served = try ServedSwitch()
    func start(_ name: String) -> String {
      let server = SocketServer([], ControlServerOptions(socketPath: served.directory[name]))
      do throws(ControlServerError) {
        try server.start()
        server.stop()
        return ""
      } catch {
        return "\(error)"
      }
    }
    let running = served.socketPath
    #expect(
      start("s.sock")
        == "\(running): a running switch answers there; stop it, or name another socket with --socket PATH")
    #expect(try served.client.switchName(nil) == "leaf1")
    try served.directory.write("important", to: "file")
    #expect(start("file").contains("is there already and no socket"))
    #expect(try served.directory.text("file") == "important")
    #expect(start("missing/s.sock").contains("No such file or directory"))
    #expect(start(String(repeating: "x", count: 120)).contains("is longer than 107 bytes"))
    // What a process leaves that is killed: a socket file on which nobody listens.
    let dead = LeftSocket.make(served.directory["dead.sock"])
    close(dead)
    #expect(FileManager.default.fileExists(atPath: served.directory["dead.sock"]))
    #expect(start("dead.sock") == "")
  }

  @Test("names sockets after switches, in directories that nobody else can write to")
  func places() throws {
    #expect(ControlSocket.fileName(for: "leaf-1.a_b") == "leaf-1.a_b.sock")
    #expect(ControlSocket.fileName(for: "../a b\u{e9}") == ".._a_b_.sock")
    let directory = try ScratchDirectory()
    #expect(!ControlSocket.isUsable(directory.path), "every user may write to it")
    chmod(directory.path, 0o755)
    #expect(ControlSocket.isUsable(directory.path) && ControlSocket.isUsable(directory["made"]))
    #expect(!ControlSocket.isUsable(directory["not/made"]))
    try directory.write("", to: "file")
    #expect(!ControlSocket.isUsable(directory["file"]))
    symlink(directory["made"], directory["link"])
    #expect(!ControlSocket.isUsable(directory["link"]))
  }

  @Test("answers over TCP only who brings the token")
  func token() throws {
    let served = try ServedSwitch(tcp: true)
    let address = try #require(served.server.tcpAddress)
    let curl = try #require(Program(named: "curl"))
    func status(_ path: String, _ arguments: String...) throws -> Int {
      let outcome = try curl.run(["-s", "-w", "\n%{http_code}"] + arguments + ["http://\(address)\(path)"], limit: 20)
      return ServedSwitch.split(outcome.output).status
    }
    #expect(try status("/v1/switches") == 401)
    #expect(try status("/nothing") == 401)
    #expect(try status("/v1/switches", "-H", "Authorization: Bearer \(ServedSwitch.token)x") == 401)
    #expect(try status("/v1/switches", "-H", "Authorization: Basic \(ServedSwitch.token)") == 401)
    #expect(try status("/v1/switches", "-H", "Authorization: bearer \(ServedSwitch.token)") == 200)
    #expect(try status("/healthz") == 200)
    #expect(try status("/readyz") == 200)
    let head = try curl.run(["-sI", "http://\(address)/metrics"]).output
    #expect(head.contains("WWW-Authenticate: Bearer realm=\"penstock\""))
  }

  @Test("does not start on TCP without a token that is secret")
  func secrets() throws {
    let directory = try ScratchDirectory()
    func start(_ tokenFile: String?, tcp: String = "127.0.0.1:0") throws -> String {
      let options = ControlServerOptions(
        socketPath: directory["s.sock"], tcp: try TCPAddress(tcp), tokenFile: tokenFile)
      let server = SocketServer([], options)
      do throws(ControlServerError) {
        try server.start()
        server.stop()
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(try start(nil).contains("TCP needs a token"))
    #expect(try start(nil, tcp: "0.0.0.0:0").contains("TCP needs a token"))
    #expect(try start(directory["none"]).contains("cannot be read: No such file"))
    for (text, mode, problem) in [
      ("0123456789abcdef", 0o604, "every user can use it"), ("0123456789abcde", 0o600, "holds no token"),
      ("0123456789 abcdef", 0o600, "holds no token"), ("", 0o600, "holds no token"),
      (" 0123456789abcdef \n", 0o600, ""),
    ] as [(String, mode_t, String)] {
      try directory.write(text, to: "token")
      chmod(directory["token"], mode)
      let said = try start(directory["token"])
      #expect(problem.isEmpty ? said.isEmpty : said.contains(problem), "\(text): \(said)")
    }
    #expect(try start(directory["token"], tcp: "192.0.2.1:9").contains("Cannot assign requested address"))
    #expect(!FileManager.default.fileExists(atPath: directory["s.sock"]))
    for text in ["", ":", "x:1", "127.0.0.1:70000", "::1:5", "[127.0.0.1]:5", "127.0.0.1:+5"] {
      #expect(throws: ControlServerError.self, "\(text)") { try TCPAddress(text) }
    }
    #expect(try TCPAddress("9470").description == "127.0.0.1:9470")
    #expect(try TCPAddress("[::1]:9470").description == "[::1]:9470")
  }

  @Test("answers what is no request with the reason, over the socket too")
  func malformed() throws {
    let served = try ServedSwitch()
    #expect(try served.exchange("\u{16}\u{3}\u{1}hello", thenCloses: false)?.status == 400)
    #expect(try served.exchange("GET / HTTP/1.1\r\n\r\n", thenCloses: false)?.status == 400)
    let long = "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 1 << 20)
    #expect(try served.exchange(long, thenCloses: false)?.status == 431)
    let body = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + String(repeating: "a", count: 1 << 20)
    #expect(try served.exchange(body, thenCloses: false)?.status == 413)
    #expect(try served.client.switchName(nil) == "leaf1")
  }

  @Test("does not wait for ever")
  func patience() throws {
    var limits = HTTPLimits()
    (limits.requestSeconds, limits.idleSeconds) = (0.3, 0.6)
    let served = try ServedSwitch(limits: limits)
    #expect(try served.exchange("GET /", thenCloses: false)?.status == 408)
    let short = "PUT /v1/switches/leaf1/ports/h1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"
    #expect(try served.exchange(short, thenCloses: false)?.status == 408)
    let begin = HTTPConnection.now
    #expect(try served.exchange([], thenCloses: false).isEmpty)
    #expect((0.5..<5).contains(HTTPConnection.now - begin))
  }

  @Test("survives random bytes", arguments: 0..<4 as Range<UInt64>)
  func random(seed: UInt64) throws {
    var limits = HTTPLimits()
    limits.requestSeconds = 0.2
    let served = try ServedSwitch(limits: limits)
    var random = SplitMix64(seed: seed)
    let whole = Array("GET /v1/switches/leaf1/ports HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
    for _ in 0..<50 {
      var bytes = whole
      for _ in 0..<random.next() % 6 {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        default: bytes = Array(bytes[..<max(1, place)])
        }
      }
      if random.next() % 4 == 0 {
        bytes = (0..<random.next() % 400).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
      let answer = try served.exchange(bytes)
      // Either it was a request, or it is said why not; a connection that ends in the middle gets nothing.
      if !answer.isEmpty {
        let status = try #require(HTTPExchange.parse(answer)?.status, "\(bytes)")
        #expect(status == 200 || (400..<506).contains(status))
      }
    }
    #expect(try served.client.switchName(nil) == "leaf1")
  }

  @Test("answers 100 who ask at once, though it takes 8 at a time")
  func parallel() async throws {
    var limits = HTTPLimits()
    limits.connections = 8
    let served = try ServedSwitch(limits: limits)
    let request = Array("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
    let good = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 100) { _ in
      let answer = (try? served.exchange(request)).flatMap(HTTPExchange.parse)
      if answer?.status == 200, String(decoding: answer?.body ?? [], as: UTF8.self).hasSuffix("\n") {
        good.withLock { $0 += 1 }
      }
    }
    #expect(good.withLock { $0 } == 100)
  }

  @Test("stops while clients hang on to it")
  func stopping() throws {
    let served = try ServedSwitch()
    let idle = try ControlSocket.connect(served.socketPath).get()
    defer { close(idle) }
    #expect(try served.client.switchName(nil) == "leaf1")
    let begin = HTTPConnection.now
    served.server.stop()
    #expect(HTTPConnection.now - begin < 1.5)
    var byte: UInt8 = 0
    #expect(recv(idle, &byte, 1, 0) == 0)
  }
}

/// A socket as a process leaves it.
private enum LeftSocket {
  static func make(_ path: String) -> Int32 {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    _ = ControlSocket.withAddress(path) { bind(descriptor, $0, $1) }
    listen(descriptor, 1)
    return descriptor
  }
}
