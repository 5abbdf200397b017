/// Reads request line and header fields (RFC 9112 sections 3 and 5, RFC 9110 section 5).
struct HTTPHeadParser {
  private let limits: HTTPLimits

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// The request without its body, and the body's length.
  func parse(_ head: ArraySlice<UInt8>) throws(HTTPSyntaxError) -> (HTTPRequest, Int) {
    var lines = head.split(separator: 10, omittingEmptySubsequences: false)[...]
    guard let first = lines.popFirst() else { throw .noRequest }
    var (request, isHTTP10) = try parseLine(first)
    var hosts = 0
    var fields = 0
    for line in lines {
      let line = line.last == 13 ? line.dropLast() : line
      if line.isEmpty { continue }
      fields += 1
      guard fields <= limits.fields else { throw .headTooLong(limits) }
      let (name, value) = try parseField(line)
      if name == "host" { hosts += 1 }
      // Two lengths that agree are one (RFC 9110 section 8.6); any other pair is looked at as a list.
      if name == "content-length", request.headers[name] == value { continue }
      request.headers[name] = request.headers[name].map { "\($0), \(value)" } ?? value
    }
    guard hosts == 1 || hosts == 0 && isHTTP10 else {
      throw HTTPSyntaxError(
        400, "there \(hosts == 0 ? "is no" : "is more than one") Host", "send one field `Host: penstock`")
    }
    let connection = (request.headers["connection"] ?? "").lowercased().split(separator: ",").map {
      $0.filter { $0 != " " && $0 != "\t" }
    }
    request.keepsAlive = isHTTP10 ? connection.contains("keep-alive") : !connection.contains("close")
    if let expected = request.headers["expect"], expected.lowercased() != "100-continue" {
      throw HTTPSyntaxError(417, "Expect: `\(printable(expected))` is not known", "leave the field out")
    }
    return (request, try bodyLength(request))
  }

  /// Method, path and query of a request line, and whether it is of HTTP/1.0.
  func parseLine(_ line: ArraySlice<UInt8>) throws(HTTPSyntaxError) -> (HTTPRequest, Bool) {
    let line = line.last == 13 ? line.dropLast() : line
    let parts = line.split(separator: 32, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].allSatisfy(Self.isToken), !parts[0].isEmpty, parts[0].count <= 32,
      parts[2].starts(with: Array("HTTP/".utf8))
    else { throw .noRequest }
    let version = String(decoding: parts[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      throw HTTPSyntaxError(505, "\(printable(version)) is not spoken here", "use HTTP/1.1")
    }
    guard parts[1].count <= limits.targetBytes else { throw .targetTooLong(limits) }
    guard let (path, query) = target(parts[1]) else {
      throw HTTPSyntaxError(
        400, "the path cannot be read",
        "write it as /v1/switches, with other characters than letters, digits and -._~ as % and two hexadecimal digits")
    }
    let request = HTTPRequest(method: String(decoding: parts[0], as: UTF8.self), path: path, query: query)
    return (request, version == "HTTP/1.0")
  }

  private func target(_ target: ArraySlice<UInt8>) -> (path: [String], query: [(name: String, value: String)])? {
    var target = target
    // The absolute form, which proxies send, names this host anyway.
    if target.starts(with: Array("http://".utf8)) {
      target = target.dropFirst(7)
      target = target.drop { $0 != UInt8(ascii: "/") }
    }
    guard target.first == UInt8(ascii: "/"), target.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
    let parts = target.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    var path: [String] = []
    for component in parts[0].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let text = decoded(component) else { return nil }
      path.append(text)
    }
    // One slash at the end says nothing.
    if path.last == "" { path.removeLast() }
    var query: [(name: String, value: String)] = []
    for item in parts.count > 1 ? parts[1].split(separator: UInt8(ascii: "&")) : [] {
      let sides = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(sides[0]), let value = sides.count > 1 ? decoded(sides[1]) : "" else { return nil }
      query.append((name, value))
    }
    return (path, query)
  }

  /// Percent-decoded UTF-8 without control characters (RFC 3986 section 2.1).
  private func decoded(_ text: ArraySlice<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(Self.hexadecimal), let low = rest.popFirst().flatMap(Self.hexadecimal)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    guard bytes.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private func parseField(_ line: ArraySlice<UInt8>) throws(HTTPSyntaxError) -> (name: String, value: String) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(Self.isToken)
    else {
      throw HTTPSyntaxError(400, "a header field cannot be read", "write each as `Name: value` in a line of its own")
    }
    let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
    var value = line[(colon + 1)...].drop(while: isBlank)
    while let last = value.last, isBlank(last) { value.removeLast() }
    guard value.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
      throw HTTPSyntaxError(400, "a header field holds control characters", "leave them out")
    }
    return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self))
  }

  private func bodyLength(_ request: HTTPRequest) throws(HTTPSyntaxError) -> Int {
    if request.headers["transfer-encoding"] != nil {
      throw HTTPSyntaxError(411, "the body comes without a length", "send Content-Length, and no Transfer-Encoding")
    }
    guard let text = request.headers["content-length"] else { return 0 }
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      throw HTTPSyntaxError(400, "Content-Length is no number", "send the number of bytes of the body, once")
    }
    guard let length = Int(text), length <= limits.bodyBytes else {
      throw HTTPSyntaxError(
        413, "the body is longer than \(limits.bodyBytes) bytes", "put long lists of routes into a file of their own")
    }
    return length
  }

  private func printable(_ text: String) -> String { TextTable.printable(text, width: 40) }

  private static func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 65...70: digit - 55
    case 97...102: digit - 87
    default: nil
    }
  }

  /// A character of a token (RFC 9110 section 5.6.2).
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
