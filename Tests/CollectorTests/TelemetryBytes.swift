/// Reports and packets byte by byte, from the layouts of the specifications: none of Penstock's own code writes them.
enum TelemetryBytes {
  static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// A datagram: the group header (Telemetry Report 2.0 section 3.2) and reports.
  static func datagram(node: UInt32, part: UInt32 = 1, sequence: UInt32 = 0, _ reports: [[UInt8]]) -> [UInt8] {
    big(2 << 28 | part << 22 | sequence & 0x3F_FFFF) + big(node) + reports.flatMap { $0 }
  }

  struct Flags: OptionSet {
    let rawValue: UInt8
    static let dropped = Flags(rawValue: 0x80), congested = Flags(rawValue: 0x40)
    static let tracked = Flags(rawValue: 0x20), intermediate = Flags(rawValue: 0x10)
  }

  /// A report of kind INT (section 3.3): metadata by bit, in the order of bits; then the packet from its IPv4 header on.
  static func report(
    _ metadata: [(bit: Int, words: [UInt32])], flags: Flags = .tracked, packet: [UInt8], length: UInt8? = nil
  ) -> [UInt8] {
    let words = metadata.sorted { $0.bit < $1.bit }.flatMap(\.words)
    let bits = metadata.reduce(UInt16(0)) { $0 | 0x8000 >> UInt16($1.bit) }
    let padded = packet + [UInt8](repeating: 0, count: -packet.count & 3)
    let body = big(bits) + [UInt8](repeating: 0, count: 6) + words.flatMap { big($0) } + padded
    let first: [UInt8] = [
      0x10 | (packet.isEmpty ? 0 : 4), length ?? UInt8(body.count / 4), UInt8(words.count), flags.rawValue,
    ]
    return first + body
  }

  /// One hop of a node: interfaces, latency and queue, in the order of the bitmap.
  struct Hop {
    var node: UInt32
    var interfaces: (UInt32, UInt32) = (1, 2)
    var latency: UInt32 = 1000
    var queue: UInt32 = 0
    var depth: UInt32 = 0
    var times: (UInt64, UInt64)?

    /// As metadata of a report.
    var metadata: [(bit: Int, words: [UInt32])] {
      var fields: [(bit: Int, words: [UInt32])] = [
        (1, [interfaces.0 << 16 | interfaces.1]), (2, [latency]), (3, [queue << 24 | depth]),
      ]
      if let times {
        fields.append((4, [UInt32(times.0 >> 32), UInt32(truncatingIfNeeded: times.0)]))
        fields.append((5, [UInt32(times.1 >> 32), UInt32(truncatingIfNeeded: times.1)]))
      }
      return fields
    }

    /// As on a stack with bitmap 0xf000, or 0xfc00 with times.
    var stack: [UInt8] {
      TelemetryBytes.big(node) + metadata.sorted { $0.bit < $1.bit }.flatMap(\.words).flatMap { TelemetryBytes.big($0) }
    }
  }

  /// An IPv4 packet of UDP: its 5-tuple by one number, and with a stack of INT-MD (newest hop first) if there are hops.
  static func packet(
    flow: Int = 1, number: Int = 0, length: Int = 100, timeToLive: UInt8 = 64, hops: [Hop] = [], flags: UInt32 = 0,
    port: UInt16 = 51_000, destinationPort: UInt16 = 4791
  ) -> [UInt8] {
    var payload: [UInt8] = [
      0x0A, 0x40, 0xFF, 0xFF, 0, 0, 0, UInt8(flow), 0, 0, UInt8(number >> 8 & 255), UInt8(number & 255),
    ]
    payload += [UInt8](repeating: 0x5A, count: max(0, length - 40))
    var telemetry: [UInt8] = []
    if !hops.isEmpty {
      let words = hops[0].stack.count / 4
      let bitmap: UInt16 = hops[0].times == nil ? 0xF000 : 0xFC00
      let header =
        big(UInt32(2) << 28 | flags | UInt32(words) << 8 | 3) + big(bitmap) + [UInt8](repeating: 0, count: 6)
      let stack = hops.flatMap(\.stack)
      telemetry = [0x14, UInt8((header.count + stack.count) / 4)] + big(destinationPort) + header + stack
    }
    let content = telemetry + payload
    let udp =
      big(UInt16(49_152 + flow)) + big(hops.isEmpty ? destinationPort : port) + big(UInt16(8 + content.count))
      + [0, 0]
    var header: [UInt8] = [0x45, 0] + big(UInt16(20 + udp.count + content.count)) + big(UInt16(number & 0xFFFF))
    header += [0x40, 0, timeToLive, 17, 0, 0, 10, 0, 0, UInt8(flow), 10, 0, 1, 1]
    return header + udp + content
  }

  /// A frame of Ethernet and IPv4.
  static func frame(_ packet: [UInt8]) -> [UInt8] { [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0] + packet }
}
