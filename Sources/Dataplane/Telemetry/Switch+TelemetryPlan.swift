import CShims
import Wire

/// What becomes of a packet's telemetry is decided when it comes to its queue, so that it is charged to the buffer, to the
/// MTU and to the wire with the length that it will have.
extension Switch {
  /// Decides what is to be done with a packet's telemetry when it leaves by a port. True: it is discarded, and gone.
  @inline(never)
  mutating func planTelemetry(_ packet: Packet, on portID: PortID, at now: Tick) -> Bool {
    let settings = telemetry.settings.base
    if settings.pointee.clone == packet.state { return false }
    packet.telemetryTask = .none
    let flags = packet.flags
    guard flags.isDisjoint(with: .withoutTelemetry), flags.contains(.ports) else { return false }
    switch INTPlace.find(in: packet, settings) {
    case .found(let place):
      return planWithINT(packet, place, on: portID, at: now)
    case .malformed:
      telemetry.counters.base.pointee.malformed &+= 1
    case .none:
      if telemetry.watch.count > 0 { planWatched(packet, on: portID, at: now) }
    }
    return false
  }

  private mutating func planWithINT(_ packet: Packet, _ place: INTPlace, on portID: PortID, at now: Tick) -> Bool {
    if telemetry.ports.base[portID.index].role == .host { return planSink(packet, place, at: now) }
    let content = packet.bytes + place.shim + INTShim.length
    switch place.kind {
    case .metadata:
      guard let header = INTMetadataHeader(at: content, available: place.contentLength) else {
        telemetry.counters.base.pointee.malformed &+= 1
        return false
      }
      planPush(packet, place, header, on: portID)
    case .instructions:
      if INTInstructionHeader(at: content, available: place.contentLength) == nil {
        telemetry.counters.base.pointee.malformed &+= 1
      } else {
        packet.telemetryTask = TelemetryTask(.instructed, shim: place.shim, growth: 0)
      }
    case .destination: break
    }
    return false
  }

  private func planPush(_ packet: Packet, _ place: INTPlace, _ header: INTMetadataHeader, on portID: PortID) {
    let octets = header.hopLength
    if octets == 0 { return }
    var kind = TelemetryTask.Kind.push
    if header.remainingHops == 0 {
      kind = .exceedHops
    } else if !hasRoom(packet, octets: octets, on: portID)
      || place.contentLength &+ octets > TelemetryPlan.longestContent
    {
      kind = .exceedMTU
    }
    let growth = kind == .push ? octets : 0
    packet.telemetryTask = TelemetryTask(kind, shim: place.shim, growth: growth)
    packet.state.pointee.wire_length &+= UInt32(truncatingIfNeeded: growth)
  }

  /// Whether a packet may grow: within the MTU of the port, and within the room in front of it, where its VLAN tag may
  /// have to go as well.
  @inline(always)
  private func hasRoom(_ packet: Packet, octets: Int, on portID: PortID) -> Bool {
    let state = packet.state
    return Int(state.pointee.network_length) &+ octets <= telemetry.ports.base[portID.index].mtu
      && Int(state.pointee.data_off) >= octets &+ VLANTag.length
      && state.pointee.wire_length &+ UInt32(truncatingIfNeeded: octets)
        <= egress.ports.base[portID.index].largestFrame
  }

  /// At the sink: the packet leaves without its telemetry, or does not leave at all.
  private mutating func planSink(_ packet: Packet, _ place: INTPlace, at now: Tick) -> Bool {
    let content = packet.bytes + place.shim + INTShim.length
    var isMetadata = false
    var discards = false
    if place.kind == .metadata, let header = INTMetadataHeader(at: content, available: place.contentLength) {
      (isMetadata, discards) = (true, header.discard)
    } else if place.kind == .instructions,
      let header = INTInstructionHeader(at: content, available: place.contentLength)
    {
      (isMetadata, discards) = (true, header.discard)
    } else if place.kind != .destination {
      telemetry.counters.base.pointee.malformed &+= 1
    }
    if discards {
      reportDiscarded(packet, place, at: now)
      telemetry.counters.base.pointee.discarded &+= 1
      consume(packet, at: now)
      return true
    }
    packet.telemetryTask = TelemetryTask(isMetadata ? .sink : .strip, shim: place.shim, growth: place.removable)
    packet.state.pointee.wire_length &-= UInt32(truncatingIfNeeded: place.removable)
    return false
  }

  // MARK: Watched packets

  private mutating func planWatched(_ packet: Packet, on portID: PortID, at now: Tick) {
    let settings = telemetry.settings.base
    let queue = portID.index &* QueueID.count &+ packet.queue.index
    guard isChosen(packet, queue: queue) else { return }
    let isEdge = packet.ingressPort != .none && telemetry.ports.base[packet.ingressPort.index].role == .host
    let leaves = telemetry.ports.base[portID.index].role == .host
    var mode = settings.pointee.mode
    var clones = false
    if packet.flags.contains(.roce) {
      switch settings.pointee.roce {
      case .none: return
      case .postcards: mode = .postcards
      case .clone: (mode, clones) = (.metadata, true)
      case .instructions: mode = .instructions
      case .metadata: mode = .metadata
      }
    }
    // From host to host there is nobody else to tell: one report says all. Elsewhere only the edge begins INT.
    if mode == .postcards || (isEdge && leaves) {
      packet.telemetryTask = TelemetryTask(.postcard, shim: 0, growth: 0)
    } else if isEdge {
      planSource(packet, isMetadata: mode == .metadata, clones: clones, on: portID, at: now)
    }
  }

  private mutating func planSource(
    _ packet: Packet, isMetadata: Bool, clones: Bool, on portID: PortID, at now: Tick
  ) {
    let settings = telemetry.settings.base
    let transport = Int(packet.state.pointee.transport_offset)
    let isHeader = settings.pointee.announcement == .header
    let isUDP = INTPlace.isOverUDP(packet, transport: transport)
    let headers = INTShim.length &+ INTMetadataHeader.length &+ (isHeader ? UDPHeader.length : 0)
    guard isUDP || settings.pointee.announcement != .port,
      let place = TelemetryPlan.place(of: packet, transport: transport, isUDP: isUDP, isHeader: isHeader),
      hasRoom(packet, octets: headers, on: portID)
    else {
      telemetry.counters.base.pointee.notBegun &+= 1
      return
    }
    var (kind, octets) = (TelemetryTask.Kind.sourceInstructions, headers)
    if isMetadata {
      kind = .sourceWithoutHop
      if hasRoom(packet, octets: headers &+ settings.pointee.hopLength, on: portID) {
        (kind, octets) = (.source, headers &+ settings.pointee.hopLength)
      }
    }
    if clones {
      queueClone(of: packet, TelemetryTask(kind, shim: place, growth: octets, discards: true), on: portID, at: now)
      return
    }
    packet.telemetryTask = TelemetryTask(kind, shim: place, growth: octets)
    packet.state.pointee.wire_length &+= UInt32(truncatingIfNeeded: octets)
  }

  /// Queues a copy that carries the telemetry in place of its original, and is to be discarded by the sink.
  private mutating func queueClone(
    of packet: Packet, _ task: TelemetryTask, on portID: PortID, at now: Tick
  ) {
    counters.replicatedPackets &+= 1
    guard let clone = copy(of: packet) else { return dropMissingCopy(of: packet, at: now) }
    clone.telemetryTask = task
    clone.state.pointee.wire_length &+= UInt32(truncatingIfNeeded: task.growth)
    telemetry.settings.base.pointee.clone = clone.state
    enqueue(clone, on: portID, at: now)
    telemetry.settings.base.pointee.clone = nil
  }

  /// Whether the first rule that matches a packet chooses it.
  private func isChosen(_ packet: Packet, queue: Int) -> Bool {
    for index in 0..<telemetry.watch.count {
      let rule = telemetry.watch.base + index
      guard rule.pointee.matches(packet) else { continue }
      let hash = rule.pointee.needsHash ? telemetryHash(of: packet) : 0
      guard rule.pointee.samples(flowHash: hash) else { return false }
      if rule.pointee.asksForChange {
        let latency = rule.pointee.latencyQuantum
        let bytes = rule.pointee.queueQuantum
        let flow = telemetry.changes.base + (index &* FlowChange.tableSize &+ Int(hash) & (FlowChange.tableSize &- 1))
        let isChanged = flow.pointee.notes(
          flow: hash, latency: latency == 0 ? 0 : telemetry.queues.base[queue].lastLatency / latency,
          queue: bytes == 0 ? 0 : egress.queues.base[queue].bytes / bytes)
        if !isChanged { return false }
      }
      rule.pointee.chosen &+= 1
      return true
    }
    return false
  }

  /// The hash of a packet's flow that telemetry goes by, whatever next hops are chosen by.
  func telemetryHash(of packet: Packet) -> UInt32 {
    FlowKey.hash(packet, fields: .watched, hasher: telemetry.settings.base.pointee.hasher)
  }

  /// Whether a packet must not be trimmed, as it holds telemetry or is to carry that of another.
  func holdsTelemetry(_ packet: Packet, on port: PortID) -> Bool {
    egress.ports.base[port.index].hasTelemetry
      && (packet.telemetryTask.isOnPacketWithINT || telemetry.settings.base.pointee.clone == packet.state)
  }

  /// Whether a packet that is too long for an interface will fit, as the sink takes its telemetry out.
  ///
  /// - Parameter port: by which it leaves; none: that is not known yet.
  @inline(never)
  func losesTelemetry(_ packet: Packet, on port: PortID, length: UInt32, limit: UInt32) -> Bool {
    guard telemetry.isOn, port == .none || telemetry.ports.base[port.index].role == .host,
      packet.flags.isDisjoint(with: .withoutTelemetry),
      case .found(let place) = INTPlace.find(in: packet, telemetry.settings.base)
    else { return false }
    return Int(length) &- place.removable <= Int(limit)
  }
}

/// What planning needs to know that no switch is needed for.
enum TelemetryPlan {
  /// Most octets that a shim can say are behind it.
  static var longestContent: Int { 255 &* 4 }

  /// Where a source puts its shim, or the UDP header in front of it; nil: the packet must stay as it is.
  static func place(of packet: Packet, transport: Int, isUDP: Bool, isHeader: Bool) -> Int? {
    let end = INTPlace.end(of: packet)
    let base = packet.bytes
    var length = UDPHeader.length
    if isUDP {
      let claimed = Int(packet.state.pointee.network_offset) &+ Int(packet.state.pointee.network_length) &- transport
      let octets = Int(base.loadBigEndian(UInt16.self, at: transport &+ 4))
      guard transport &+ UDPHeader.length <= end, octets >= UDPHeader.length, octets <= claimed else { return nil }
    } else {
      guard let header = TCPHeader(at: base + transport, available: end &- transport) else { return nil }
      length = header.headerLength
    }
    if isHeader {
      let ipProtocol = isUDP ? IPProtocol.udp : IPProtocol.tcp
      guard INTPlace.canRestoreProtocol(packet, transport: transport, ipProtocol) else { return nil }
    }
    guard INTEdit.isRestorable(packet, transport: transport, isUDP: isUDP, touchesTransport: !isHeader) else {
      return nil
    }
    return isHeader ? transport : transport &+ length
  }
}

extension PacketFlags {
  /// Packets that telemetry has nothing to do with: the switch's own, copies as received, fragments, and broken ones.
  @inlinable static var withoutTelemetry: PacketFlags {
    PacketFlags(
      rawValue: originated.rawValue | mirrored.rawValue | malformed.rawValue | unparsed.rawValue | fragment.rawValue
        | trimmed.rawValue)
  }
}

extension ECMPFields {
  /// What telemetry tells flows apart by.
  static var watched: ECMPFields {
    ECMPFields(
      rawValue: sourceAddress.rawValue | destinationAddress.rawValue | ipProtocol.rawValue | sourcePort.rawValue
        | destinationPort.rawValue | roceQP.rawValue)
  }
}
