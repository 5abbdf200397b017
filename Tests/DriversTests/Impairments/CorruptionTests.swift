import Dataplane
import Drivers
import TestSupport
import Testing

/// Bit errors: how many, where, and what becomes of checksums.
@Suite struct CorruptionTests {
  /// A kind of frame, and how to build it around a payload, checksums included.
  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let headers: Int
    /// Octets behind the payload: the invariant CRC.
    let trailer: Int
    let build: @Sendable ([UInt8]) -> [UInt8]
  }

  static let kinds = [
    Kind(testDescription: "UDP, IPv4", headers: 42, trailer: 0) {
      Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1000, 2000, $0)
    },
    Kind(testDescription: "UDP, IPv6, tagged", headers: 66, trailer: 0) {
      var frame = Frame(from: "fd00::1", to: "fd00::2")
      frame.tags = [Frame.Tag(vlan: 10)]
      return frame.udp(1000, 2000, $0)
    },
    Kind(testDescription: "ICMP", headers: 42, trailer: 0) {
      Frame(from: "10.0.1.2", to: "10.0.2.2").icmp(type: 8, [0, 1, 0, 2] + $0)
    },
    Kind(testDescription: "RoCEv2, IPv4", headers: 54, trailer: 4) {
      Frame(from: "10.0.1.2", to: "10.0.2.2").roce(queuePair: 7, $0)
    },
    Kind(testDescription: "RoCEv2, IPv6", headers: 74, trailer: 4) {
      Frame(from: "fd00::1", to: "fd00::2").roce(queuePair: 7, $0)
    },
  ]

  private static let payload = (0..<101).map { UInt8($0) }

  private func corrupted(_ frame: [UInt8], bits: Int, mends: Bool, count: Int = 300) throws -> [[UInt8]] {
    var corruption = Corruption(probability: Probability(partsPerMillion: 1_000_000))
    corruption.bits = bits
    corruption.mendsChecksums = mends
    let settings = impairment { $0.corruption = corruption }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(count, every: 1, frame)
    #expect(wire.impairments.counters(of: 0).corrupted == UInt64(count))
    #expect(wire.isWhole)
    return wire.arrivals.map(\.bytes)
  }

  private func flipped(_ left: [UInt8], _ right: [UInt8]) -> Int {
    zip(left, right).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
  }

  @Test(arguments: kinds)
  func bitsOfThePayloadAreFlippedAndNothingElse(kind: Kind) throws {
    // RoCE pads its payload to four octets.
    let payload = Array(Self.payload[..<100])
    let frame = kind.build(payload)
    for bits in [1, 3, 64] {
      for output in try corrupted(frame, bits: bits, mends: false) {
        try #require(flipped(frame, output) == bits)
        try #require(output[..<kind.headers] == frame[..<kind.headers])
        try #require(output.suffix(kind.trailer) == frame.suffix(kind.trailer))
      }
    }
  }

  /// A frame that was built around the corrupted payload is what must come out, every checksum included.
  @Test(arguments: kinds)
  func mendedChecksumsAreThoseOfTheCorruptedPayload(kind: Kind) throws {
    let frame = kind.build(Array(Self.payload[..<100]))
    for output in try corrupted(frame, bits: 2, mends: true) {
      let payload = Array(output[kind.headers..<output.count - kind.trailer])
      try #require(flipped(payload, Array(Self.payload[..<100])) == 2)
      try #require(output == kind.build(payload))
    }
  }

  /// The checksum moves by as much as the payload's sum, so a wrong one stays wrong by as much as it was.
  @Test func aWrongChecksumStaysWrong() throws {
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2")
    var wrong = frame.udp(1, 2, Self.payload)
    let error = 1234
    func checksum(_ bytes: [UInt8]) -> Int { Int(bytes[40]) << 8 | Int(bytes[41]) }
    let changed = (checksum(wrong) + error) % 65_535
    wrong.replaceSubrange(40..<42, with: Frame.octets(UInt64(changed), count: 2))
    for output in try corrupted(wrong, bits: 1, mends: true, count: 50) {
      let right = checksum(frame.udp(1, 2, Array(output[42...])))
      #expect((checksum(output) - right + 65_535) % 65_535 == error)
    }
  }

  /// Every bit of 16 octets is as likely as any other: 128 classes, 12800 flips; the chi-square statistic of 127 degrees
  /// of freedom exceeds 127 + 5 sqrt(254) less than once in 10^5 times.
  @Test func everyBitIsAsLikely() throws {
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, [UInt8](repeating: 0, count: 16))
    var classes = [Int](repeating: 0, count: 128)
    for output in try corrupted(frame, bits: 1, mends: false, count: 12_800) {
      for (index, octet) in output[42...].enumerated() where octet != 0 {
        classes[index * 8 + octet.leadingZeroBitCount] += 1
      }
    }
    #expect(classes.reduce(0, +) == 12_800)
    let statistic = classes.reduce(0.0) { $0 + (Double($1) - 100) * (Double($1) - 100) / 100 }
    #expect(statistic < 127 + 5 * 254.0.squareRoot())
  }

  @Test func aFrameWithoutPayloadIsLeftAlone() throws {
    let frame = Frame.padded(Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2), to: 60)
    let settings = impairment {
      $0.corruption = Corruption(probability: Probability(partsPerMillion: 1_000_000))
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(10, every: 1, frame)
    #expect(wire.arrivals.allSatisfy { $0.bytes == frame })
    #expect(wire.impairments.counters(of: 0).corrupted == 0)
  }

  /// Any prefix of any frame, mended or not: the headers stay, and nothing is read or written beyond the frame.
  @Test func cutFramesComeToNoHarm() throws {
    for kind in Self.kinds {
      let frame = kind.build(Self.payload)
      for mends in [false, true] {
        var corruption = Corruption(probability: Probability(partsPerMillion: 1_000_000))
        corruption.mendsChecksums = mends
        let wire = try ImpairedWire([impairment { $0.corruption = corruption }])
        for length in 14...frame.count {
          try wire.send(Array(frame[..<length]), at: UInt64(length), wireLength: frame.count)
        }
        wire.run()
        #expect(wire.arrivals.map(\.bytes.count) == Array(14...frame.count))
        #expect(wire.isWhole)
      }
    }
  }
}
