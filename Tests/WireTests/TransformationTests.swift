import Testing
import Wire

@Suite("What a router does to a packet, byte for byte")
struct TransformationTests {
  /// Changes a packet in place, rewrites the station addresses, and compares the frame with the one that left.
  private func expect(_ name: String, _ body: (UnsafeMutableRawPointer, Int) throws -> Void) throws {
    let result = try withGuarded(try Vectors.octets(name + "-in")) { frame, count in
      try body(frame + 14, count - 14)
      let ethernet = try #require(EthernetHeader(at: frame, available: count))
      ethernet.destination = MACAddress(bits: 0x0200_0000_0B02)
      ethernet.source = MACAddress(bits: 0x0200_0000_0B01)
    }
    #expect(result == (try Vectors.octets(name + "-out")))
  }

  @Test("IPv4: time to live, as Linux forwards")
  func ipv4Forward() throws {
    try expect("linux-ipv4-forward-ttl") { packet, count in
      let header = try #require(IPv4Header(at: packet, available: count))
      header.decrementTimeToLive()
    }
  }

  @Test("IPv4: time to live and congestion mark", arguments: ["ecn-ect0-to-ce", "ecn-ect1-to-ce"])
  func ecn(_ name: String) throws {
    try expect(name) { packet, count in
      let header = try #require(IPv4Header(at: packet, available: count))
      header.decrementTimeToLive()
      header.setECN(ECN.congestionExperienced)
      #expect(header.isChecksumValid)
    }
  }

  @Test("SRv6: End, as Linux does it")
  func segmentEnd() throws {
    try expect("linux-srv6-End") { packet, count in
      let header = try #require(IPv6Header(at: packet, available: count))
      let layer = IPv6Extensions.walk(nextHeader: header.nextHeader, at: packet + 40, available: count - 40)
      #expect(layer.routingHeaderOffset == 0)
      let routing = try #require(SegmentRoutingHeader(at: packet + 40, available: count - 40))
      header.decrementHopLimit()
      header.destination = try #require(routing.advance())
      #expect(routing.advance() == nil)
    }
  }

  @Test(
    "IOAM: node data, overflow and unknown namespace, as Linux does it",
    arguments: ["linux-ioam-node-id-2hops", "linux-ioam-overflow-rem0", "linux-ioam-unknown-ns"])
  func ioam(_ name: String) throws {
    try expect(name) { packet, count in
      let header = try #require(IPv6Header(at: packet, available: count))
      header.decrementHopLimit()
      let offset = try #require(
        IPv6Options.offset(ofOption: IOAMTraceOption.optionType, in: packet + 40, available: count - 40))
      #expect(offset == 4)
      let option = try #require(IOAMTraceOption(at: packet + 44, available: count - 44))
      #expect(option.kind == IOAMTraceOption.Kind.preallocated && option.traceType == 0x80_0000)
      guard option.namespaceID == 123 else { return }
      // Hop limit and node identifier, as the node was set up.
      option.claimNodeData()?.storeBigEndian(UInt32(header.hopLimit) << 24 | 0x00A1B2, at: 0)
    }
  }
}
