import Wire

extension PacketReader {
  /// A shim over TCP or UDP.
  struct Shim {
    var next: INTShim.NextProtocol
    var original: UInt16
    var end: Int
  }

  /// Reads a shim over TCP or UDP, of which the end of the content may be cut off.
  mutating func readShim(
    at offset: Int, announcedBy wanted: INTShim.NextProtocol?, _ summary: inout PacketSummary
  ) -> Shim? {
    guard offset + INTShim.length <= available else {
      summary.isCut = true
      return nil
    }
    let first = base.load(fromByteOffset: offset, as: UInt8.self)
    guard let kind = INTShim.Kind(rawValue: first >> 4), let next = INTShim.NextProtocol(rawValue: first >> 2 & 3),
      wanted == nil || wanted == next
    else {
      summary.isMalformed = true
      return nil
    }
    let length = Int(base.load(fromByteOffset: offset + 1, as: UInt8.self)) * 4
    let original = base.loadBigEndian(UInt16.self, at: offset + 2)
    take(kind, at: offset + INTShim.length, length: length, &summary)
    telemetryBytes += INTShim.length + length
    return Shim(
      next: next, original: next == .originalProtocol ? original & 0xFF : original,
      end: offset + INTShim.length + length)
  }

  /// VXLAN-GPE: next protocol 0x82, and a shim of its own form (INT 2.1 section 5.7.3).
  mutating func readGPE(at offset: Int, _ summary: inout PacketSummary) {
    guard offset + 12 <= available, base.load(fromByteOffset: offset, as: UInt8.self) & 4 != 0,
      base.load(fromByteOffset: offset + 3, as: UInt8.self) == 0x82,
      let kind = INTShim.Kind(rawValue: base.load(fromByteOffset: offset + 8, as: UInt8.self) >> 4)
    else { return }
    let length = Int(base.load(fromByteOffset: offset + 9, as: UInt8.self)) * 4
    take(kind, at: offset + 12, length: length, &summary)
    telemetryBytes += 4 + length
  }

  /// Geneve: options of class 0x0103 (INT 2.1 section 5.7.4).
  mutating func readGeneve(at offset: Int, _ summary: inout PacketSummary) {
    guard offset + 8 <= available else { return }
    let end = offset + 8 + Int(base.load(fromByteOffset: offset, as: UInt8.self) & 0x3F) * 4
    var option = offset + 8
    while option + 4 <= min(end, available) {
      let length = Int(base.load(fromByteOffset: option + 3, as: UInt8.self) & 0x1F) * 4
      if base.loadBigEndian(UInt16.self, at: option) == 0x0103,
        let kind = INTShim.Kind(rawValue: base.load(fromByteOffset: option + 2, as: UInt8.self) & 0x7F)
      {
        take(kind, at: option + 4, length: length, &summary)
        telemetryBytes += 4 + length
      }
      option += 4 + length
    }
  }

  func take(_ kind: INTShim.Kind, at offset: Int, length: Int, _ summary: inout PacketSummary) {
    let there = max(0, min(length, available - offset))
    if there < length { summary.isCut = true }
    switch kind {
    case .metadata where summary.metadata == nil:
      summary.metadata = base + min(offset, available)
      summary.metadataLength = there
    case .instructions: summary.hasInstructions = true
    case .metadata, .destination: break
    }
  }
}
