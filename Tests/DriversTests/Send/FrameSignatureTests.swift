import Dataplane
import TestSupport
import Testing

@testable import Drivers

/// By what a frame is known again.
@Suite struct FrameSignatureTests {
  /// A kind of frame around given headers.
  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isIPv4: Bool
    let build: @Sendable (Frame) -> [UInt8]
  }

  static let kinds: [Kind] = [true, false].flatMap { isIPv4 -> [Kind] in
    let version = isIPv4 ? "IPv4" : "IPv6"
    let payload = [UInt8](0..<52)
    let udp = Kind(testDescription: "UDP, \(version)", isIPv4: isIPv4) { $0.udp(1000, 2000, payload) }
    let tcp = Kind(testDescription: "TCP, \(version)", isIPv4: isIPv4) { $0.tcp(1000, 2000, payload) }
    let roce = Kind(testDescription: "RoCE, \(version)", isIPv4: isIPv4) { $0.roce(queuePair: 7, payload) }
    return [udp, tcp, roce]
  }

  private func signature(_ frame: [UInt8]) -> FrameSignature {
    var frame = frame
    return frame.withUnsafeMutableBytes { bytes in
      FrameSignature(bytes.baseAddress ?? UnsafeMutableRawPointer(bitPattern: 8)!, count: bytes.count)
    }
  }

  private func frame(_ kind: Kind, _ change: (inout Frame) -> Void = { _ in }) -> [UInt8] {
    var frame = kind.isIPv4 ? Frame(from: "10.0.1.2", to: "10.0.2.2") : Frame(from: "fd00::1", to: "fd00::2")
    change(&frame)
    return kind.build(frame)
  }

  @Test(arguments: kinds) func whatSwitchesRewriteDoesNotCount(kind: Kind) {
    let plain = signature(frame(kind))
    #expect(plain == signature(frame(kind) { $0.ttl = 3 }))
    #expect(plain == signature(frame(kind) { ($0.dscp, $0.ecn) = (26, 3) }))
    #expect(plain == signature(frame(kind) { ($0.sourceMAC, $0.destinationMAC) = (0x02AA, 0x02BB) }))
    #expect(plain == signature(frame(kind) { $0.tags = [Frame.Tag(vlan: 10, priority: 5)] }))
    #expect(plain == signature(frame(kind) { $0.flowLabel = 0x12345 }))
    #expect(plain == signature(Frame.padded(frame(kind), to: 300)))
  }

  @Test(arguments: kinds) func whatTheyLeaveAloneCounts(kind: Kind) {
    let plain = signature(frame(kind))
    #expect(plain != signature(frame(kind) { $0.source[$0.source.count - 1] = 99 }))
    #expect(plain != signature(frame(kind) { $0.destination[$0.destination.count - 1] = 99 }))
    if kind.isIPv4 {
      #expect(plain.frame != signature(frame(kind) { $0.identification = 99 }).frame)
      #expect(plain.flow == signature(frame(kind) { $0.identification = 99 }).flow)
    }
    // Every octet behind the IP header.
    let whole = frame(kind)
    for index in (kind.isIPv4 ? 34 : 54)..<whole.count {
      var changed = whole
      changed[index] ^= 0x10
      #expect(signature(changed).frame != plain.frame, "octet \(index)")
    }
  }

  @Test func flowsAreTheirAddressesAndPortsOrQueuePair() {
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2")
    #expect(signature(frame.udp(1, 2, [1])).flow == signature(frame.udp(1, 2, [2])).flow)
    #expect(signature(frame.udp(1, 2, [1])).flow != signature(frame.udp(3, 2, [1])).flow)
    let pair = signature(frame.roce(queuePair: 7, sequence: 1))
    #expect(pair.flow == signature(frame.roce(queuePair: 7, sequence: 2)).flow)
    #expect(pair.flow != signature(frame.roce(queuePair: 8, sequence: 1)).flow)
  }

  /// Everything that a router let through has the signature that it had before.
  @Test func aRouterLeavesSignaturesAlone() throws {
    var router = try VirtualSwitch(TestConfiguration.router(ports: 2))
    var expected: [UInt64] = []
    for number in 0..<50 {
      var frame = Frame(from: "10.0.1.2", to: "10.0.2.2")
      frame.identification = UInt16(number)
      frame.ecn = 2
      let bytes = frame.udp(1000, 2000, Array(0..<UInt8(number)), size: 60)
      expected.append(signature(bytes).frame)
      router.send(bytes, on: "p1", at: UInt64(number) * 1_000_000)
    }
    let departures = router.run()
    #expect(departures.map { signature($0.bytes).frame } == expected)
    #expect(departures.allSatisfy { $0.bytes[22] == 63 })
  }

  /// Any prefix of a frame has a signature; none is read beyond its end.
  @Test(arguments: kinds) func cutFramesHaveSignaturesToo(kind: Kind) {
    let whole = frame(kind)
    var seen: Set<UInt64> = []
    for length in 1...whole.count { seen.insert(signature(Array(whole[..<length])).frame) }
    #expect(seen.count >= whole.count - 2)
  }
}
