import Glibc

/// One request over a unix socket, and its answer.
struct HTTPExchange {
  let socketPath: String
  let patience: Double

  /// What came back.
  struct Answer: Equatable {
    var status: Int
    var body: [UInt8]
  }

  /// Sends a request and waits for the whole answer.
  func send(
    _ method: String, _ path: [String], query: [(String, String)], body: [UInt8]?
  ) throws(ControlClientError) -> Answer {
    let connection = try connect()
    defer { close(connection) }
    var target = path.map { "/" + Self.encoded($0) }.joined()
    if !query.isEmpty { target += "?" + query.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&") }
    var head = "\(method) \(target) HTTP/1.1\r\nHost: penstock\r\nConnection: close\r\n"
    if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
    if body == nil, method != "GET" { head += "Content-Length: 0\r\n" }
    // A server that refuses a request need not read all of it, and says why.
    write(Array((head + "\r\n").utf8) + (body ?? []), to: connection)
    let bytes = try read(connection)
    guard let answer = Self.parse(bytes) else {
      throw .garbled(bytes.isEmpty ? "it is empty: the process may have ended" : "it is not HTTP")
    }
    return answer
  }

  private func connect() throws(ControlClientError) -> Int32 {
    switch ControlSocket.connect(socketPath) {
    case .success(let connection):
      var time = timeval(tv_sec: Int(patience), tv_usec: 0)
      setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
      setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
      return connection
    case .failure(let error):
      let remedy =
        switch error.code {
        case ENOENT, ECONNREFUSED: "start a switch with `penstock run`, or name its socket with --socket PATH"
        case EACCES: "run this as the user who runs the switch, or as a member of the socket's group"
        default: "name the socket of a running switch with --socket PATH"
        }
      throw .unreachable(socketPath, error.code == ECONNREFUSED ? "nobody answers" : "\(error)", remedy: remedy)
    }
  }

  private func write(_ bytes: [UInt8], to connection: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
    }
  }

  private func read(_ connection: Int32) throws(ControlClientError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 || errno == ECONNRESET && !bytes.isEmpty {
        return bytes
      } else if errno != EINTR {
        let isLate = errno == EAGAIN
        throw .unreachable(
          socketPath, isLate ? "no answer within \(Int(patience)) seconds" : "\(SystemError(code: errno))",
          remedy: "look whether the process still runs")
      }
    }
  }

  /// The last answer in the bytes that are not of kind 1xx; nil if they hold no whole one.
  static func parse(_ bytes: [UInt8]) -> Answer? {
    var rest = bytes[...]
    while true {
      guard let end = rest.firstRange(of: [13, 10, 13, 10]) else { return nil }
      let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
      guard let words = lines.first?.split(separator: " "), words.count >= 2, words[0].hasPrefix("HTTP/1."),
        let status = Int(words[1])
      else { return nil }
      rest = rest[end.upperBound...]
      if status < 200 { continue }
      var length: Int?
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0].lowercased() == "content-length" {
          length = Int(parts[1].filter { $0 != " " })
        }
      }
      guard let length else { return Answer(status: status, body: Array(rest)) }
      return rest.count >= length ? Answer(status: status, body: Array(rest.prefix(length))) : nil
    }
  }

  /// Percent-encoded but for letters, digits and `-._~` (RFC 3986 section 2.3).
  static func encoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { result, byte in
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
  }
}
