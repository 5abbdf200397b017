import Testing
import Wire

@Suite("RoCE opcodes")
struct RoCEOpcodeTests {
  private static let headers: [(String, RoCEExtendedHeaders, Int)] = [
    ("rdeth", .reliableDatagram, 4), ("deth", .datagram, 8), ("xrceth", .extendedConnection, 4), ("feth", .flush, 4),
    ("reth", .rdma, 16), ("atomiceth", .atomic, 28), ("aeth", .acknowledge, 4),
    ("atomicacketh", .atomicAcknowledge, 8), ("immdt", .immediate, 4), ("ieth", .invalidate, 4),
  ]

  @Test("have tshark's names and, for RC, UC and UD, its extended headers at its offsets")
  func againstTshark() throws {
    let rows: [OpcodeVector] = try Vectors.load("opcodes")
    #expect(rows.count == 84)
    var named = Set<UInt8>()
    for row in rows {
      let opcode = RoCEOpcode(rawValue: row.opcode)
      // tshark 4.0 lists CNP as 0x80, which annex A17.9.3 does not; it dissects 0x81 as one.
      guard row.name != "CNP", !row.name.hasSuffix("Reserved") else {
        #expect(!opcode.isDefined)
        continue
      }
      named.insert(row.opcode)
      let name = row.name.split(separator: "(").last.map { $0.split(separator: ") - ") } ?? []
      #expect(opcode.description.lowercased() == name.joined(separator: " ").lowercased())
      guard let expected = row.headers else { continue }
      for (field, header, _) in Self.headers {
        #expect(opcode.extendedHeaders.offset(of: header) == expected[field] ?? -1, "\(opcode) \(field)")
      }
    }
    // Newer than that tshark: FLUSH and ATOMIC WRITE; and the notification.
    let others = (UInt8.min...UInt8.max).filter { RoCEOpcode(rawValue: $0).isDefined && !named.contains($0) }
    #expect(others == [0x1C, 0x1D, 0x81])
  }

  @Test("of RD put RDETH first, then DETH on requests")
  func reliableDatagram() {
    for operation in RoCEOpcode.Operation.allCases {
      let opcode = RoCEOpcode(.reliableDatagram, operation)
      guard opcode.operation != nil else { continue }
      let plain = RoCEOpcode(.reliableConnection, operation).extendedHeaders
      let headers = opcode.extendedHeaders
      #expect(headers.offset(of: .reliableDatagram) == 0)
      #expect(headers.offset(of: .datagram) == (opcode.isResponse ? -1 : 4))
      #expect(headers.length == plain.length + (opcode.isResponse ? 4 : 12))
    }
  }

  @Test("of XRC put XRCETH first on requests")
  func extendedReliableConnection() {
    for operation in RoCEOpcode.Operation.allCases {
      let opcode = RoCEOpcode(.extendedReliableConnection, operation)
      guard opcode.operation != nil else { continue }
      let plain = RoCEOpcode(.reliableConnection, operation).extendedHeaders
      #expect(opcode.extendedHeaders.offset(of: .extendedConnection) == (opcode.isResponse ? -1 : 0))
      #expect(opcode.extendedHeaderLength == plain.length + (opcode.isResponse ? 0 : 4))
    }
  }

  @Test("lengths and offsets of any set of headers")
  func sets() {
    for bits in UInt16.min..<1024 {
      let set = RoCEExtendedHeaders(rawValue: bits)
      var offset = 0
      for (_, header, length) in Self.headers {
        #expect(set.offset(of: header) == (set.contains(header) ? offset : -1))
        if set.contains(header) { offset += length }
      }
      #expect(set.length == offset)
    }
    #expect(RoCEExtendedHeaders(rawValue: 0xFC00).length == 0)
  }

  @Test("undefined ones have no name and no headers")
  func undefined() {
    for value in UInt8.min...UInt8.max where !RoCEOpcode(rawValue: value).isDefined {
      let opcode = RoCEOpcode(rawValue: value)
      #expect(opcode.extendedHeaders.isEmpty && opcode.extendedHeaderLength == 0 && !opcode.isResponse)
      #expect(opcode.description == "opcode 0x" + String(value, radix: 16))
    }
    #expect(RoCEOpcode.congestionNotification.description == "CNP")
    #expect(RoCEOpcode.congestionNotification.extendedHeaders.isEmpty)
    #expect(RoCEOpcode(rawValue: 0xC4).service == nil && RoCEOpcode(rawValue: 0x85).operation == nil)
  }

  @Test("syndromes are told apart")
  func syndromes() throws {
    try withGuarded(octets("00000000")) { base, count in
      let header = try #require(AcknowledgeETH(at: base, available: count))
      for octet in UInt8.min...UInt8.max {
        header.syndromeOctet = octet
        let expected: AcknowledgeETH.Syndrome =
          switch octet {
          case 0..<0x20: .acknowledged(credits: octet)
          case 0x20..<0x40: .receiverNotReady(timer: octet - 0x20)
          case 0x60..<0x80: .refused(code: octet - 0x60)
          default: .reserved(octet)
          }
        #expect(header.syndrome == expected)
      }
    }
  }
}
