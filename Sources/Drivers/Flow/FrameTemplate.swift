import Wire

/// The beginning of the frames of a flow: Ethernet, IPv4 and UDP headers, and for RoCEv2 the base transport header. The
/// rest of a frame is only on the wire.
package struct FrameTemplate: Sendable {
  /// Most bytes that are in memory.
  package static let capturedLength = 64

  /// What a frame carries.
  package enum Kind: Sendable {
    /// UDP between these ports.
    case udp(source: UInt16, destination: UInt16)
    /// RoCEv2: SEND Only of an unreliable connection, to a queue pair.
    case roce(source: UInt16, queuePair: UInt32)
  }

  /// Addresses of both ends.
  package struct Ends: Sendable {
    package var source: (mac: MACAddress, address: IPv4Address)
    package var destination: (mac: MACAddress, address: IPv4Address)

    package init(
      source: (mac: MACAddress, address: IPv4Address), destination: (mac: MACAddress, address: IPv4Address)
    ) {
      self.source = source
      self.destination = destination
    }
  }

  /// The first bytes of each frame, sequence number 0.
  package private(set) var bytes: [UInt8]
  private let isRoCE: Bool
  private let length: Int

  private static let network = EthernetHeader.length
  private static let transport = network + IPv4Header.minimumLength
  private static let payload = transport + UDPHeader.length
  /// Shortest frame of RoCEv2 here: headers and invariant CRC.
  package static let shortestRoCE = payload + BaseTransportHeader.length + ICRC.length

  /// - Parameter length: bytes of a frame without check sequence.
  package init(_ ends: Ends, _ kind: Kind, length: Int, dscp: UInt8, ecn: UInt8) {
    self.length = length
    if case .roce = kind { isRoCE = true } else { isRoCE = false }
    bytes = [UInt8](repeating: 0, count: min(length, FrameTemplate.capturedLength))
    let isRoCE = isRoCE
    bytes.withUnsafeMutableBytes { memory in
      guard let base = memory.baseAddress, memory.count >= FrameTemplate.payload,
        let ethernet = EthernetHeader(at: base, available: memory.count)
      else { return }
      ethernet.destination = ends.destination.mac
      ethernet.source = ends.source.mac
      ethernet.etherType = EtherType.ipv4
      let header = base + FrameTemplate.network
      header.storeBigEndian(UInt8(0x45), at: 0)
      header.storeBigEndian(dscp << 2 | ecn, at: 1)
      header.storeBigEndian(UInt16(truncatingIfNeeded: length - FrameTemplate.network), at: 2)
      if isRoCE { header.storeBigEndian(UInt16(0x4000), at: 6) }
      header.storeBigEndian(UInt8(64), at: 8)
      header.storeBigEndian(UInt8(17), at: 9)
      header.storeBigEndian(ends.source.address.bits, at: 12)
      header.storeBigEndian(ends.destination.address.bits, at: 16)
      let checksum = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: header, count: 20))
      header.storeBigEndian(checksum, at: 10)
      let udp = base + FrameTemplate.transport
      udp.storeBigEndian(UInt16(truncatingIfNeeded: length - FrameTemplate.transport), at: 4)
      switch kind {
      case .udp(let source, let destination):
        udp.storeBigEndian(source, at: 0)
        udp.storeBigEndian(destination, at: 2)
      case .roce(let source, let queuePair):
        udp.storeBigEndian(source, at: 0)
        udp.storeBigEndian(UDPPort.roceV2, at: 2)
        let start = base + FrameTemplate.payload
        guard
          let transport = BaseTransportHeader(at: start, available: memory.count - FrameTemplate.payload)
        else { return }
        transport.opcode = RoCEOpcode(.unreliableConnection, .sendOnly)
        transport.partitionKey = 0xFFFF
        transport.destinationQP = queuePair
      }
    }
    if isRoCE { store(sequence: 0) }
  }

  /// Makes the template the frame with this number: the packet sequence number of RoCEv2, and the invariant CRC where
  /// all of the frame is in memory.
  package mutating func store(sequence: UInt64) {
    guard isRoCE else { return }
    let length = length
    bytes.withUnsafeMutableBytes { memory in
      guard let base = memory.baseAddress,
        let transport = BaseTransportHeader(
          at: base + FrameTemplate.payload, available: memory.count - FrameTemplate.payload)
      else { return }
      transport.packetSequenceNumber = UInt32(truncatingIfNeeded: sequence)
      if memory.count == length {
        _ = ICRC.store(in: UnsafeMutableRawBufferPointer(rebasing: memory[FrameTemplate.network...]))
      }
    }
  }
}
