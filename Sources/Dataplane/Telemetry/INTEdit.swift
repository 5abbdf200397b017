import CShims
import Wire

/// What has changed in octets that a checksum covers.
struct ChecksumChange {
  private var sum: UInt64 = 0

  @inline(always)
  mutating func add(_ value: Int) { sum &+= UInt64(truncatingIfNeeded: value) }
  @inline(always)
  mutating func remove(_ value: Int) { sum &+= UInt64(~UInt32(truncatingIfNeeded: value)) }
  /// Octets that were put in at an even place; an even number.
  @inline(always)
  mutating func add(_ base: UnsafeRawPointer, count: Int) {
    sum = InternetChecksum.sum(of: UnsafeRawBufferPointer(start: base, count: count), adding: sum)
  }
  /// Octets that are taken out at an even place; an even number.
  @inline(always)
  mutating func remove(_ base: UnsafeRawPointer, count: Int) {
    sum &+= UInt64(~InternetChecksum.fold(InternetChecksum.sum(of: UnsafeRawBufferPointer(start: base, count: count))))
  }

  /// The new checksum; never ffff, which as a sum of octets that are not all zero means the same as 0000.
  @inline(always)
  func applied(to checksum: UInt16) -> UInt16 {
    let new = ~InternetChecksum.fold(sum &+ UInt64(~checksum))
    return new == 0xFFFF ? 0 : new
  }

  /// The same for UDP, where 0000 would mean that there is none.
  @inline(always)
  func appliedToUDP(_ checksum: UInt16) -> UInt16 {
    let new = ~InternetChecksum.fold(sum &+ UInt64(~checksum))
    return new == 0 ? 0xFFFF : new
  }
}

/// Puts octets into packets and takes them out, with all lengths and checksums.
enum INTEdit {
  /// Makes room in front of a place; what is before it moves. Every mbuf has room in front.
  @inline(always)
  static func open(_ packet: Packet, at offset: Int, octets: Int) {
    let old = packet.bytes
    packet.moveStart(by: -octets)
    packet.bytes.copyMemory(from: old, byteCount: offset)
  }

  /// Takes octets out; what is before them moves.
  @inline(always)
  static func close(_ packet: Packet, at offset: Int, octets: Int) {
    let old = packet.bytes
    (old + octets).copyMemory(from: old, byteCount: offset)
    packet.moveStart(by: octets)
  }

  /// Adds octets to the length of the IP packet, or takes some off.
  @inline(always)
  static func changeLength(of packet: Packet, by octets: Int) {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      let header = IPv4Header(knownAt: base)
      var change = ChecksumChange()
      change.remove(header.totalLength)
      header.totalLength = header.totalLength &+ octets
      change.add(header.totalLength)
      header.checksum = change.applied(to: header.checksum)
    } else {
      let length = base.loadBigEndian(UInt16.self, at: 4)
      base.storeBigEndian(length &+ UInt16(truncatingIfNeeded: octets), at: 4)
    }
  }

  /// Replaces the protocol right behind the IP header.
  static func setProtocol(of packet: Packet, _ ipProtocol: UInt8) {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    guard packet.flags.contains(.ipv4) else {
      base.storeBytes(of: ipProtocol, toByteOffset: 6, as: UInt8.self)
      return
    }
    let header = IPv4Header(knownAt: base)
    var change = ChecksumChange()
    change.remove(Int(header.ipProtocol))
    header.ipProtocol = ipProtocol
    change.add(Int(ipProtocol))
    header.checksum = change.applied(to: header.checksum)
  }

  /// Replaces the DSCP.
  static func setDSCP(of packet: Packet, _ dscp: UInt8) {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      let header = IPv4Header(knownAt: base)
      var change = ChecksumChange()
      change.remove(Int(header.trafficClassOctet))
      header.trafficClassOctet = dscp << 2 | header.ecn
      change.add(Int(header.trafficClassOctet))
      header.checksum = change.applied(to: header.checksum)
    } else {
      IPv6Header(at: base, available: IPv6Header.length)?.setDSCP(dscp)
    }
  }

  /// Adds octets to the length of a UDP datagram and mends its checksum; of TCP the checksum alone.
  ///
  /// - Parameters:
  ///   - transport: from the first byte of the frame to the header.
  ///   - change: of the octets behind the length; that of both lengths is added here.
  @inline(always)
  static func changeTransport(
    of packet: Packet, at transport: Int, isUDP: Bool, by octets: Int, _ change: ChecksumChange
  ) {
    let base = packet.bytes + transport
    var change = change
    // The pseudo-header has the length as well.
    if octets < 0 { change.remove(-octets) } else { change.add(octets) }
    guard isUDP else {
      let checksum = base.loadBigEndian(UInt16.self, at: 16)
      base.storeBigEndian(change.applied(to: checksum), at: 16)
      return
    }
    if octets < 0 { change.remove(-octets) } else { change.add(octets) }
    let length = base.loadBigEndian(UInt16.self, at: 4)
    base.storeBigEndian(length &+ UInt16(truncatingIfNeeded: octets), at: 4)
    let checksum = base.loadBigEndian(UInt16.self, at: 6)
    if checksum != 0 { base.storeBigEndian(change.appliedToUDP(checksum), at: 6) }
  }

  /// Whether a source may touch a packet and the sink can give every octet of it back: a checksum of ffff is one that no
  /// sender computes, and would come back as 0000.
  static func isRestorable(_ packet: Packet, transport: Int, isUDP: Bool, touchesTransport: Bool) -> Bool {
    let base = packet.bytes
    if packet.flags.contains(.ipv4),
      base.loadBigEndian(UInt16.self, at: Int(packet.state.pointee.network_offset) &+ 10) == 0xFFFF
    {
      return false
    }
    return isUDP || !touchesTransport || base.loadBigEndian(UInt16.self, at: transport &+ 16) != 0xFFFF
  }
}
