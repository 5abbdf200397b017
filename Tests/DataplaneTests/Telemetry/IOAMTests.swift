import Dataplane
import TestSupport
import Testing
import Wire

@Suite("IOAM: pre-allocated trace at a transit node")
struct IOAMTests {
  /// The node that the Linux kernel was when it wrote what is compared here: shared interfaces apart, all its numbers.
  private static func node(_ change: (inout IOAMConfiguration) -> Void = { _ in }) -> SwitchConfiguration {
    var node = SwitchConfiguration()
    node.mac = MACAddress(bits: 0x0200_0000_0A01)
    node.ports = [
      TestConfiguration.routedPort("rA", 10, ["2001:db8:a::1/64"]),
      TestConfiguration.routedPort("rB", 10, ["2001:db8:b::1/64"]),
    ]
    node.neighbors = [TestConfiguration.neighbor(1, "2001:db8:b::2", 0x0200_0000_0B02)]
    TestConfiguration.route(&node, "2001:db8:c::/64", [("2001:db8:b::2", 1, 1)])
    var ioam = IOAMConfiguration()
    ioam.nodeID = 0x00_A1B2
    ioam.wideNodeID = 0x00_A1B2_C3D4_E5F6
    ioam.namespaces = [IOAMNamespace(id: 123, data: 0xDEAD_BEEF, wideData: 0xCAFE_C0CA_CAFE_C0CA)]
    change(&ioam)
    node.telemetry = TelemetryConfiguration()
    node.telemetry?.ioam = ioam
    return node
  }

  /// A UDP packet with a hop-by-hop header that holds one trace option, as the kernel got it.
  private static func frame(
    type: UInt32, nodeLength: Int, words: Int, remaining: Int? = nil, namespace: UInt16 = 123, kind: UInt8 = 0
  ) -> [UInt8] {
    let lengths = UInt64(nodeLength) << 11 | UInt64(remaining ?? words)
    var option: [UInt8] = [0x31, UInt8(10 + words * 4), 0, kind]
    option += Frame.octets(UInt64(namespace), count: 2) + Frame.octets(lengths, count: 2)
    option += Frame.octets(UInt64(type) << 8, count: 4) + [UInt8](repeating: 0, count: words * 4)
    var body: [UInt8] = [1, 0] + option
    if (body.count + 2) % 8 == 4 { body += [1, 2, 0, 0] }
    let datagram: [UInt8] = [0xC0, 0, 0x12, 0xB7, 0, 12, 0, 0, 1, 2, 3, 4]
    var frame = Frame(
      from: "2001:db8:a::2", to: "2001:db8:c::9", sourceMAC: 0x0200_0000_0A02, destinationMAC: 0x0200_0000_0A01)
    frame.ttl = 64
    return frame.ip(0, [17, UInt8((body.count + 2) / 8 - 1)] + body + datagram)
  }

  private static func pass(_ frame: [UInt8], _ configuration: SwitchConfiguration = node()) throws -> Departure {
    var device = try VirtualSwitch(configuration)
    device.send(frame, on: "rA", at: 3_000_000_000_000)
    let departures = device.run().on("rB")
    return try #require(departures.first)
  }

  private static func octets(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Input and output of Linux 6.18, from the Ethernet type on; what it does to the MAC addresses is another matter.
  @Test("what the Linux kernel writes: a node's data in the second slot, overflow, an unknown namespace")
  func kernel() throws {
    let addresses = "20010db8000a0000000000000000000220010db8000c00000000000000000009"
    let datagram = "c00012b70018a546696f616d2d766563746f722d74657374"
    let cases = [
      (
        "86dd6000000000300040" + addresses + "1102010031120000007b08028000000000000000000000" + "00" + datagram,
        "86dd600000000030003f" + addresses + "1102010031120000007b080180000000000000003f00a1b2" + datagram
      ),
      (
        "86dd6000000000280040" + addresses + "11010100310a0000007b080080000000" + datagram,
        "86dd600000000028003f" + addresses + "11010100310a0000007b0c0080000000" + datagram
      ),
      (
        "86dd6000000000300040" + addresses + "11020100310e0000004d0801800000000000000001020000" + datagram,
        "86dd600000000030003f" + addresses + "11020100310e0000004d0801800000000000000001020000" + datagram
      ),
    ]
    for (input, output) in cases {
      let frame = IOAMTests.octets("020000000a01020000000a02" + input)
      let departure = try IOAMTests.pass(frame)
      #expect(Array(departure.bytes[12...]) == IOAMTests.octets(output))
    }
  }

  @Test("every bit of the trace type, in its order, with what happened")
  func everyBit() throws {
    let departure = try IOAMTests.pass(IOAMTests.frame(type: 0xFFFFFE, nodeLength: 25, words: 26))
    let data = Array(departure.bytes[(14 + 40 + 4 + 12)...])
    func word(_ index: Int) -> UInt32 { data[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    let arrived = departure.arrival
    var wanted: [UInt32] = [0x3F00_A1B2, 0x0001_0002, UInt32(arrived / 1_000_000_000_000)]
    wanted += [UInt32(arrived % 1_000_000_000_000 / 1_000_000), UInt32(departure.latency / 1000), 0xDEAD_BEEF, 0, .max]
    wanted += [0x3F00_A1B2, 0xC3D4_E5F6, 1, 2, 0xCAFE_C0CA, 0xCAFE_C0CA]
    #expect((0..<14).map(word) == wanted)
    #expect(word(14) >> 24 == 0 && (15..<25).allSatisfy { word($0) == .max } && word(25) == 0x00FF_FFFF)
    #expect(departure.bytes[14 + 40 + 4 + 7] & 0x7F == 0, "the snapshot takes room beside the node length")
  }

  @Test("a trace that is full, broken, incremental or of another namespace stays as it is, but for the overflow flag")
  func untouched() throws {
    func data(_ frame: [UInt8]) throws -> [UInt8] { Array(try IOAMTests.pass(frame).bytes[54...]) }
    for frame in [
      IOAMTests.frame(type: 0xC00000, nodeLength: 1, words: 4),
      IOAMTests.frame(type: 0x800000, nodeLength: 0, words: 2),
      IOAMTests.frame(type: 0x800000, nodeLength: 1, words: 2, remaining: 3),
      IOAMTests.frame(type: 0x800000, nodeLength: 1, words: 2, kind: 1),
      IOAMTests.frame(type: 0x800000, nodeLength: 1, words: 2, namespace: 124),
    ] {
      #expect(try data(frame) == Array(frame[54...]))
    }
    for (type, length, words) in [(0x800000, 1, 0), (0xFF0000, 8, 7), (0x800002, 1, 1)] as [(UInt32, Int, Int)] {
      var frame = IOAMTests.frame(type: type, nodeLength: length, words: words)
      let seen = try data(frame)
      frame[14 + 40 + 4 + 6] |= 4
      #expect(seen == Array(frame[54...]))
    }
  }
}
