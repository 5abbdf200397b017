import Wire

/// Counts flows: what differs in addresses, protocol or ports.
enum FlowCensus {
  private struct Key: Hashable {
    var addresses: [UInt8] = []
    var ports: [UInt8] = []
  }

  /// Different flows among frames. Frames that are not IP count as one flow for each EtherType.
  static func count(in frames: FrameList) -> Int {
    Set((0..<frames.count).map { key(of: Array(frames[$0])) }).count
  }

  private static func key(of frame: [UInt8]) -> Key {
    var offset = 12
    while offset + 4 < frame.count, [[0x81, 0x00], [0x88, 0xA8]].contains(Array(frame[offset..<offset + 2])) {
      offset += 4
    }
    guard offset + 2 < frame.count else { return Key() }
    let type = UInt16(frame[offset]) << 8 | UInt16(frame[offset + 1])
    let network = offset + 2
    func octets(_ from: Int, _ count: Int) -> [UInt8] {
      network + from + count <= frame.count ? Array(frame[network + from..<network + from + count]) : []
    }
    switch type {
    case EtherType.ipv4:
      let header = Int(frame[network] & 15) * 4
      let isLater = octets(6, 2).reduce(0) { Int($0) << 8 | Int($1) } & 0x1FFF != 0
      return Key(addresses: octets(12, 8) + octets(9, 1), ports: isLater ? [] : octets(header, 4))
    case EtherType.ipv6:
      return Key(addresses: octets(8, 32) + octets(6, 1), ports: octets(40, 4))
    default:
      return Key(addresses: Array(frame[offset..<offset + 2]))
    }
  }
}
