import TestSupport
import Testing

@testable import Control

@Suite("HTTP requests")
struct HTTPRequestParserTests {
  private func parse(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> HTTPRequestParser.Outcome {
    var parser = HTTPRequestParser(limits)
    parser.append(Array(text.utf8))
    return parser.next()
  }

  @Test("are read with path, query, fields and body, in whatever pieces they come")
  func pieces() throws {
    let text =
      "\r\nPUT /v1/switches/a%2Fb/?port=h%201&x HTTP/1.1\r\nHost: h\r\nX-One:  a b \r\nx-one:c\r\n"
      + "Content-Length: 4\r\n\r\nbodyGET / HTTP/1.0\n\n"
    for size in 1...text.utf8.count {
      var parser = HTTPRequestParser(HTTPLimits())
      var found: [HTTPRequest] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        parser.append(rest.prefix(size))
        rest = rest.dropFirst(size)
        while case .request(let request) = parser.next() { found.append(request) }
      }
      try #require(found.count == 2, "pieces of \(size)")
      #expect(found[0].method == "PUT" && found[0].path == ["v1", "switches", "a/b"] && found[0].keepsAlive)
      #expect(found[0].query.map(\.name) == ["port", "x"] && found[0].query.map(\.value) == ["h 1", ""])
      #expect(found[0].headers["x-one"] == "a b, c" && found[0].body == Array("body".utf8))
      #expect(found[1] == HTTPRequest(method: "GET", path: []))
      #expect(!parser.hasBegun)
    }
  }

  @Test(
    "that are none are answered with the reason",
    arguments: [
      ("\u{16}\u{3}\u{1}", 400), ("hello\n", 400), ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1 \r\n\r\n", 400),
      ("GET  / HTTP/1.1\r\n\r\n", 400), ("G(T / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 505),
      ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
      ("GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /% HTTP/1.1\r\nHost: a\r\n\r\n", 400),
      ("GET /%0a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
      ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost a\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\u{7}\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
      ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n", 413),
      ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
      ("GET / HTTP/1.1\r\nHost: a\r\nExpect: nothing\r\n\r\n", 417),
      ("GET /" + String(repeating: "a", count: 5000) + " HTTP/1.1\r\n", 414),
      ("GET /" + String(repeating: "a", count: 20_000), 414),
      ("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 20_000), 431),
      ("GET / HTTP/1.1\r\n" + String(repeating: "A: a\r\n", count: 3000), 431),
      ("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: a\r\n", count: 101) + "\r\n", 431),
    ])
  func malformed(text: String, status: Int) throws {
    guard case .failure(let response) = parse(text) else {
      Issue.record("taken for a request, or for part of one: \(text.prefix(60))")
      return
    }
    #expect(response.status == status)
    struct Failure: Decodable { let error, remedy: String }
    let failure = try ControlJSON.decode(Failure.self, from: String(decoding: response.body, as: UTF8.self))
    #expect(!failure.error.isEmpty && !failure.remedy.isEmpty)
  }

  @Test("whose body is announced are asked to go on, once")
  func expectation() {
    var parser = HTTPRequestParser(HTTPLimits())
    parser.append(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".utf8))
    #expect(parser.next() == .expectsContinue)
    #expect(parser.next() == .incomplete && parser.hasBegun)
    parser.append(Array("ab".utf8))
    guard case .request(let request) = parser.next() else {
      Issue.record("no request")
      return
    }
    #expect(request.body == Array("ab".utf8))
  }

  @Test("made of random bytes and pieces of requests never trap, and end", arguments: 0..<200 as Range<UInt64>)
  func random(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let words = [
      "GET ", "/", "/v1/switches", "%2", "%41", " HTTP/1.1", "\r\n", "\n", "\r", "Host: a", ":", "Content-Length: ",
      "3", "99999999999999999999", "Expect: 100-continue", "?", "&", "=", " ", "\t", "\u{0}", "\u{fffd}",
    ].map { Array($0.utf8) }
    var parser = HTTPRequestParser(HTTPLimits())
    var total = 0
    for _ in 0..<300 {
      let piece =
        random.next() % 8 == 0
        ? [UInt8(truncatingIfNeeded: random.next())] : words[Int(random.next() % UInt64(words.count))]
      parser.append(piece)
      total += piece.count
      switch parser.next() {
      case .failure(let response):
        #expect((400..<506).contains(response.status))
        return
      case .request(let request): #expect(request.body.count <= total)
      case .incomplete, .expectsContinue: break
      }
    }
  }
}
