import CShims
import Wire

/// IOAM as a transit node: the pre-allocated trace in an IPv6 hop-by-hop options header (RFC 9197 section 4.4, RFC 9486).
/// The packet keeps its length, so nothing is planned: all is done when it leaves.
extension Switch {
  /// Fills this node's place in the trace of an IPv6 packet, if it has one and its namespace is known.
  @inline(never)
  mutating func traceIOAM(_ hop: HopRecord) {
    let packet = hop.packet
    let network = Int(packet.state.pointee.network_offset)
    let end = min(packet.capturedLength, network &+ Int(packet.state.pointee.network_length))
    let header = network &+ IPv6Header.length
    guard packet.bytes.load(fromByteOffset: network &+ 6, as: UInt8.self) == IPProtocol.ipv6HopByHop,
      let place = IPv6Options.offset(
        ofOption: IOAMTraceOption.optionType, in: packet.bytes + header, available: end &- header)
    else { return }
    let counters = telemetry.counters.base
    guard
      let option = IOAMTraceOption(at: packet.bytes + (header &+ place), available: end &- header &- place),
      option.kind == IOAMTraceOption.Kind.preallocated
    else {
      counters.pointee.malformed &+= 1
      return
    }
    guard let namespace = ioamNamespace(option.namespaceID) else { return }
    let type = IOAMTraceType(rawValue: option.traceType)
    guard type.words == option.nodeLength else {
      counters.pointee.malformed &+= 1
      return
    }
    guard let data = option.claimNodeData(extraWords: type.hasSnapshot ? 1 : 0) else {
      counters.pointee.traceOverflows &+= 1
      return
    }
    writeNodeData(hop, type, namespace, to: data)
    counters.pointee.traced &+= 1
  }

  private func ioamNamespace(_ id: UInt16) -> UnsafeMutablePointer<IOAMNamespace>? {
    for index in 0..<telemetry.namespaces.count where telemetry.namespaces.base[index].id == id {
      return telemetry.namespaces.base + index
    }
    return nil
  }

  /// Writes what the trace type asks for, in the order of its bits. What is not known is all ones.
  private func writeNodeData(
    _ hop: HopRecord, _ type: IOAMTraceType, _ namespace: UnsafeMutablePointer<IOAMNamespace>,
    to base: UnsafeMutableRawPointer
  ) {
    let settings = telemetry.settings.base
    let clock = settings.pointee.clock
    let packet = hop.packet
    let network = Int(packet.state.pointee.network_offset)
    // As it will be when the packet has left: the headers are rewritten behind this.
    let arrived = packet.bytes.load(fromByteOffset: network &+ 7, as: UInt8.self)
    let hopLimit = arrived &- (packet.flags.contains(.routed) ? 1 : 0)
    let ingress = TelemetryPort.interface(of: packet.ingressPort)
    let egress = TelemetryPort.interface(of: hop.port)
    let time = clock.time(packet.arrival)
    let delay = clock.nanoseconds(hop.start - packet.arrival)
    var place = base
    if type.contains(bit: 0) { place = put(UInt32(hopLimit) << 24 | settings.pointee.ioamNode, at: place) }
    if type.contains(bit: 1) { place = put(UInt32(ingress) << 16 | UInt32(egress), at: place) }
    if type.contains(bit: 2) { place = put(UInt32(truncatingIfNeeded: time / 1_000_000_000), at: place) }
    if type.contains(bit: 3) { place = put(UInt32(truncatingIfNeeded: time % 1_000_000_000 / 1000), at: place) }
    if type.contains(bit: 4) {
      place = put(delay > 0x7FFF_FFFF ? UInt32.max : UInt32(truncatingIfNeeded: delay), at: place)
    }
    if type.contains(bit: 5) { place = put(namespace.pointee.data, at: place) }
    if type.contains(bit: 6) { place = put(UInt32(truncatingIfNeeded: min(hop.leftBytes, 0xFFFF_FFFE)), at: place) }
    if type.contains(bit: 7) { place = put(UInt32.max, at: place) }
    if type.contains(bit: 8) { place = put(wide: UInt64(hopLimit) << 56 | settings.pointee.ioamWideNode, at: place) }
    if type.contains(bit: 9) { place = put(wide: UInt64(ingress) << 32 | UInt64(egress), at: place) }
    if type.contains(bit: 10) { place = put(wide: namespace.pointee.wideData, at: place) }
    if type.contains(bit: 11) { place = put(bufferWord(of: packet), at: place) }
    for bit in 12..<22 where type.contains(bit: bit) { place = put(UInt32.max, at: place) }
    // An opaque state snapshot of no octets, with the number that means none.
    if type.hasSnapshot { place = put(0x00FF_FFFF as UInt32, at: place) }
  }
}

/// What nodes add to a trace: 24 bits, of which bit 0 is the most significant one.
struct IOAMTraceType {
  let rawValue: UInt32

  @inline(always)
  func contains(bit: Int) -> Bool { rawValue & (0x80_0000 &>> UInt32(truncatingIfNeeded: bit)) != 0 }

  /// Words of four octets, the snapshot left out.
  var words: Int { (rawValue & 0xFF_FFFC).nonzeroBitCount &+ (rawValue & 0x00_E000).nonzeroBitCount }

  /// An opaque state snapshot is asked for, which the node length does not count.
  var hasSnapshot: Bool { rawValue & 2 != 0 }
}
