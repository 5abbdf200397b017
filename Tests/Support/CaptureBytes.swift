/// Captures byte by byte, from the file formats' descriptions (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), so that
/// what libpcap reads and writes is checked against something else than libpcap.
public struct CaptureBytes: Sendable {
  /// How the file is laid out.
  public enum Format: Sendable, CustomStringConvertible {
    /// pcap with stamps of this many decimal places: 6 or 9.
    case pcap(places: Int)
    /// pcapng; `resolution` is the interface's if_tsresol octet, nil for none (microseconds).
    case pcapng(resolution: UInt8?)

    /// For messages.
    public var description: String {
      switch self {
      case .pcap(let places): "pcap with 10^-\(places) s"
      case .pcapng(let resolution): "pcapng with if_tsresol \(resolution.map { "\($0)" } ?? "absent")"
      }
    }
  }

  /// How the file is laid out.
  public var format = Format.pcap(places: 9)
  /// Byte order of headers.
  public var isBigEndian = false
  /// Link type; 1 is Ethernet.
  public var linkType: UInt16 = 1
  /// Snap length in the header.
  public var snapLength: UInt32 = 262_144

  /// A little-endian nanosecond pcap file of Ethernet.
  public init(
    _ format: Format = .pcap(places: 9), isBigEndian: Bool = false, linkType: UInt16 = 1, snapLength: UInt32 = 262_144
  ) {
    self.format = format
    self.isBigEndian = isBigEndian
    self.linkType = linkType
    self.snapLength = snapLength
  }

  /// The file's bytes.
  public func file(_ frames: [StampedFrame]) -> [UInt8] { header + frames.flatMap(record) }

  /// What comes before the first packet.
  public var header: [UInt8] {
    switch format {
    case .pcap(let places):
      return number(places == 9 ? 0xA1B2_3C4D : 0xA1B2_C3D4 as UInt32) + number(2 as UInt16) + number(4 as UInt16)
        + number(0 as UInt64) + number(snapLength) + number(UInt32(linkType))
    case .pcapng(let resolution):
      let section =
        number(0x1A2B_3C4D as UInt32) + number(1 as UInt16) + number(0 as UInt16) + number(UInt64.max)
      var interface = number(linkType) + number(0 as UInt16) + number(snapLength)
      if let resolution {
        interface += number(9 as UInt16) + number(1 as UInt16) + [resolution, 0, 0, 0]
        interface += number(0 as UInt32)
      }
      return block(0x0A0D_0D0A, section) + block(1, interface)
    }
  }

  /// One packet.
  public func record(_ frame: StampedFrame) -> [UInt8] {
    let lengths = number(UInt32(frame.bytes.count)) + number(UInt32(frame.wireLength))
    switch format {
    case .pcap(let places):
      let fraction = frame.stamp % 1_000_000_000 / (places == 9 ? 1 : 1000)
      return number(UInt32(frame.stamp / 1_000_000_000)) + number(UInt32(fraction)) + lengths + frame.bytes
    case .pcapng(let resolution):
      let units = stamp(frame.stamp, resolution ?? 6)
      let stamp = number(UInt32(truncatingIfNeeded: units >> 32)) + number(UInt32(truncatingIfNeeded: units))
      let padding = [UInt8](repeating: 0, count: -frame.bytes.count & 3)
      return block(6, number(0 as UInt32) + stamp + lengths + frame.bytes + padding)
    }
  }

  /// Nanoseconds in units of an if_tsresol octet: a negative power of 10, or of 2 if the top bit is set.
  private func stamp(_ nanoseconds: UInt64, _ resolution: UInt8) -> UInt64 {
    let unitsPerSecond =
      resolution & 0x80 == 0
      ? (0..<resolution).reduce(UInt64(1)) { power, _ in power * 10 } : 1 << UInt64(resolution & 0x7F)
    let product = nanoseconds.multipliedFullWidth(by: unitsPerSecond)
    return UInt64(1_000_000_000).dividingFullWidth(product).quotient
  }

  private func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
    let length = number(UInt32(12 + body.count))
    return number(type) + length + body + length
  }

  private func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    isBigEndian ? bigEndian(value) : littleEndian(value)
  }
}

/// What is wrong with a file that should be a capture.
public struct CaptureFault: Error, CustomStringConvertible {
  /// The fault.
  public let description: String
}

extension CaptureBytes {
  /// Reads what Penstock writes: a little-endian nanosecond pcap file of Ethernet, whole to the last byte.
  public static func read(_ bytes: [UInt8]) throws -> [StampedFrame] {
    guard bytes.count >= 24, Array(bytes[0..<8]) == [0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0], bytes[20] == 1 else {
      throw CaptureFault(description: "not a little-endian nanosecond pcap file of Ethernet")
    }
    func word(_ position: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    }
    var frames: [StampedFrame] = []
    var position = 24
    while position < bytes.count {
      guard bytes.count - position >= 16 else { throw CaptureFault(description: "cut in a header") }
      let kept = word(position + 8)
      guard kept <= bytes.count - position - 16 else { throw CaptureFault(description: "cut in a packet") }
      let stamp = UInt64(word(position)) * 1_000_000_000 + UInt64(word(position + 4))
      let start = position + 16
      frames.append(StampedFrame(at: stamp, Array(bytes[start..<start + kept]), wireLength: word(position + 12)))
      position = start + kept
    }
    return frames
  }
}
