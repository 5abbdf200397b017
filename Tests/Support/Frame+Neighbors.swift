extension Frame {
  /// An ARP request or answer between this frame's IPv4 addresses (RFC 826); a request is broadcast unless told
  /// otherwise.
  public func arp(isRequest: Bool, isBroadcast: Bool? = nil, targetMAC: UInt64 = 0) -> [UInt8] {
    var frame = self
    if isBroadcast ?? isRequest { frame.destinationMAC = 0xFFFF_FFFF_FFFF }
    var packet: [UInt8] = [0, 1, 8, 0, 6, 4, 0, isRequest ? 1 : 2]
    packet += Frame.octets(sourceMAC, count: 6) + source
    packet += Frame.octets(targetMAC, count: 6) + destination
    return frame.ethernet(0x0806, packet, size: 60)
  }

  /// A neighbor solicitation for `target`, with the sender's link-layer address as option (RFC 4861 section 4.3).
  public func neighborSolicitation(for target: String) -> [UInt8] {
    var frame = self
    frame.ttl = 255
    let option = [1, 1] + Frame.octets(sourceMAC, count: 6)
    return frame.icmp(type: 135, [0, 0, 0, 0] + Frame.octets(target) + option)
  }

  /// A neighbor advertisement of `target`, solicited and overriding, with its link-layer address as option
  /// (RFC 4861 section 4.4).
  public func neighborAdvertisement(of target: String) -> [UInt8] {
    var frame = self
    frame.ttl = 255
    let option = [2, 1] + Frame.octets(sourceMAC, count: 6)
    return frame.icmp(type: 136, [0x60, 0, 0, 0] + Frame.octets(target) + option)
  }

  /// The solicited-node multicast address of an IPv6 address, and the MAC address of its group.
  public static func solicitedNode(of address: String) -> (address: [UInt8], mac: UInt64) {
    let tail = Array(octets(address).suffix(3))
    let group = octets("ff02::1:ff00:0").prefix(13) + tail
    let low = tail.reduce(0) { $0 << 8 | UInt64($1) }
    return (Array(group), 0x3333_FF00_0000 | low)
  }

  /// A PFC frame (IEEE 802.1Q clause 36): a time of 512 bit times for each priority that is named.
  public static func priorityPause(_ quanta: [Int: UInt16], from sourceMAC: UInt64 = 0x0200_0000_0A01) -> [UInt8] {
    let frame = Frame(source: [], destination: [], sourceMAC: sourceMAC, destinationMAC: 0x0180_C200_0001)
    let vector = quanta.keys.reduce(0) { $0 | UInt64(1) << UInt64($1) }
    var control: [UInt8] = [1, 1] + octets(vector, count: 2)
    for priority in 0..<8 { control += octets(UInt64(quanta[priority] ?? 0), count: 2) }
    return frame.ethernet(0x8808, control, size: 60)
  }
}
