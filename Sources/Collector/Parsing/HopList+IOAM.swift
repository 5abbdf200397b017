import Wire

extension HopList {
  /// Takes the node data of an IOAM trace option (RFC 9197 section 4.4). The list fills from its end, so the first record
  /// behind the free part is that of the last hop.
  ///
  /// - Returns: false if there is no such option, or one whose node length is less than its fields.
  mutating func take(trace base: UnsafeMutableRawPointer, available: Int, _ format: TelemetryFormat) -> Bool {
    guard let option = IOAMTraceOption(at: base, available: available) else { return false }
    let type = option.traceType
    // Bit 23 is reserved.
    guard type & 1 == 0, IOAMFields.words(type) <= option.nodeLength else { return false }
    var index = option.remainingLength
    while (index + option.nodeLength) * 4 <= option.listLength {
      guard append(IOAMFields(option, at: index).hop(format)) else { break }
      index += option.nodeLength
      guard type & 2 != 0 else { continue }
      // An opaque state snapshot: its first octet is the number of words behind its first.
      guard let snapshot = option.word(index) else { break }
      index += 1 + Int(snapshot >> 24)
    }
    reverse()
    if option.overflow { isPartial = true }
    return true
  }
}

/// Reads one record of a node data list, field by field in the order of the trace type's bits.
private struct IOAMFields {
  private let option: IOAMTraceOption
  private let start: Int

  init(_ option: IOAMTraceOption, at start: Int) {
    self.option = option
    self.start = start
  }

  /// Bits 8 to 10 stand for eight octets each.
  private static let wide: UInt32 = 0x00E0_0000

  /// Words that a type's fields take.
  static func words(_ type: UInt32) -> Int {
    let type = type << 8 & 0xFFFF_FC00
    return type.nonzeroBitCount + (type & wide).nonzeroBitCount
  }

  private func field(_ bit: Int) -> (first: UInt32, second: UInt32)? {
    let type = option.traceType << 8
    guard type & (0x8000_0000 >> UInt32(bit)) != 0 else { return nil }
    let before = bit == 0 ? 0 : type & ~(UInt32.max >> UInt32(bit))
    let index = start + before.nonzeroBitCount + (before & Self.wide).nonzeroBitCount
    guard let first = option.word(index) else { return nil }
    let second = Self.wide & (0x8000_0000 >> UInt32(bit)) == 0 ? 0 : option.word(index + 1) ?? .max
    return (first, second)
  }

  /// A field of four octets; nil if it is not there, or all ones.
  private func word(_ bit: Int) -> UInt32? {
    guard let value = field(bit)?.first, value != .max else { return nil }
    return value
  }

  func hop(_ format: TelemetryFormat) -> HopRecord {
    var hop = HopRecord()
    if let wide = field(8), wide != (.max, .max) {
      hop.hopLimit = UInt8(wide.first >> 24)
      hop.node = wide.second
    }
    if let word = word(0) {
      hop.hopLimit = UInt8(word >> 24)
      hop.node = word & 0xFF_FFFF
    }
    if let word = word(1) { hop.take(interfaces: word) }
    if let wide = field(9), wide != (.max, .max) {
      hop.take(logical: UInt64(wide.first) << 32 | UInt64(wide.second))
    }
    if let seconds = word(2) {
      // Without the fraction a second is too coarse for anything here.
      if let fraction = word(3), fraction < format.ioamFraction.unitsPerSecond {
        let nanoseconds = UInt64(fraction) * (1_000_000_000 / UInt64(format.ioamFraction.unitsPerSecond))
        hop.ingressTime = UInt64(seconds) * 1_000_000_000 + nanoseconds
      }
    }
    // The top bit of the delay says that it did not fit.
    if let delay = word(4), delay >> 31 == 0 { hop.latency = UInt64(delay) }
    if let depth = word(6) { hop.depth = UInt64(depth).scaled(by: format.bytesPerUnit) }
    if let buffer = word(11) { hop.buffer = UInt64(buffer).scaled(by: format.bytesPerUnit) }
    return hop
  }
}
