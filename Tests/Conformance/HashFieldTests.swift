import Dataplane
import TestSupport
import Testing

/// Hash fields do what they say: a selected field changes the member, all others do not.
@Suite struct HashFieldTests {
  typealias Sharing = LoadSharingTests

  /// What varies in a family of 400 packets that are alike in everything else.
  enum Family: CaseIterable {
    case source, destination, ipProtocol, sourcePort, destinationPort, flowLabel, queuePair, dscp, ttl, length,
      identification, sequence

    /// The field that must be selected for the packets to be told apart; nil: none does.
    var field: ECMPFields? {
      switch self {
      case .source: .sourceAddress
      case .destination: .destinationAddress
      case .ipProtocol: .ipProtocol
      case .sourcePort: .sourcePort
      case .destinationPort: .destinationPort
      case .flowLabel: .flowLabel
      case .queuePair: .roceQP
      default: nil
      }
    }

    /// Packet number `index` of the family.
    func packet(_ index: Int, isIPv4: Bool) -> [UInt8]? {
      let number = UInt16(index)
      let tail = Frame.octets(UInt64(number), count: 2)
      var frame = isIPv4 ? Frame(from: "10.99.0.2", to: "10.200.0.2") : Frame(from: "fd99::2", to: "fdc8::2")
      switch self {
      case .source: frame.source.replaceSubrange(frame.source.count - 2..<frame.source.count, with: tail)
      case .destination: frame.destination.replaceSubrange(frame.source.count - 2..<frame.source.count, with: tail)
      // 145 unassigned protocols; 0 to 143 hold the extension headers of IPv6.
      case .ipProtocol: return frame.ip(UInt8(144 + index % 109), Array(repeating: 0, count: 40))
      case .sourcePort: return frame.udp(number, 2000)
      case .destinationPort: return frame.tcp(1000, number)
      case .flowLabel:
        if isIPv4 { return nil }
        frame.flowLabel = UInt32(index)
      case .queuePair: return frame.roce(queuePair: UInt32(index) << 8 | 1)
      case .dscp: frame.dscp = UInt8(index % 64)
      case .ttl: frame.ttl = UInt8(2 + index % 250)
      case .length: return frame.udp(1000, 2000, size: 80 + index)
      case .identification:
        if !isIPv4 { return nil }
        frame.identification = number
      case .sequence: return frame.roce(queuePair: 7, sequence: UInt32(index))
      }
      return frame.udp(1000, 2000)
    }
  }

  private func makeSwitch(_ fields: ECMPFields) throws -> VirtualSwitch {
    var configuration = Sharing.configuration(weights: [1, 1, 1, 1, 1, 1, 1, 1])
    TestConfiguration.route(&configuration, "fdc8::/16", (2...9).map { ("fd00:\($0)::2", $0 - 1, 1) })
    configuration.ecmp.fields = fields
    return try VirtualSwitch(configuration)
  }

  static let selections: [ECMPFields] = [
    [], .sourceAddress, .destinationAddress, .ipProtocol, .sourcePort, .destinationPort, .flowLabel, .roceQP, .vlan,
    .usual, [.usual, .roceQP], [.usual, .flowLabel, .inner],
  ]

  /// 400 packets over eight members: the chance that a hash which sees the field leaves a member out is below
  /// 8 x (7/8)^400 = 5e-23. With protocols there are 109 packets: 4e-6.
  @Test(arguments: selections)
  func fieldsDecideAndNothingElse(fields: ECMPFields) throws {
    var device = try makeSwitch(fields)
    for family in Family.allCases {
      for isIPv4 in [true, false] {
        let packets = (0..<400).compactMap { family.packet($0, isIPv4: isIPv4) }
        if packets.isEmpty { continue }
        let members = Sharing.members(of: packets, in: &device)
        #expect(members.allSatisfy { $0 != nil }, "\(family)")
        let isSelected = family.field.map { fields.contains($0) } ?? false
        #expect(Set(members).count == (isSelected ? 8 : 1), "\(family), \(isIPv4 ? "IPv4" : "IPv6")")
      }
    }
  }

  /// One RoCE connection with many queue pairs has one five-tuple: only the queue pair divides it, evenly.
  @Test func queuePairsDivideOneFiveTuple() throws {
    let frame = Frame(from: "10.99.0.2", to: "10.200.0.2")
    let packets = (0..<10_000).map { frame.roce(queuePair: UInt32($0) + 17) }
    var plain = try makeSwitch(.usual)
    #expect(Set(Sharing.members(of: packets, in: &plain)).count == 1)
    var divided = try makeSwitch([.usual, .roceQP])
    let counts = Sharing.counts(Sharing.members(of: packets, in: &divided), of: 8)
    #expect(Sharing.chiSquare(counts, weights: Array(repeating: 1, count: 8)) < 29.88, "\(counts)")
  }

  /// All fragments of a packet take one path: ports and queue pairs count for none of them, the first one included.
  @Test(arguments: [true, false])
  func fragmentsStayTogether(isIPv4: Bool) throws {
    var device = try makeSwitch([.usual, .roceQP])
    for index in 0..<50 {
      var frame = isIPv4 ? Frame(from: "10.99.0.2", to: "10.200.0.2") : Frame(from: "fd99::2", to: "fdc8::2")
      frame.source[frame.source.count - 1] = UInt8(index)
      frame.identification = UInt16(index)
      var fragments: [[UInt8]] = []
      for offset in [0, 100, 200] as [UInt16] {
        frame.fragmentOffset = offset
        frame.moreFragments = offset < 200
        fragments.append(frame.roce(queuePair: UInt32(index), sourcePort: 3000, size: 862))
      }
      let members = Sharing.members(of: fragments, in: &device)
      #expect(members[0] != nil && Set(members).count == 1, "packet \(index)")
    }
  }

  /// With `inner` the packet inside VXLAN decides, by the same fields; what is not VXLAN goes by its own headers.
  @Test func innerHeadersDecide() throws {
    let outer = Frame(from: "10.99.0.2", to: "10.200.0.2")
    let inner = Frame(from: "192.168.0.1", to: "192.168.0.2")
    let sixth = Frame(from: "fd01::1", to: "fd01::2")
    let byInnerPort = (0..<400).map { outer.vxlan(identifier: 5, inner.udp(UInt16($0), 9)) }
    let byInnerQueuePair = (0..<400).map { outer.vxlan(identifier: 5, inner.roce(queuePair: UInt32($0))) }
    let byInnerIPv6Port = (0..<400).map { outer.vxlan(identifier: 5, sixth.tcp(UInt16($0), 9)) }
    let byOuterPort = (0..<400).map { outer.vxlan(UInt16($0), identifier: 5, inner.udp(8, 9)) }
    let plain = (0..<400).map { outer.udp(UInt16($0), 9) }
    var outside = try makeSwitch([.usual, .roceQP])
    var inside = try makeSwitch([.usual, .roceQP, .inner])
    for (name, packets, byOuter, byInner) in [
      ("inner port", byInnerPort, 1, 8), ("inner queue pair", byInnerQueuePair, 1, 8),
      ("inner IPv6 port", byInnerIPv6Port, 1, 8), ("outer port", byOuterPort, 8, 1), ("no VXLAN", plain, 8, 8),
    ] {
      #expect(Set(Sharing.members(of: packets, in: &outside)).count == byOuter, "\(name) on outer headers")
      #expect(Set(Sharing.members(of: packets, in: &inside)).count == byInner, "\(name) on inner headers")
    }
  }
}
