import CShims
import Wire

extension Switch {
  /// Learns the sender of a frame as a neighbour, if its IP source or ARP sender lies in a subnet of the interface that
  /// the frame arrives on. For captures, where nobody answers the switch's ARP.
  ///
  /// - Parameters:
  ///   - frame: the first byte of an Ethernet frame.
  ///   - captured: how many bytes may be read.
  public func learnNeighbor(
    fromFrame frame: UnsafeMutableRawPointer, captured: Int, on port: PortID, at now: Tick
  ) {
    guard let ethernet = EthernetHeader(at: frame, available: captured), !ethernet.source.isGroup else { return }
    var etherType = ethernet.etherType
    var offset = EthernetHeader.length
    var vlan = egress.ports.base[port.index].nativeVLAN
    if etherType == EtherType.vlan, let tag = VLANTag(at: frame + offset, available: captured - offset) {
      etherType = tag.etherType
      if tag.vid != 0 { vlan = tag.vid }
      offset += VLANTag.length
    }
    var interface = port.index
    if !egress.ports.base[port.index].isRouted {
      let found = tables.interfaces.byVLAN.base[Int(vlan)]
      guard found != InterfaceTable.noInterface else { return }
      interface = Int(found)
    }
    let base = frame + offset
    let available = captured - offset
    switch etherType {
    case EtherType.arp:
      guard let arp = ARPPacket(at: base, available: available) else { return }
      learn(.v4(arp.senderProtocolAddress), interface, arp.senderHardwareAddress, at: now)
    case EtherType.ipv4:
      guard let header = IPv4Header(at: base, available: available) else { return }
      learn(.v4(header.source), interface, ethernet.source, at: now)
    case EtherType.ipv6:
      guard let header = IPv6Header(at: base, available: available) else { return }
      learn(.v6(header.source), interface, ethernet.source, at: now)
    default: return
    }
  }

  private func learn(_ address: IPAddress, _ interface: Int, _ mac: MACAddress, at now: Tick) {
    guard isNeighbor(address, mac, on: interface) else { return }
    learnNeighbor(interface: interface, address: address, mac: mac, at: now)
  }
}
