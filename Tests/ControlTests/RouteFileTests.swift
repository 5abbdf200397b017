import Dataplane
import Foundation
import Testing
import Wire

@testable import Control

@Suite struct RouteFileTests {
  private let ports = """
    ports:
      - {name: s1, speed: 400G, address: [10.1.1.0/31, "fd00:1::/127"]}
      - {name: s2, speed: 400G, address: [10.1.2.0/31, "fd00:2::/127"]}

    """

  private func load(routes: String) throws -> LoadedConfiguration {
    let directory = try TemporaryDirectory()
    try directory.write(routes, to: "routes.txt")
    return try ControlTests.load(ports + "routes: {file: routes.txt}\n", directory: directory.path)
  }

  @Test func linesAreReadInEveryShape() throws {
    let loaded = try load(
      routes: "# comment\r\n\r\n  10.0.0.0/8\tvia 10.1.1.1 # trailing\r\n10.2.0.0/16 via   10.1.1.1  \n"
        + "0.0.0.0/0 via 10.1.1.1*3 10.1.2.1*1\n::/0 via fd00:1::1\nfd00:9::/32 discard\n"
        + "10.3.0.0/16 via 10.1.1.1*3\t10.1.2.1\n10.4.0.0/16 via 10.1.2.1*1 10.1.1.1*3\n255.255.255.255/32 discard")
    let configuration = loaded.configuration
    #expect(
      configuration.routes.map { "\($0.prefix) \($0.group)" } == [
        "10.0.0.0/8 0", "10.2.0.0/16 0", "0.0.0.0/0 1", "::/0 2", "fd00:9::/32 -1", "10.3.0.0/16 1", "10.4.0.0/16 3",
        "255.255.255.255/32 -1",
      ])
    #expect(
      configuration.nextHopGroups.map(\.prefix.description) == ["10.0.0.0/8", "0.0.0.0/0", "::/0", "10.4.0.0/16"])
    #expect(configuration.nextHopGroups[1].members.map(\.weight) == [3, 1])
    #expect(configuration.nextHopGroups[3].members.map(\.interface) == [.port(PortID(1)), .port(PortID(0))])
  }

  @Test func emptyFileHasNoRoutes() throws {
    #expect(try load(routes: "").configuration.routes.isEmpty)
    #expect(try load(routes: "#\n\n").configuration.routes.isEmpty)
  }

  @Test func drainedGroupIsNoticed() throws {
    let loaded = try load(routes: "10.9.0.0/16 via 10.1.1.1*0 10.1.2.1*0\n")
    #expect(loaded.notices.contains("every next hop of `10.9.0.0/16` is drained: its packets are dropped"))
  }

  @Test func millionRoutesShareTheirNextHops() throws {
    // Every /24 of 16 to 31.0.0.0/8 and on, with three sets of next hops; then IPv6.
    var text = ""
    text.reserveCapacity(50_000_000)
    let hops = ["via 10.1.1.1\n", "via 10.1.2.1\n", "via 10.1.1.1*3 10.1.2.1*2\n"]
    for index in 0..<1_000_000 {
      text += "\(16 + index >> 16).\(index >> 8 & 255).\(index & 255).0/24 \(hops[index % 3])"
    }
    for index in 0..<200_000 {
      text += "2001:\(String(index >> 16, radix: 16)):\(String(index & 0xFFFF, radix: 16))::/48 via fd00:2::1\n"
    }
    let configuration = try load(routes: text).configuration
    #expect(configuration.routes.count == 1_200_000)
    #expect(configuration.nextHopGroups.count == 4)
    #expect(
      configuration.routes[999_999] == RouteConfiguration(prefix: try #require(IPPrefix("31.66.63.0/24")), group: 0))
    #expect(configuration.routes[1_199_999].prefix == IPPrefix("2001:3:d3f:0::/48"))
    #expect(configuration.routes[1_199_999].group == 3)
  }

  @Test func manyWrongLinesAreCounted() throws {
    let directory = try TemporaryDirectory()
    try directory.write(String(repeating: "nonsense\n", count: 1000), to: "routes.txt")
    let messages = mistakes(in: ports + "routes: [{file: routes.txt}]\n", directory: directory.path)
    #expect(messages.count == 101)
    #expect(messages[0] == "\(directory.path)routes.txt: 900 more lines are wrong, correct the ones above first")
    #expect(messages[100].hasPrefix("\(directory.path)routes.txt:100: `nonsense` is not a prefix"))
  }

  @Test func directoriesAreNoRouteFiles() throws {
    let directory = try TemporaryDirectory()
    let messages = mistakes(in: ports + "routes: {file: .}\n", directory: directory.path)
    #expect(messages == ["leaf.yaml:4: routes.file: `\(directory.path).` is not a regular file, name a text file"])
  }

  /// Our reader against the C library's, on well-formed and on damaged text.
  @Test func addressesAreReadAsTheLibraryReadsThem() {
    var random = SplitMix(seed: 20)
    var texts = [
      "::", "::1", "1::", "1::2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9", ":1", "1:", ":::", "1:::2", "1::2::3", "::ffff:1.2.3.4", "1.2.3.4::", "12345::", "g::", "",
      ":", "0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "1..2.3", "01.2.3.4", "1.2.3.4 ",
      "1.2.3.04",
      "fe80::1%1", "ABCD::ef", "1:2:3:4:5:6:1.2.3.4", "::1:2:3:4:5:6:7:8",
    ]
    for _ in 0..<2000 {
      let length = Int(random.next() % 24)
      texts.append(String((0..<length).map { _ in Array("0123456789abcdef::::....")[Int(random.next() % 24)] }))
      let groups = (0..<8).map { _ in random.next() % 3 == 0 ? "0" : String(random.next() & 0xFFFF, radix: 16) }
      let cut = Int(random.next() % 8)
      texts.append(groups.joined(separator: ":"))
      texts.append(groups[..<cut].joined(separator: ":") + "::" + groups[(cut + 1)...].joined(separator: ":"))
      texts.append((0..<4).map { _ in "\(random.next() % 300)" }.joined(separator: "."))
    }
    for text in texts {
      let bytes = Array(text.utf8)
      let read = bytes.withUnsafeBytes { RouteFileParser.address($0, 0..<bytes.count) }
      #expect(read == IPAddress(text), "\(text)")
    }
  }

  @Test func prefixLengthsAreDecimal() {
    for (text, isValid) in [
      ("10.0.0.0/8", true), ("10.0.0.0/0", true), ("10.0.0.0/32", true), ("10.0.0.0/33", false), ("10.0.0.0/", false),
      ("10.0.0.0", false), ("10.0.0.0/08", false), ("10.0.0.0/+8", false), ("10.0.0.0/8/8", false), ("::/128", true),
      ("::/129", false), ("/8", false), ("10.0.0.0/8000", false),
    ] {
      let bytes = Array(text.utf8)
      let prefix = bytes.withUnsafeBytes { RouteFileParser.prefix($0, 0..<bytes.count) }
      #expect((prefix != nil) == isValid, "\(text)")
      if let prefix { #expect(prefix == IPPrefix(text)) }
    }
  }
}

/// A small deterministic generator, so that a failing run can be repeated.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
