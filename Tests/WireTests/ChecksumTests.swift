import Testing
import Wire

@Suite("Internet checksum")
struct ChecksumTests {
  /// RFC 1071 as it is written, one word at a time.
  private func reference(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
      sum = sum & 0xFFFF + sum >> 16
    }
    return ~UInt16(sum & 0xFFFF + sum >> 16)
  }

  @Test("equals the definition for every length and remainder")
  func lengths() {
    for count in 0...130 {
      for seed: UInt8 in [0, 1, 0x5A, 0xFF] {
        let bytes = (0..<count).map { seed == 0xFF ? 0xFF : UInt8(truncatingIfNeeded: $0 &* 37) &+ seed }
        withGuarded(bytes) { base, count in
          let value = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: base, count: count))
          #expect(value == reference(bytes), "\(count) octets from \(seed)")
        }
      }
    }
    let long = [UInt8](repeating: 0xFF, count: 65535)
    #expect(long.withUnsafeBytes { InternetChecksum.checksum(of: $0) } == reference(long))
  }

  @Test("adds up in parts of even length")
  func parts() {
    let bytes = (0..<61).map { UInt8(truncatingIfNeeded: $0 * 7 + 200) }
    for cut in stride(from: 0, through: 60, by: 2) {
      let first = bytes[..<cut].withUnsafeBytes { InternetChecksum.sum(of: $0) }
      let whole = bytes[cut...].withUnsafeBytes { InternetChecksum.checksum(of: $0, adding: first) }
      #expect(whole == reference(bytes), "cut at \(cut)")
    }
  }

  @Test("update: the case of RFC 1624 section 4, where its predecessor fails")
  func rfc1624() {
    #expect(InternetChecksum.update(0xDD2F, from: 0x5555 as UInt16, to: 0x3285) == 0x0000)
  }

  @Test("update of two words equals two updates")
  func updateOfTwoWords() {
    let words: [UInt16] = [0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x1234]
    for old in words {
      for other in words {
        for new in words {
          let twice = InternetChecksum.update(
            InternetChecksum.update(0x4321, from: old, to: new), from: other, to: old)
          let once = InternetChecksum.update(
            0x4321, from: UInt32(old) << 16 | UInt32(other), to: UInt32(new) << 16 | UInt32(old))
          #expect(once == twice)
        }
      }
    }
  }

  @Test("UDP sends a computed zero as ones")
  func udpZero() {
    // The words add up to 0xFFFF, whose complement is zero.
    let bytes = octets("ff fe 00 01 00 00 00 00")
    #expect(bytes.withUnsafeBytes { InternetChecksum.udp($0, pseudoHeader: 0) } == 0xFFFF)
    #expect(bytes.withUnsafeBytes { InternetChecksum.transport($0, pseudoHeader: 0) } == 0)
  }

  @Test("pseudo-headers do not overflow")
  func pseudoHeaders() {
    let ones = IPv6Address(high: .max, low: .max)
    let sum = InternetChecksum.pseudoHeader(source: ones, destination: ones, ipProtocol: 255, length: 65535)
    let header = [UInt8](repeating: 0xFF, count: 32) + octets("0000 ffff 000000ff")
    #expect(~InternetChecksum.fold(sum) == reference(header))
    let v4 = IPv4Address(bits: .max)
    let small = InternetChecksum.pseudoHeader(source: v4, destination: v4, ipProtocol: 17, length: 65535)
    #expect(~InternetChecksum.fold(small) == reference([UInt8](repeating: 0xFF, count: 8) + octets("0011 ffff")))
  }

  /// Headers whose checksums run through all values, the two zeros included.
  private func forEveryHeader(_ body: (IPv4Header) -> Void) throws {
    let bytes = octets("45 00 002c 1234 4000 40 11 0000 0a000001 0a000002")
    try withGuarded(bytes) { base, count in
      let header = try #require(IPv4Header(at: base, available: count))
      for identification in UInt16.min...UInt16.max {
        header.identification = identification
        body(header)
      }
    }
  }

  private func expectChecksumIsFull(_ header: IPv4Header) -> Bool {
    let incremental = header.checksum
    header.updateChecksum()
    return incremental == header.checksum && header.isChecksumValid
  }

  @Test("decrementing equals computing anew, for every checksum there is")
  func decrementForEveryChecksum() throws {
    var wrong = 0
    try forEveryHeader { header in
      header.timeToLive = 64
      header.updateChecksum()
      header.decrementTimeToLive()
      if !expectChecksumIsFull(header) { wrong += 1 }
      header.setECN(ECN.congestionExperienced)
      if !expectChecksumIsFull(header) { wrong += 1 }
      header.setECN(ECN.capable0)
      if !expectChecksumIsFull(header) { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test("decrementing, marking and remarking equal computing anew, for every value")
  func everyValue() throws {
    var bytes = octets("47 00 0034 1234 4000 40 06 0000 c0000201 c6336402 94040000 01010100")
    bytes = try withGuarded(bytes) { base, count in
      let header = try #require(IPv4Header(at: base, available: count))
      for octet in UInt8.min...UInt8.max {
        header.timeToLive = octet
        header.updateChecksum()
        header.decrementTimeToLive()
        #expect(header.timeToLive == (octet == 0 ? 0 : octet - 1))
        #expect(expectChecksumIsFull(header))
        for dscp: UInt8 in 0..<64 {
          header.trafficClassOctet = octet
          header.updateChecksum()
          header.setDSCP(dscp)
          #expect(header.dscp == dscp && header.ecn == octet & 3 && expectChecksumIsFull(header))
        }
        for ecn: UInt8 in 0..<4 {
          header.trafficClassOctet = octet
          header.updateChecksum()
          header.setECN(ecn)
          #expect(header.ecn == ecn && header.dscp == octet >> 2 && expectChecksumIsFull(header))
        }
      }
    }
    #expect(Array(bytes[20...]) == octets("94040000 01010100"))
  }

  @Test("a wrong checksum stays wrong by as much")
  func wrongStaysWrong() throws {
    try withGuarded(octets("45 00 002c 1234 4000 40 11 1234 0a000001 0a000002")) { base, count in
      let header = try #require(IPv4Header(at: base, available: count))
      header.decrementTimeToLive()
      header.setECN(3)
      #expect(!header.isChecksumValid)
    }
  }
}
