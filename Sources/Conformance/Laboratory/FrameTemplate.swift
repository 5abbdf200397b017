import Wire

/// The beginning of the frames of a flow: Ethernet, IPv4 and UDP headers. The rest of a frame is only on the wire.
enum FrameTemplate {
  /// Bytes that are in memory.
  static let capturedLength = 64

  /// Headers of a frame of `length` bytes to the switch, for the neighbour of port `destination`.
  static func bytes(
    from source: Int, to destination: Int, mac: MACAddress, dscp: UInt8, ecn: UInt8, length: Int, flow: Int
  ) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: min(length, capturedLength))
    frame.withUnsafeMutableBytes { memory in
      guard let base = memory.baseAddress, let ethernet = EthernetHeader(at: base, available: memory.count) else {
        return
      }
      ethernet.destination = mac
      ethernet.source = LaboratoryConfiguration.neighborMAC(source)
      ethernet.etherType = EtherType.ipv4
      let header = base + EthernetHeader.length
      header.storeBigEndian(UInt8(0x45), at: 0)
      header.storeBigEndian(dscp << 2 | ecn, at: 1)
      header.storeBigEndian(UInt16(truncatingIfNeeded: length - EthernetHeader.length), at: 2)
      header.storeBigEndian(UInt8(64), at: 8)
      header.storeBigEndian(UInt8(17), at: 9)
      header.storeBigEndian(LaboratoryConfiguration.neighborAddress(source).bits, at: 12)
      header.storeBigEndian(LaboratoryConfiguration.neighborAddress(destination).bits, at: 16)
      let checksum = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: header, count: 20))
      header.storeBigEndian(checksum, at: 10)
      header.storeBigEndian(UInt16(truncatingIfNeeded: 1024 + flow), at: 20)
      header.storeBigEndian(UInt16(9), at: 22)
      header.storeBigEndian(UInt16(truncatingIfNeeded: length - EthernetHeader.length - 20), at: 24)
    }
    return frame
  }
}
