import CShims
import Wire

extension Switch {
  /// Notes of packets with INT the ports that they have without it, so that telemetry neither moves a flow to another path
  /// nor hides it from access rules.
  @inline(never)
  func readTelemetry(_ burst: borrowing PacketBurst) {
    let settings = telemetry.settings.base
    for index in 0..<burst.count {
      let packet = burst.packet(known: index)
      guard packet.flags.contains(.ports), packet.state.pointee.destination_port == settings.pointee.udpPort,
        case .found(let place) = INTPlace.find(in: packet, settings)
      else { continue }
      note(place, of: packet)
      tables.groups.hashFlow(of: packet)
    }
  }

  private func note(_ place: INTPlace, of packet: Packet) {
    let state = packet.state
    let shim = packet.bytes + place.shim
    let behind = place.shim &+ INTShim.length &+ place.contentLength
    let end = INTPlace.end(of: packet)
    var payload = behind
    if place.nextProtocol == .originalPort {
      state.pointee.destination_port = shim.loadBigEndian(UInt16.self, at: 2)
    } else {
      guard behind &+ 4 <= end else { return }
      state.pointee.source_port = packet.bytes.loadBigEndian(UInt16.self, at: behind)
      state.pointee.destination_port = packet.bytes.loadBigEndian(UInt16.self, at: behind &+ 2)
      state.pointee.ip_protocol = shim.load(fromByteOffset: 3, as: UInt8.self)
      payload = behind &+ UDPHeader.length
    }
    guard state.pointee.ip_protocol == IPProtocol.udp, state.pointee.destination_port == UDPPort.roceV2,
      let transport = BaseTransportHeader(at: packet.bytes + payload, available: end &- payload)
    else { return }
    state.pointee.roce_qp = transport.destinationQP
    packet.flags.insert(.roce)
  }
}
