import CShims
import Wire

/// What a hop can say about a packet, as it is when the packet leaves.
struct HopRecord {
  let packet: Packet
  let port: PortID
  /// At port x 8 + queue.
  let queue: Int
  /// When the packet's first bit leaves.
  let start: Tick
  /// Bytes in the queue without the packet.
  let leftBytes: UInt64
  /// Parts in a million.
  let utilisation: UInt32
}

extension Switch {
  /// Writes what a hop is asked for, in the order of the bitmap.
  ///
  /// - Parameters:
  ///   - base: there is room for `octets` octets.
  ///   - octets: of the whole hop, no fewer than the instructions need.
  ///   - domain: what of this switch's own domain is asked for. What is not known is all ones.
  ///
  /// Cost: 5 instructions a word, and a multiplication for each time.
  @inline(always)
  func writeHop(
    _ hop: HopRecord, to base: UnsafeMutableRawPointer, _ instructions: INTInstructions, octets: Int,
    domain: INTDomainWords
  ) {
    let settings = telemetry.settings.base
    let state = hop.packet.state
    let bits = instructions.rawValue
    var place = base
    if bits & 0x8000 != 0 { place = put(settings.pointee.nodeID, at: place) }
    if bits & 0x4000 != 0 {
      let ingress = UInt32(TelemetryPort.interface(of: hop.packet.ingressPort))
      place = put(ingress << 16 | UInt32(TelemetryPort.interface(of: hop.port)), at: place)
    }
    if bits & 0x2000 != 0 {
      place = put(nanoseconds32(hop.start.rawValue &- state.pointee.arrival), at: place)
    }
    if bits & 0x1000 != 0 {
      let bytes = UInt32(truncatingIfNeeded: min(hop.leftBytes, 0xFF_FFFF))
      place = put(UInt32(truncatingIfNeeded: hop.queue & 7) << 24 | bytes, at: place)
    }
    if bits & 0x0F80 != 0 { place = writeWide(hop, to: place, bits) }
    if bits & 0x007E != 0 { place = putOnes((bits & 0x007E).nonzeroBitCount, at: place) }
    let end = base + (bits & 1 != 0 ? octets &- 4 : octets)
    if domain.rawValue != 0 { place = writeDomain(hop, to: place, domain, end: end) }
    while place < end { place = put(.max, at: place) }
    // Whoever mends the checksum itself has no complement to give (section 5.6).
    if bits & 1 != 0 { _ = put(.max, at: end) }
  }

  /// Writes a word, and returns the place behind it.
  @inline(always)
  func put(_ value: UInt32, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    place.storeBigEndian(value, at: 0)
    return place + 4
  }

  /// The same for two words.
  @inline(always)
  func put(wide value: UInt64, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    place.storeBigEndian(value, at: 0)
    return place + 8
  }

  private func putOnes(_ count: Int, at place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    for index in 0..<count { place.storeBigEndian(UInt32.max, at: index &* 4) }
    return place + count &* 4
  }

  @inline(always)
  private func nanoseconds32(_ ticks: UInt64) -> UInt32 {
    // All ones would mean that it is not known.
    UInt32(truncatingIfNeeded: min(telemetry.settings.base.pointee.clock.nanoseconds(ticks), 0xFFFF_FFFE))
  }

  /// Times, level 2 interfaces, utilisation and buffer.
  @inline(never)
  private func writeWide(
    _ hop: HopRecord, to base: UnsafeMutableRawPointer, _ bits: UInt16
  ) -> UnsafeMutableRawPointer {
    let clock = telemetry.settings.base.pointee.clock
    var place = base
    if bits & 0x0800 != 0 { place = put(wide: clock.time(hop.packet.arrival), at: place) }
    if bits & 0x0400 != 0 { place = put(wide: clock.time(hop.start), at: place) }
    if bits & 0x0200 != 0 {
      place = put(ingressInterface(of: hop), at: place)
      place = put(egressInterface(of: hop), at: place)
    }
    if bits & 0x0100 != 0 { place = put(hop.utilisation, at: place) }
    if bits & 0x0080 != 0 { place = put(bufferWord(of: hop.packet), at: place) }
    return place
  }

  private func egressInterface(of hop: HopRecord) -> UInt32 {
    let port = telemetry.ports.base + hop.port.index
    let vlan = hop.packet.state.pointee.vlan
    return port.pointee.isTrunk && vlan != 0 ? TelemetryPort.interface(ofVLAN: vlan) : port.pointee.logicalInterface
  }

  /// The VLAN that a packet came in by on a trunk is known as long as it stays in it.
  private func ingressInterface(of hop: HopRecord) -> UInt32 {
    guard hop.packet.ingressPort != .none else { return .max }
    let port = telemetry.ports.base + hop.packet.ingressPort.index
    guard port.pointee.isTrunk else { return port.pointee.logicalInterface }
    return hop.packet.flags.isDisjoint(with: .forwardedAtLayer3) ? egressInterface(of: hop) : .max
  }

  /// The pool that a packet's group has its share of, and what is used of it, in cells; of the simulator's buffer, in bytes.
  func bufferWord(of packet: Packet) -> UInt32 {
    if buffer.model == .hpcc {
      return UInt32(truncatingIfNeeded: min(buffer.simulator.sharedUsed.base[0].used, 0xFF_FFFF))
    }
    let pool = buffer.groups.base[buffer.accounts.groupIndex(of: packet)].pool
    return UInt32(pool) << 24 | min(buffer.pools.base[Int(pool)].used, 0xFF_FFFF)
  }

  /// The words of the switch's own domain, as far as there is room.
  @inline(never)
  private func writeDomain(
    _ hop: HopRecord, to base: UnsafeMutableRawPointer, _ domain: INTDomainWords, end: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var place = base
    var rest = domain.rawValue
    while rest != 0, place < end {
      let bit = INTDomainWords(rawValue: 0x8000 >> UInt16(truncatingIfNeeded: rest.leadingZeroBitCount))
      rest &= ~bit.rawValue
      place = put(domainWord(bit, of: hop), at: place)
    }
    return place
  }

  private func domainWord(_ word: INTDomainWords, of hop: HopRecord) -> UInt32 {
    switch word {
    case .pauseTime: return nanoseconds32(hop.packet.pausedTicks)
    case .sentBytes: return UInt32(truncatingIfNeeded: measured.ports.base[hop.port.index].txBytes)
    case .portQueues:
      var bytes: UInt64 = 0
      for queue in 0..<QueueID.count { bytes &+= egress.queues.base[hop.port.index &* QueueID.count &+ queue].bytes }
      return UInt32(truncatingIfNeeded: min(bytes, 0xFFFF_FFFE))
    case .lineRate: return telemetry.ports.base[hop.port.index].megabits
    default: return .max
    }
  }
}
