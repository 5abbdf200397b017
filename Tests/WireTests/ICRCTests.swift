import Testing
import Wire

@Suite("Invariant CRC")
struct ICRCTests {
  @Test("agrees with zlib for every kind of packet and every remainder of the word size")
  func vectors() throws {
    let vectors: [CRCVector] = try Vectors.load("icrc")
    #expect(vectors.count == 88)
    for vector in vectors {
      withGuarded(octets(vector.hex)) { base, count in
        #expect(ICRC.compute(UnsafeRawBufferPointer(start: base, count: count)) == vector.icrc, "\(vector)")
      }
    }
  }

  @Test("does not change with what switches change, and changes with everything else")
  func coverage() throws {
    let frames = try Vectors.frames().filter { ["roce-send-only", "roce-ipv6", "roce-v1"].contains($0.name) }
    #expect(frames.count == 3)
    for frame in frames {
      let packet = Array(frame.bytes[14...])
      // Masked bits by octet: traffic class, flow label, hop limit, checksums, and the congestion octet of the BTH.
      var free: [Int: UInt8] =
        frame.name == "roce-send-only"
        ? [1: 0xFF, 8: 0xFF, 10: 0xFF, 11: 0xFF, 26: 0xFF, 27: 0xFF, 32: 0xFF]
        : [0: 0x0F, 1: 0xFF, 2: 0xFF, 3: 0xFF, 7: 0xFF]
      if frame.name == "roce-ipv6" { free.merge([46: 0xFF, 47: 0xFF, 52: 0xFF]) { $1 } }
      if frame.name == "roce-v1" { free[44] = 0xFF }
      for index in packet.indices {
        for bit in 0..<8 {
          var changed = packet
          changed[index] ^= 1 << UInt8(bit)
          let valid = changed.withUnsafeBytes { ICRC.isValid($0) }
          #expect(valid == ((free[index] ?? 0) >> UInt8(bit) & 1 == 1), "\(frame.name) octet \(index) bit \(bit)")
        }
      }
    }
  }

  @Test("is refused for what it is not defined for")
  func refusals() throws {
    let v4 = try #require(try Vectors.frames().first { $0.name == "roce-send-only" }).bytes
    var packet = Array(v4[14...])
    for count in 0..<40 { #expect(packet[..<count].withUnsafeBytes { ICRC.compute($0) } == nil) }
    packet[9] = IPProtocol.tcp
    #expect(packet.withUnsafeBytes { ICRC.compute($0) } == nil)
    packet[9] = IPProtocol.udp
    packet[6] = 0x20
    #expect(packet.withUnsafeBytes { ICRC.compute($0) } == nil)
    packet[0] = 0x55
    #expect(packet.withUnsafeMutableBytes { ICRC.store(in: $0) } == false)
    #expect([UInt8]().withUnsafeBytes { ICRC.isValid($0) } == false)
  }

  @Test("rests on Ethernet's CRC-32", arguments: [("", 0), ("31 32 33 34 35 36 37 38 39", 0xCBF4_3926 as UInt32)])
  func checkValue(_ hex: String, _ expected: UInt32) {
    #expect(octets(hex).withUnsafeBytes { CRC32.compute($0) } == expected)
  }
}
