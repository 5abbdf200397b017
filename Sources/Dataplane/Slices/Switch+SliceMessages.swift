import CShims
import Wire

/// What slices tell each other.
extension Switch {
  /// A slice that messages wait for, or nil.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(__always)
  public mutating func nextMessages() -> Int? {
    let lanes = slices.lanesWithMessages
    return lanes == 0 ? nil : lanes.trailingZeroBitCount
  }

  /// Takes a message for a slice. False: there is none. XOFF and storms come before what was learned.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(never)
  public mutating func takeMessage(for slice: Int, _ message: inout SliceMessage) -> Bool {
    if let notice = slices.takeNotice(for: slice) {
      message =
        notice.isGroup
        ? SliceMessage(group: notice.index, isXOFF: buffer.groups.base[notice.index].isXOFF)
        : SliceMessage(stormsOn: notice.index, pauses.ports.base[notice.index].stormed)
      return true
    }
    if let learned = slices.takeLearned(for: slice) {
      message = learned
      return true
    }
    slices.closeMessages(for: slice)
    return false
  }

  /// Takes in what another slice says.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(never)
  public mutating func receive(_ message: SliceMessage, from slice: Int, at now: Tick) {
    switch message.kind {
    case SliceMessage.Kind.group.rawValue:
      setXOFF(message.flags != 0, group: message.index, by: slice, at: now)
    case SliceMessage.Kind.storms.rawValue:
      pauses.ports.base[message.index].stormed = message.flags
      updateIngressStorms(PortID(message.index))
    case SliceMessage.Kind.station.rawValue:
      let port = PortID(message.index)
      // What was said before the port went down does not hold any more.
      guard egress.ports.base[port.index].isUp else { return }
      tables.stations.learn(
        vlan: message.vlan, mac: message.macAddress, port: port, heard: message.heard, at: now)
    default:
      // The same of a port: its place can be another port's since.
      if message.index < egress.ports.count, !egress.ports.base[message.index].isUp { return }
      tables.neighbors.learn(
        interface: message.index, address: message.address, mac: message.macAddress, at: now)
    }
  }

  /// Learns where a station is; the other slices learn it too.
  @inline(__always)
  mutating func learnStation(vlan: UInt16, mac: MACAddress, port: PortID, at now: Tick) {
    if slices.isWhole { return tables.stations.learn(vlan: vlan, mac: mac, port: port, at: now) }
    learnStationOfSlice(vlan: vlan, mac: mac, port: port, at: now)
  }

  @inline(never)
  private mutating func learnStationOfSlice(vlan: UInt16, mac: MACAddress, port: PortID, at now: Tick) {
    guard let position = tables.stations.learnUntold(vlan: vlan, mac: mac, port: port, at: now) else { return }
    if slices.tellAll(SliceMessage(vlan: vlan, mac: mac, port: port, heard: now)) {
      tables.stations.entries.base[position].told = now
    }
  }

  /// Learns the MAC address of a neighbour; the other slices learn it too. What one of them misses it asks for itself.
  func learnNeighbor(interface: Int, address: IPAddress, mac: MACAddress, at now: Tick) {
    tables.neighbors.learn(interface: interface, address: address, mac: mac, at: now)
    if slices.isWhole { return }
    _ = slices.tellAll(SliceMessage(interface: interface, address: address, mac: mac))
  }
}
