/// A request as far as the control interface looks at it.
public struct HTTPRequest: Equatable, Sendable {
  /// The method, in capitals.
  public var method: String
  /// The path between its slashes, percent-decoded: a name may hold a slash itself.
  public var path: [String]
  /// The query in the order written, percent-decoded.
  public var query: [(name: String, value: String)]
  /// Header fields, by their names in small letters; several of a name are joined by a comma.
  public var headers: [String: String]
  /// The body.
  public var body: [UInt8]
  /// Whether the connection stays open for another request.
  public var keepsAlive: Bool

  /// A request.
  public init(
    method: String, path: [String], query: [(name: String, value: String)] = [], headers: [String: String] = [:],
    body: [UInt8] = [], keepsAlive: Bool = false
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.keepsAlive = keepsAlive
  }

  /// Whether all fields are equal.
  public static func == (left: Self, right: Self) -> Bool {
    left.method == right.method && left.path == right.path && left.headers == right.headers && left.body == right.body
      && left.keepsAlive == right.keepsAlive && left.query.map(\.name) == right.query.map(\.name)
      && left.query.map(\.value) == right.query.map(\.value)
  }
}

/// An answer.
public struct HTTPResponse: Equatable, Sendable {
  /// The status code.
  public var status: Int
  /// The type of the body.
  public var contentType: String
  /// Header fields beyond those that every answer has.
  public var headers: [String: String]
  /// The body.
  public var body: [UInt8]

  /// An answer.
  public init(status: Int, contentType: String, headers: [String: String] = [:], body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }

  /// An answer of JSON text.
  public static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", body: Array(text.utf8))
  }

  /// A failure: JSON with `error`, `remedy`, and `details` where there are some.
  public static func failure(
    _ status: Int, _ error: String, remedy: String, details: [String] = [], headers: [String: String] = [:]
  ) -> HTTPResponse {
    struct Failure: Encodable {
      var error: String
      var remedy: String
      var details: [String]?
    }
    let failure = Failure(error: error, remedy: remedy, details: details.isEmpty ? nil : details)
    var response = json((try? ControlJSON.encode(failure)) ?? "{}\n", status: status)
    response.headers = headers
    return response
  }

  /// A failure inside a switch.
  public static func failure(_ error: ControlError) -> HTTPResponse {
    failure(error.kind.rawValue, error.error, remedy: error.remedy, details: error.details)
  }

  /// The bytes to send (RFC 9112 section 4).
  ///
  /// - Parameters:
  ///   - keepsAlive: whether the connection stays open.
  ///   - isHead: whether the request's method was HEAD, which is answered without the body.
  func bytes(keepsAlive: Bool, isHead: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(HTTPResponse.reason(status))\r\nContent-Type: \(contentType)\r\n"
    head += "Content-Length: \(body.count)\r\nCache-Control: no-store\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    head += "Connection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
    return Array(head.utf8) + (isHead ? [] : body)
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: "Unknown"
    }
  }
}
