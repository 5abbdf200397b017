/// The invariant CRC at the end of RoCE packets: it covers what no switch may change
/// (IBTA volume 1 section 7.8.1, annexes A16 and A17).
///
/// A packet here is what lies between the Ethernet header and the end of the network layer's own length: IPv4 or IPv6,
/// UDP and the transport for RoCEv2, a global route header and the transport for RoCEv1; no padding of the frame and no
/// frame check sequence.
public enum ICRC {
  /// Octets of the CRC.
  @inlinable public static var length: Int { 4 }

  /// Octets from the network header to the end of the base transport header; nil if this is not a RoCE packet that the
  /// CRC is defined for: cut off, a fragment, IPv6 with extension headers, neither UDP nor InfiniBand behind it.
  static func headerLength(_ packet: UnsafeRawBufferPointer) -> Int? {
    guard packet.count > 0, let base = packet.baseAddress else { return nil }
    // The views only ever read here; they are made for memory that may also be written.
    let start = UnsafeMutableRawPointer(mutating: base)
    let length: Int
    if let header = IPv4Header(at: start, available: packet.count) {
      guard header.ipProtocol == IPProtocol.udp, !header.isFragment else { return nil }
      length = header.headerLength + UDPHeader.length
    } else if let header = IPv6Header(at: start, available: packet.count) {
      switch header.nextHeader {
      case IPProtocol.udp: length = IPv6Header.length + UDPHeader.length
      case IPProtocol.infiniBand: length = GlobalRouteHeader.length
      default: return nil
      }
    } else {
      return nil
    }
    guard length + BaseTransportHeader.length <= packet.count else { return nil }
    return length + BaseTransportHeader.length
  }

  /// Computes the CRC of a packet.
  ///
  /// - Parameter packet: from the network header up to the CRC, which is not included.
  /// - Returns: the CRC as a number, least significant octet first on the wire; nil if the packet is not RoCE.
  public static func compute(_ packet: UnsafeRawBufferPointer) -> UInt32? {
    guard let headerLength = headerLength(packet) else { return nil }
    // Eight octets of ones stand for the local route header that Ethernet does not have (annex A16.4.2).
    let dummy = 8
    let state = withUnsafeTemporaryAllocation(byteCount: dummy + headerLength, alignment: 8) { copy in
      copy.baseAddress?.initializeMemory(as: UInt8.self, repeating: 0xFF, count: dummy)
      let header = UnsafeMutableRawBufferPointer(rebasing: copy[dummy...])
      header.copyMemory(from: UnsafeRawBufferPointer(rebasing: packet[..<headerLength]))
      maskVariantFields(header)
      return CRC32.update(CRC32.initial, UnsafeRawBufferPointer(copy))
    }
    return ~CRC32.update(state, UnsafeRawBufferPointer(rebasing: packet[headerLength...]))
  }

  /// Sets to ones what switches may change. The header ends with the base transport header.
  private static func maskVariantFields(_ header: UnsafeMutableRawBufferPointer) {
    let transport = header.count - BaseTransportHeader.length
    let hasUDP: Bool
    if header[0] >> 4 == 4 {
      header[1] = 0xFF  // type of service
      header[8] = 0xFF  // time to live
      header[10] = 0xFF  // header checksum
      header[11] = 0xFF
      hasUDP = true
    } else {
      header[0] |= 0x0F  // traffic class and flow label
      header[1] = 0xFF
      header[2] = 0xFF
      header[3] = 0xFF
      header[7] = 0xFF  // hop limit
      hasUDP = header[6] == IPProtocol.udp
    }
    if hasUDP {
      header[transport - 2] = 0xFF  // UDP checksum
      header[transport - 1] = 0xFF
    }
    header[transport + 4] = 0xFF  // FECN, BECN and six reserved bits
  }

  /// True if the last four octets of a packet are its CRC; false also for what is not RoCE.
  ///
  /// - Parameter packet: from the network header to the end of the CRC.
  public static func isValid(_ packet: UnsafeRawBufferPointer) -> Bool {
    guard packet.count > length, let base = packet.baseAddress else { return false }
    let end = packet.count - length
    let stored = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: end, as: UInt32.self))
    return compute(UnsafeRawBufferPointer(rebasing: packet[..<end])) == stored
  }

  /// Computes the CRC of a packet and stores it in its last four octets.
  ///
  /// - Parameter packet: from the network header to the end of the CRC.
  /// - Returns: false, and nothing is written, if the packet is not RoCE.
  public static func store(in packet: UnsafeMutableRawBufferPointer) -> Bool {
    guard packet.count > length, let base = packet.baseAddress else { return false }
    let end = packet.count - length
    guard let value = compute(UnsafeRawBufferPointer(rebasing: packet[..<end])) else { return false }
    base.storeBytes(of: value.littleEndian, toByteOffset: end, as: UInt32.self)
    return true
  }
}
