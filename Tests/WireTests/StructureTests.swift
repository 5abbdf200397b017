import Testing
import Wire

@Suite("Headers that lie")
struct StructureTests {
  private func accepts<View>(
    _ hex: String, _ make: (UnsafeMutableRawPointer, Int) -> View?
  ) -> Bool {
    var accepted = false
    withGuarded(octets(hex)) { accepted = make($0, $1) != nil }
    return accepted
  }

  private let zeros = String(repeating: "00", count: 80)

  @Test("views of fixed length need exactly their octets")
  func minimumLengths() {
    let views: [(Int, (UnsafeMutableRawPointer, Int) -> Bool)] = [
      (14, { EthernetHeader(at: $0, available: $1) != nil }), (4, { VLANTag(at: $0, available: $1) != nil }),
      (8, { UDPHeader(at: $0, available: $1) != nil }), (12, { BaseTransportHeader(at: $0, available: $1) != nil }),
      (8, { VXLANHeader(at: $0, available: $1) != nil }), (2, { MACControl(at: $0, available: $1) != nil }),
      (8, { ICMPv4Header(at: $0, available: $1) != nil }), (8, { ICMPv6Header(at: $0, available: $1) != nil }),
      (8, { DatagramETH(at: $0, available: $1) != nil }), (16, { RDMAETH(at: $0, available: $1) != nil }),
      (4, { AcknowledgeETH(at: $0, available: $1) != nil }), (28, { AtomicETH(at: $0, available: $1) != nil }),
      (8, { AtomicAcknowledgeETH(at: $0, available: $1) != nil }),
      (4, { ImmediateData(at: $0, available: $1) != nil }),
    ]
    let buffer = GuardedBuffer(capacity: 64)
    for (index, (length, accepts)) in views.enumerated() {
      for available in -1...32 {
        let base = buffer.place([UInt8](repeating: 0, count: max(0, available)))
        #expect(accepts(base, available) == (available >= length), "view \(index) with \(available) octets")
      }
    }
  }

  @Test func ipv4() {
    let make = { IPv4Header(at: $0, available: $1) }
    let rest = String(zeros.prefix(38))
    #expect(accepts("45" + rest, make) && accepts("46" + rest + "00000000", make))
    #expect(!accepts("45" + String(rest.dropLast(2)), make))
    for first in 0...255 where first >> 4 != 4 || first & 15 < 5 {
      #expect(!accepts((first < 16 ? "0" : "") + String(first, radix: 16) + zeros, make), "\(first)")
    }
    #expect(!accepts("46" + rest, make) && !accepts("4f" + zeros.prefix(2 * 58), make))
    #expect(accepts("4f" + zeros.prefix(2 * 59), make))
  }

  @Test func ipv6() {
    let make = { IPv6Header(at: $0, available: $1) }
    #expect(accepts("60" + zeros.prefix(78), make) && !accepts("60" + zeros.prefix(76), make))
    #expect(!accepts("40" + zeros.prefix(78), make) && !accepts("70" + zeros.prefix(78), make))
    let route = { GlobalRouteHeader(at: $0, available: $1) }
    #expect(accepts("60" + zeros.prefix(78), route) && !accepts("60" + zeros.prefix(76), route))
    #expect(!accepts("50" + zeros.prefix(78), route))
  }

  @Test func tcp() {
    let make = { TCPHeader(at: $0, available: $1) }
    let start = String(zeros.prefix(24))
    #expect(accepts(start + "50" + zeros.prefix(14), make) && !accepts(start + "40" + zeros.prefix(80), make))
    #expect(!accepts(start + "60" + zeros.prefix(14), make) && accepts(start + "60" + zeros.prefix(22), make))
    #expect(!accepts(start + "f0" + zeros.prefix(2 * 46), make) && accepts(start + "f0" + zeros.prefix(2 * 47), make))
  }

  @Test func arp() {
    let make = { ARPPacket(at: $0, available: $1) }
    let rest = String(zeros.prefix(44))
    #expect(accepts("0001 0800 0604" + rest, make) && !accepts("0001 0800 0604" + rest.dropLast(2), make))
    #expect(!accepts("0006 0800 0604" + rest, make) && !accepts("0001 86dd 0604" + rest, make))
    #expect(!accepts("0001 0800 0804" + rest, make) && !accepts("0001 0800 0606" + rest, make))
  }

  @Test func pause() {
    #expect(accepts("0001 ffff") { PauseFrame(at: $0, available: $1) })
    #expect(!accepts("0001 ff") { PauseFrame(at: $0, available: $1) })
    #expect(!accepts("0101 ffff") { PauseFrame(at: $0, available: $1) })
    #expect(!accepts("0001" + zeros) { PFCFrame(at: $0, available: $1) })
  }

  @Test("neighbor discovery: codes, multicast targets and options of length zero")
  func neighborDiscovery() {
    let make = { NeighborSolicitation(at: $0, available: $1) }
    let target = "fe800000000000000000000000000002"
    let start = "87000000 00000000" + target
    #expect(accepts(start, make) && accepts(start + "0101 020000000001", make))
    #expect(!accepts(String(start.dropLast(2)), make))
    #expect(!accepts("88000000 00000000" + target, make) && !accepts("87010000 00000000" + target, make))
    #expect(!accepts("87000000 00000000 ff020000000000000000000000000001", make))
    // Length zero, longer than the message, one octet too many.
    #expect(!accepts(start + "0100 020000000001", make) && !accepts(start + "0102 020000000001", make))
    #expect(!accepts(start + "0101 020000000001 01", make))
    withGuarded(octets(start + "0e01 000000000000 0101 020000000001 0101 060000000001")) { base, count in
      let message = NeighborSolicitation(at: base, available: count)
      #expect(message?.sourceLinkLayerAddress == MACAddress(bits: 0x0200_0000_0001))
      #expect(NeighborAdvertisement(at: base, available: count) == nil)
    }
    withGuarded(octets("0e00 000000000000 0101 020000000001")) { base, count in
      #expect(NeighborOptions.linkLayerAddress(type: 1, at: base, available: count) == nil)
    }
  }

  @Test("segment routing: what RFC 8754 answers with a parameter problem is viewed, what would overrun is not")
  func segmentRouting() throws {
    let make = { SegmentRoutingHeader(at: $0, available: $1) }
    let list = String(repeating: "20010db8000000000000000000000001", count: 2)
    #expect(accepts("1104040101000000" + list, make) && !accepts("1104040101000000" + list.dropLast(2), make))
    #expect(!accepts("1104030101000000" + list, make) && !accepts("11ff040101000000" + list, make))
    // Extent, segments left, last entry.
    let cases: [(String, Bool)] = [
      ("04 00 01", true), ("04 01 01", true), ("04 02 01", true), ("04 03 01", false), ("04 00 02", false),
      ("04 ff ff", false), ("04 01 00", true), ("04 02 00", false), ("03 01 00", true), ("03 01 01", false),
      ("00 00 00", false), ("01 00 00", false),
    ]
    for (fields, consistent) in cases {
      let parts = fields.split(separator: " ")
      let hex = "11" + parts[0] + "04" + parts[1] + parts[2] + "000000" + list
      let before = octets(hex)
      let after = try withGuarded(before) { base, count in
        let header = try #require(SegmentRoutingHeader(at: base, available: count))
        #expect(header.isConsistent == consistent, "\(fields)")
        #expect(header.segment(-1) == nil && header.segment(header.capacity) == nil)
        #expect((header.advance() != nil) == (consistent && parts[1] != "00"), "\(fields)")
      }
      #expect((before == after) == !(consistent && parts[1] != "00"))
    }
  }

  @Test("segment routing: type-length-value objects")
  func segmentRoutingObjects() throws {
    let segment = "20010db8000000000000000000000001"
    let cases: [(String, Bool, Int?)] = [
      ("", true, nil), ("0000000000000000", true, nil), ("0406000000000000", true, nil),
      ("0407000000000000", false, nil), ("0000000000000004", false, nil), ("0506000000000000", true, 24),
      ("00040000 05020000", true, 28), ("05070000 00000000", false, nil), ("04ff0000 00000000", false, nil),
    ]
    for (objects, wellFormed, position) in cases {
      let extent = objects.isEmpty ? "02" : "03"
      try withGuarded(octets("11" + extent + "04000000beef" + segment + objects)) { base, count in
        let header = try #require(SegmentRoutingHeader(at: base, available: count))
        #expect(header.tag == 0xBEEF && header.flags == 0 && header.nextHeader == 17)
        #expect(header.hasWellFormedTLVs == wellFormed, "\(objects)")
        #expect(header.offset(ofTLV: SegmentRoutingHeader.TLVType.hmac) == position, "\(objects)")
      }
    }
    // A last entry that lies puts the objects behind the header.
    try withGuarded(octets("11020400ff000000" + segment)) { base, count in
      let header = try #require(SegmentRoutingHeader(at: base, available: count))
      #expect(!header.hasWellFormedTLVs && header.offset(ofTLV: 5) == nil)
    }
  }

  @Test("IOAM: options that overrun or contradict themselves")
  func ioam() throws {
    let make = { IOAMTraceOption(at: $0, available: $1) }
    #expect(accepts("310a0000 007b0800 80000000", make) && accepts("310e0001 007b0801 80000000 00000000", make))
    #expect(!accepts("110a0000 007b0800 80000000", make) && !accepts("310a0002 007b0800 80000000", make))
    #expect(!accepts("31090000 007b0800 80000000", make) && !accepts("310b0000 007b0800 80000000", make))
    #expect(!accepts("310a0000 007b0000 80000000", make) && !accepts("310a0000 007b0801 80000000", make))
    #expect(!accepts("310a0000 007b0800 800000", make))
    let after = try withGuarded(octets("310e0000 007b1301 80000000 11223344")) { base, count in
      let option = try #require(IOAMTraceOption(at: base, available: count))
      #expect(option.loopback && option.active && !option.overflow && option.nodeLength == 2)
      #expect(option.word(0) == 0x1122_3344 && option.word(1) == nil && option.word(-1) == nil)
      #expect(option.claimNodeData() == nil && option.overflow && option.remainingLength == 1)
    }
    #expect(after == octets("310e0000 007b1701 80000000 11223344"))
  }

  @Test("IPv6 options: padding is passed, lies end the search")
  func options() {
    func find(_ hex: String) -> Int? {
      var offset: Int?
      withGuarded(octets(hex)) { offset = IPv6Options.offset(ofOption: 0x31, in: $0, available: $1) }
      return offset
    }
    #expect(find("1100 3104 00000000") == 2 && find("1100 0000 00 3101 00") == 5 && find("1100 0100 3102 0000") == 4)
    #expect(find("1100 0104 00000000") == nil && find("1100 3105 00000000") == nil)
    #expect(find("1100 0105 00003100") == nil && find("1100 0103 00000031") == nil)
    #expect(find("1101 3104 00000000") == nil && find("1100 3104 000000") == nil)
  }
}
