import Testing
import Wire

@Suite("Every view, on frames that somebody else has decoded")
struct FrameTests {
  @Test("reads what tshark reads, and nothing else", arguments: try Vectors.frames())
  func fields(_ frame: Frame) {
    let unchanged = withGuarded(frame.bytes) { base, count in
      let fields = FrameDecoder.decode(base, count)
      for name in Set(fields.keys).union(frame.fields.keys).sorted() {
        #expect(fields[name] == frame.fields[name], "\(name)")
      }
    }
    #expect(unchanged == frame.bytes)
  }

  @Test("never reads behind a frame that is cut off anywhere", arguments: try Vectors.frames())
  func truncations(_ frame: Frame) {
    let bytes = frame.bytes
    let buffer = GuardedBuffer(capacity: bytes.count)
    for count in 0..<bytes.count {
      let fields = FrameDecoder.decode(buffer.place(bytes[..<count]), count)
      // What is read of a part must be what is read of the whole, except for sums over what is missing.
      for (name, values) in fields where !name.hasSuffix("status") && name != "icmpv6.opt.linkaddr" {
        #expect(frame.fields[name]?.starts(with: values) == true, "\(name) of the first \(count) octets")
      }
    }
  }

  @Test("computes zlib's invariant CRC", arguments: try Vectors.frames().filter { $0.icrc != nil })
  func invariantCRC(_ frame: Frame) throws {
    var packet = Array(frame.bytes[14...])
    let length = packet[0] >> 4 == 4 ? Int(packet[2]) << 8 | Int(packet[3]) : 40 + Int(packet[4]) << 8 + Int(packet[5])
    #expect(length == packet.count)
    let expected = try #require(frame.icrc)
    packet.withUnsafeMutableBytes { bytes in
      let packet = UnsafeRawBufferPointer(bytes)
      #expect(ICRC.isValid(packet))
      #expect(ICRC.compute(UnsafeRawBufferPointer(rebasing: packet.dropLast(4))) == expected)
      bytes[packet.count - 1] ^= 1
      #expect(!ICRC.isValid(packet))
      #expect(ICRC.store(in: bytes))
      #expect(ICRC.isValid(packet))
    }
    #expect(packet == Array(frame.bytes[14...]))
  }
}
