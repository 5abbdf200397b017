/// What a request may need.
public struct HTTPLimits: Equatable, Sendable {
  /// Bytes of request line and header fields together.
  public var headBytes = 16_384
  /// Bytes of the path with its query.
  public var targetBytes = 4096
  /// Header fields.
  public var fields = 100
  /// Bytes of the body. A configuration fits; long lists of routes belong into a file that it names.
  public var bodyBytes = 16 << 20
  /// Seconds from the beginning of a request to its end.
  public var requestSeconds = 10.0
  /// Seconds that a connection may be idle between requests.
  public var idleSeconds = 30.0
  /// Seconds that an answer may take to be received.
  public var answerSeconds = 10.0
  /// Connections at a time; further ones wait.
  public var connections = 64

  /// The usual limits.
  public init() {}
}

/// Reads HTTP/1.1 requests from bytes that come in pieces (RFC 9112). No byte makes it trap, and what is not a request
/// is answered with the reason.
struct HTTPRequestParser {
  /// What the bytes so far amount to.
  enum Outcome: Equatable {
    /// The request goes on.
    case incomplete
    /// The same, and its sender waits to be told to go on.
    case expectsContinue
    /// A request; its bytes are taken off.
    case request(HTTPRequest)
    /// No request. The connection is of no more use.
    case failure(HTTPResponse)
  }

  private let limits: HTTPLimits
  private var bytes: [UInt8] = []
  /// How far the end of the head has been searched for.
  private var searched = 0
  private var isLineChecked = false
  private var head: (request: HTTPRequest, bodyLength: Int)?
  private var hasContinued = false

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// Whether part of a request is there.
  var hasBegun: Bool { head != nil || !bytes.isEmpty }

  /// Takes more bytes in; then ``next()`` says what they amount to.
  mutating func append(_ more: some Collection<UInt8>) { bytes += more }

  /// The next request, if it is whole.
  mutating func next() -> Outcome {
    do throws(HTTPSyntaxError) {
      if head == nil {
        guard let end = try findHead() else { return .incomplete }
        let parsed = try HTTPHeadParser(limits).parse(bytes[..<end])
        bytes.removeFirst(end)
        (searched, isLineChecked, hasContinued) = (0, false, false)
        head = parsed
      }
    } catch {
      return .failure(error.response)
    }
    guard let (request, length) = head else { return .incomplete }
    guard bytes.count >= length else {
      if !hasContinued, request.headers["expect"] != nil {
        hasContinued = true
        return .expectsContinue
      }
      return .incomplete
    }
    var whole = request
    whole.body = Array(bytes[..<length])
    bytes.removeFirst(length)
    head = nil
    return .request(whole)
  }

  /// The number of bytes of the head with the empty line after it; nil if it has not ended.
  private mutating func findHead() throws(HTTPSyntaxError) -> Int? {
    // RFC 9112 section 2.2: empty lines before a request are ignored.
    if searched == 0 {
      let blank = bytes.prefix { $0 == 13 || $0 == 10 }.count
      if blank > 0 { bytes.removeFirst(blank) }
    }
    if let first = bytes.first, !HTTPHeadParser.isToken(first) { throw .noRequest }
    while let line = bytes[searched...].firstIndex(of: 10), line < limits.headBytes {
      if !isLineChecked {
        _ = try HTTPHeadParser(limits).parseLine(bytes[..<line])
        isLineChecked = true
      }
      searched = line + 1
      let next = bytes[searched...]
      if next.first == 10 { return line + 2 }
      if next.starts(with: [13, 10]) { return line + 3 }
      // Whether this line is the last one shows when the next one has begun.
      if next.isEmpty || next.elementsEqual([13]) {
        searched = line
        break
      }
    }
    guard bytes.count <= limits.headBytes else { throw isLineChecked ? .headTooLong(limits) : .targetTooLong(limits) }
    return nil
  }
}

/// Why bytes are no request.
struct HTTPSyntaxError: Error, Equatable {
  var response: HTTPResponse

  init(_ status: Int, _ error: String, _ remedy: String) {
    response = .failure(status, error, remedy: remedy)
  }

  static let noRequest = HTTPSyntaxError(
    400, "this is no HTTP request", "speak HTTP/1.1 without TLS: `GET /v1/switches HTTP/1.1`")

  static func headTooLong(_ limits: HTTPLimits) -> HTTPSyntaxError {
    HTTPSyntaxError(431, "the header is longer than \(limits.headBytes) bytes", "send fewer or shorter fields")
  }

  static func targetTooLong(_ limits: HTTPLimits) -> HTTPSyntaxError {
    HTTPSyntaxError(414, "the path is longer than \(limits.targetBytes) bytes", "name fewer ports in one request")
  }
}
