import Testing
import Wire

@Suite("What is written is read back, and nothing else is touched")
struct RoundTripTests {
  /// Runs a closure on 0xA5 octets and gives back what they have become.
  private func filled(_ count: Int, _ body: (UnsafeMutableRawPointer) throws -> Void) rethrows -> [UInt8] {
    try withGuarded([UInt8](repeating: 0xA5, count: count)) { base, _ in try body(base) }
  }

  private let mac = MACAddress(bits: 0x0123_4567_89AB)
  private let v6 = IPv6Address(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

  @Test func ethernet() throws {
    let bytes = try filled(15) { base in
      let header = try #require(EthernetHeader(at: base, available: 14))
      header.destination = MACAddress(bits: 0x0102_0304_0506)
      header.source = mac
      header.etherType = 0x86DD
      #expect(header.destination.bits == 0x0102_0304_0506 && header.source == mac && header.etherType == 0x86DD)
    }
    #expect(bytes == octets("010203040506 0123456789ab 86dd a5"))
  }

  @Test func vlan() throws {
    let bytes = try filled(4) { base in
      let tag = try #require(VLANTag(at: base, available: 4))
      tag.control = 0
      tag.vid = 0xFFFF
      #expect(tag.vid == 0xFFF && tag.pcp == 0 && !tag.dropEligible)
      tag.pcp = 0xFD
      #expect(tag.vid == 0xFFF && tag.pcp == 5 && !tag.dropEligible)
      tag.dropEligible = true
      tag.vid = 0x123
      #expect(tag.vid == 0x123 && tag.pcp == 5 && tag.dropEligible)
      tag.pcp = 2
      #expect(tag.vid == 0x123 && tag.pcp == 2 && tag.dropEligible)
      tag.pcp = 5
      tag.dropEligible = false
      tag.etherType = 0x0806
    }
    #expect(bytes == octets("a123 0806"))
  }

  @Test func ipv4() throws {
    let bytes = try filled(24) { base in
      #expect(IPv4Header(creatingAt: base, available: 19) == nil)
      let header = try #require(IPv4Header(creatingAt: base, available: 24))
      header.totalLength = 0xFEDC
      header.identification = 0x1234
      header.dontFragment = true
      header.timeToLive = 7
      header.ipProtocol = 17
      header.source = IPv4Address(bits: 0xC000_0201)
      header.destination = IPv4Address(bits: 0xC633_6402)
      header.trafficClassOctet = 0
      header.updateChecksum()
      header.setDSCP(0xFF)
      header.setECN(0xFE)
      #expect(header.isChecksumValid && header.dscp == 63 && header.ecn == 2 && header.dontFragment)
      #expect(header.totalLength == 0xFEDC && header.payloadLength == 0xFEDC - 20)
      header.totalLength = 5
      #expect(header.payloadLength == 0)
      header.totalLength = 0xFEDC
      header.dontFragment = false
      header.dontFragment = true
      header.checksum = 0xBEEF
    }
    #expect(bytes == octets("45fe fedc 1234 4000 07 11 beef c0000201 c6336402 a5a5a5a5"))
  }

  @Test func ipv6() throws {
    let bytes = try filled(41) { base in
      #expect(IPv6Header(creatingAt: base, available: 39) == nil)
      let header = try #require(IPv6Header(creatingAt: base, available: 41))
      header.flowLabel = 0xFFFF_FFFF
      header.setDSCP(46)
      header.setECN(1)
      #expect(header.trafficClass == 0xB9 && header.flowLabel == 0xF_FFFF)
      header.trafficClass = 0x12
      #expect(header.dscp == 4 && header.ecn == 2 && header.flowLabel == 0xF_FFFF)
      header.flowLabel = 0xABCDE
      #expect(header.trafficClass == 0x12)
      header.payloadLength = 0x0102
      header.nextHeader = 6
      header.hopLimit = 1
      header.decrementHopLimit()
      header.decrementHopLimit()
      header.source = v6
      header.destination = IPv6Address(high: 1, low: 2)
      #expect(header.source == v6 && header.destination == IPv6Address(high: 1, low: 2))
    }
    let addresses = "0123456789abcdef fedcba9876543210 0000000000000001 0000000000000002"
    #expect(bytes == octets("612abcde 0102 06 00" + addresses + "a5"))
  }

  @Test func udp() throws {
    let bytes = try filled(8) { base in
      let header = try #require(UDPHeader(at: base, available: 8))
      header.sourcePort = 0xC001
      header.destinationPort = UDPPort.roceV2
      header.length = 520
      header.checksum = 0xFFFF
      #expect(header.sourcePort == 0xC001 && header.destinationPort == 4791)
      #expect(header.length == 520 && header.checksum == 0xFFFF)
    }
    #expect(bytes == octets("c001 12b7 0208 ffff"))
  }

  @Test func tcp() throws {
    let bytes = try withGuarded(octets("a5a5a5a5 a5a5a5a5 a5a5a5a5 60a5a5a5 a5a5a5a5 01010101")) { base, count in
      let header = try #require(TCPHeader(at: base, available: count))
      #expect(header.headerLength == 24)
      header.sourcePort = 1
      header.destinationPort = 2
      header.sequenceNumber = 0xFEDC_BA98
      header.acknowledgementNumber = 0x7654_3210
      header.flags = [.syn, .ack, .ece, .cwr]
      header.window = 3
      header.checksum = 4
      #expect(header.sequenceNumber == 0xFEDC_BA98 && header.acknowledgementNumber == 0x7654_3210)
      #expect(header.flags == [.syn, .ack, .ece, .cwr] && !header.flags.contains(.fin))
      #expect(header.sourcePort == 1 && header.destinationPort == 2 && header.window == 3 && header.checksum == 4)
    }
    #expect(bytes == octets("0001 0002 fedcba98 76543210 60d2 0003 0004 a5a5 01010101"))
  }

  @Test func baseTransport() throws {
    let bytes = try filled(12) { base in
      let header = try #require(BaseTransportHeader(at: base, available: 12))
      header.opcode = RoCEOpcode(.reliableConnection, .writeOnlyImmediate)
      header.solicitedEvent = false
      header.migrationRequest = true
      header.padCount = 0xFE
      header.version = 0xF3
      header.partitionKey = 0x8001
      header.fecn = true
      header.becn = false
      header.destinationQP = 0xFF12_3456
      header.ackRequest = false
      header.packetSequenceNumber = 0xFFAB_CDEF
      #expect(header.opcode.rawValue == 0x0B && !header.solicitedEvent && header.migrationRequest)
      #expect(header.padCount == 2 && header.version == 3 && header.partitionKey == 0x8001)
      #expect(header.fecn && !header.becn && !header.ackRequest)
      #expect(header.destinationQP == 0x12_3456 && header.packetSequenceNumber == 0xAB_CDEF)
    }
    #expect(bytes == octets("0b 63 8001 a5123456 25abcdef"))
    let flipped = try withGuarded(bytes) { base, count in
      let header = try #require(BaseTransportHeader(at: base, available: count))
      header.solicitedEvent = true
      header.migrationRequest = false
      header.fecn = false
      header.becn = true
      header.ackRequest = true
    }
    #expect(flipped == octets("0b a3 8001 65123456 a5abcdef"))
  }

  @Test func extendedTransport() throws {
    let bytes = try filled(68) { base in
      let datagram = try #require(DatagramETH(at: base, available: 8))
      datagram.queueKey = 0x8001_0000
      datagram.sourceQP = 0xFFAB_CDEF
      #expect(datagram.queueKey == 0x8001_0000 && datagram.sourceQP == 0xAB_CDEF)
      let rdma = try #require(RDMAETH(at: base + 8, available: 16))
      rdma.virtualAddress = v6.high
      rdma.remoteKey = 1
      rdma.length = 2
      #expect(rdma.virtualAddress == v6.high && rdma.remoteKey == 1 && rdma.length == 2)
      let atomic = try #require(AtomicETH(at: base + 24, available: 28))
      atomic.virtualAddress = v6.low
      atomic.remoteKey = 3
      atomic.swapOrAdd = 4
      atomic.compare = 5
      #expect(atomic.virtualAddress == v6.low && atomic.remoteKey == 3 && atomic.swapOrAdd == 4 && atomic.compare == 5)
      let acknowledge = try #require(AcknowledgeETH(at: base + 52, available: 4))
      acknowledge.syndromeOctet = 0x1F
      acknowledge.messageSequenceNumber = 0xFF01_0203
      #expect(acknowledge.syndrome == .acknowledged(credits: 31) && acknowledge.messageSequenceNumber == 0x01_0203)
      let original = try #require(AtomicAcknowledgeETH(at: base + 56, available: 8))
      original.original = 6
      #expect(original.original == 6)
      let immediate = try #require(ImmediateData(at: base + 64, available: 4))
      immediate.value = 7
      #expect(immediate.value == 7)
    }
    #expect(
      bytes
        == octets(
          "80010000 00abcdef 0123456789abcdef 00000001 00000002 fedcba9876543210 00000003 0000000000000004"
            + "0000000000000005 1f010203 0000000000000006 00000007"))
  }

  @Test func congestionNotification() throws {
    let bytes = try filled(29) { base in
      #expect(CongestionNotification(creatingAt: base, available: 27, destinationQP: 1) == nil)
      let packet = try #require(CongestionNotification(creatingAt: base, available: 29, destinationQP: 0xD2))
      #expect(packet.destinationQP == 0xD2 && packet.header.becn && !packet.header.fecn)
      #expect(CongestionNotification(at: base, available: 28)?.destinationQP == 0xD2)
      #expect(CongestionNotification(at: base, available: 27) == nil)
      packet.header.opcode = RoCEOpcode(rawValue: 0x80)
      #expect(CongestionNotification(at: base, available: 28) == nil)
      packet.header.opcode = .congestionNotification
    }
    #expect(bytes == octets("8100ffff 400000d2 00000000" + String(repeating: "00", count: 16) + "a5"))
    let cnp = try #require(try Vectors.frames().first { $0.name == "roce-cnp" }).bytes
    #expect(Array(bytes[..<28]) == Array(cnp[42..<70]))
  }

  @Test func vxlan() throws {
    let bytes = try filled(9) { base in
      #expect(VXLANHeader(creatingAt: base, available: 7, vni: 1) == nil)
      let header = try #require(VXLANHeader(creatingAt: base, available: 9, vni: 0xFF00_0001))
      #expect(header.isValid && header.vni == 1)
      header.vni = 0xFFAB_CDEF
      #expect(header.vni == 0xAB_CDEF)
    }
    #expect(bytes == octets("08000000 abcdef00 a5"))
  }

  @Test func arp() throws {
    let bytes = try filled(29) { base in
      #expect(ARPPacket(creatingAt: base, available: 27, operation: 1) == nil)
      let packet = try #require(ARPPacket(creatingAt: base, available: 29, operation: ARPPacket.Operation.request))
      packet.operation = ARPPacket.Operation.reply
      packet.senderHardwareAddress = mac
      packet.senderProtocolAddress = IPv4Address(bits: 0x0A00_0001)
      packet.targetHardwareAddress = .broadcast
      packet.targetProtocolAddress = IPv4Address(bits: 0x0A00_0002)
      #expect(ARPPacket(at: base, available: 28)?.targetHardwareAddress == .broadcast)
    }
    #expect(bytes == octets("0001 0800 0604 0002 0123456789ab 0a000001 ffffffffffff 0a000002 a5"))
  }

  @Test func pauseFrames() throws {
    var expected = try #require(try Vectors.frames().first { $0.name == "pause" }).bytes
    var bytes = filled(60) { PauseFrame.write(to: $0, source: MACAddress(bits: 0x0200_0000_000A), time: 0xFFFF) }
    #expect(bytes == expected)
    expected = try #require(try Vectors.frames().first { $0.name == "pfc" }).bytes
    bytes = filled(60) { base in
      PFCFrame.write(
        to: base, source: MACAddress(bits: 0x0200_0000_000A), classEnableVector: 0b1000_1001,
        times: SIMD8(1, 0, 0, 0xFFFF, 0, 0x1234, 0, 0x8000))
      let frame = PFCFrame(at: base + 14, available: 20)
      #expect(frame?.classEnableVector == 0x89 && frame?.time(of: 7) == 0x8000 && frame?.time(of: 13) == 0x1234)
      #expect(PFCFrame(at: base + 14, available: 19) == nil && PauseFrame(at: base + 14, available: 46) == nil)
    }
    #expect(bytes == expected)
  }

  @Test func icmp() throws {
    let v4 = try #require(try Vectors.frames().first { $0.name == "ipv4-icmp-echo" }).bytes
    var bytes = try filled(v4.count - 34) { base in
      let header = try #require(ICMPv4Header(creatingAt: base, available: v4.count - 34, type: 8, code: 0))
      header.identifier = 0x1234
      header.sequenceNumber = 5
      (base + 8).copyMemory(from: Array("ping!".utf8), byteCount: 5)
      header.updateChecksum()
      #expect(header.isChecksumValid && !header.isError)
      #expect(ICMPv4Header(creatingAt: base, available: 7, type: 8, code: 0) == nil)
    }
    #expect(bytes == Array(v4[34...]))
    let v6 = try #require(try Vectors.frames().first { $0.name == "icmpv6-echo" }).bytes
    bytes = try withGuarded(v6) { frame, count in
      let ip = try #require(IPv6Header(at: frame + 14, available: count - 14))
      let header = try #require(ICMPv6Header(creatingAt: frame + 54, available: count - 54, type: 128, code: 0))
      header.identifier = 0x4321
      header.sequenceNumber = 6
      header.updateChecksum(source: ip.source, destination: ip.destination)
      #expect(header.isChecksumValid(source: ip.source, destination: ip.destination) && !header.isError)
      #expect(!header.isChecksumValid(source: ip.source, destination: IPv6Address(high: 0, low: 1)))
      #expect(ICMPv6Header(creatingAt: frame, available: 7, type: 128, code: 0) == nil)
    }
    #expect(bytes == v6)
  }

  @Test func neighborDiscovery() throws {
    let frame = try #require(try Vectors.frames().first { $0.name == "nd-solicitation" }).bytes
    let target = try #require(IPv6Address("fe80::2"))
    let (source, group) = (try #require(IPv6Address("fe80::1")), try #require(IPv6Address("ff02::1:ff00:2")))
    var bytes = try filled(33) { base in
      let message = try #require(
        NeighborSolicitation(
          creatingAt: base, available: 33, target: target, linkLayerAddress: MACAddress(bits: 0x0200_0000_000A)))
      message.icmp.updateChecksum(source: source, destination: group)
      #expect(NeighborSolicitation(creatingAt: base, available: 31, target: target, linkLayerAddress: mac) == nil)
    }
    #expect(bytes == Array(frame[54...]) + [0xA5])
    bytes = try filled(32) { base in
      let message = try #require(
        NeighborAdvertisement(
          creatingAt: base, available: 32, flags: [.solicited, .overrides], target: target, linkLayerAddress: mac))
      #expect(message.flags == [.solicited, .overrides] && message.target == target)
      #expect(message.targetLinkLayerAddress == mac)
      #expect(NeighborAdvertisement(at: base, available: 32)?.targetLinkLayerAddress == mac)
    }
    #expect(
      bytes == octets("88 00 0000 60000000 fe80000000000000 0000000000000002 0201 0123456789ab"))
  }
}
