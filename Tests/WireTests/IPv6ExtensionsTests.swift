import Testing
import Wire

@Suite("The chain of IPv6 extension headers")
struct IPv6ExtensionsTests {
  private func walk(_ next: UInt8, _ hex: String) -> IPv6UpperLayer {
    var layer = IPv6UpperLayer(ipProtocol: 0)
    withGuarded(octets(hex)) { layer = IPv6Extensions.walk(nextHeader: next, at: $0, available: $1) }
    return layer
  }

  @Test("nothing to pass")
  func none() {
    for next in [IPProtocol.tcp, IPProtocol.udp, IPProtocol.icmpV6, IPProtocol.esp, IPProtocol.noNextHeader, 200] {
      #expect(walk(next, "") == IPv6UpperLayer(ipProtocol: next))
    }
  }

  @Test("lengths: eight octets, multiples of eight, and of four for authentication")
  func lengths() {
    #expect(walk(0, "1100 000000000000 aa").offset == 8)
    #expect(walk(60, "1101 000000000000 0000000000000000").offset == 16)
    let authentication = walk(51, "0604 0000 00000000 00000000 00000000 00000000 00000000")
    #expect(authentication.offset == 24 && authentication.ipProtocol == 6 && !authentication.isTruncated)
    // The length octet of a fragment header is reserved.
    #expect(walk(44, "11ff 0000 00000000").offset == 8)
  }

  @Test("fragments: first, later, last and atomic")
  func fragments() {
    let first = walk(44, "1100 0001 00000005")
    #expect(first.isFragment && !first.isLaterFragment && first.ipProtocol == 17 && first.offset == 8)
    let later = walk(44, "3c00 0009 00000005 1100000000000000")
    #expect(later.isFragment && later.isLaterFragment && later.ipProtocol == 60 && later.offset == 8)
    let last = walk(44, "1100 0008 00000005")
    #expect(last.isFragment && last.isLaterFragment)
    let atomic = walk(44, "1100 0006 00000005")
    #expect(!atomic.isFragment && !atomic.isLaterFragment && atomic.ipProtocol == 17)
  }

  @Test("the first routing header is remembered")
  func routing() {
    let layer = walk(0, "2b00000000000000 2b00000000000000 3c00000000000000 1100000000000000")
    #expect(layer.routingHeaderOffset == 8 && layer.offset == 32 && layer.ipProtocol == 17)
    #expect(walk(60, "1100000000000000").routingHeaderOffset == -1)
  }

  @Test("hop-by-hop options are passed only in first place")
  func hopByHopOutOfPlace() {
    let layer = walk(60, "0000000000000000 1100000000000000")
    #expect(layer.ipProtocol == 0 && layer.offset == 8 && !layer.isTruncated)
  }

  @Test("what is cut off or claims too much is truncated, and the answer names the header")
  func truncated() {
    let chain = octets("2b00000000000000 3c01000000000000 0000000000000000 1100000000000000")
    let buffer = GuardedBuffer(capacity: 64)
    for count in 0..<chain.count {
      let layer = IPv6Extensions.walk(nextHeader: 0, at: buffer.place(chain[..<count]), available: count)
      let expected: (UInt8, Int) = count < 8 ? (0, 0) : count < 24 ? (43, 8) : (60, 24)
      #expect(layer.isTruncated && layer.ipProtocol == expected.0 && layer.offset == expected.1, "\(count) octets")
    }
    #expect(!walk(0, "2b00000000000000 3c01000000000000 0000000000000000 1100000000000000").isTruncated)
    #expect(walk(60, "11ff" + String(repeating: "00", count: 100)).isTruncated)
    #expect(walk(51, "11ff" + String(repeating: "00", count: 100)).isTruncated)
  }

  @Test("eight headers are passed, a ninth is not")
  func bounded() {
    let header = "3c00000000000000"
    let last = "1100000000000000"
    let eight = walk(60, String(repeating: header, count: 7) + last)
    #expect(!eight.isTruncated && eight.ipProtocol == 17 && eight.offset == 64)
    let nine = walk(60, String(repeating: header, count: 8) + last)
    #expect(nine.isTruncated && nine.ipProtocol == 60 && nine.offset == 64)
  }
}
