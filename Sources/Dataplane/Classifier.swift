import CShims

/// Finds the traffic class of a packet, and from it queue and priority group.
///
/// One entry of a flat table, 12 instructions: what a DSCP or PCP leads to is worked out beforehand.
struct Classifier: ~Copyable {
  /// What a packet of one class is given: an octet each for traffic class, queue and priority group.
  struct Assignment {
    let word: UInt32

    init(trafficClass: UInt8, queue: UInt8, priorityGroup: UInt8) {
      word = UInt32(trafficClass) | UInt32(queue) << 8 | UInt32(priorityGroup) << 16
    }

    @inline(always) var trafficClass: UInt8 { UInt8(truncatingIfNeeded: word) }
    @inline(always) var queue: UInt8 { UInt8(truncatingIfNeeded: word &>> 8) }
    @inline(always) var priorityGroup: UInt8 { UInt8(truncatingIfNeeded: word &>> 16) }
  }

  /// By DSCP, then by PCP, then by traffic class.
  let assignments: FlatTable<Assignment>
  private static let pcpBase = 64
  private static let classBase = 72

  init(_ qos: QoSConfiguration) {
    let classes = qos.dscpToTrafficClass + qos.pcpToTrafficClass + (0..<8).map { TrafficClass($0) }
    assignments = FlatTable(
      classes.map {
        Assignment(
          trafficClass: $0.rawValue, queue: qos.trafficClassToQueue[$0.index].rawValue,
          priorityGroup: qos.trafficClassToPriorityGroup[$0.index].rawValue)
      })
  }

  /// Which entry an untagged IP packet has: its DSCP and `mask`, or `base`.
  static func untagged(trust: Trust, portClass: UInt8) -> (mask: UInt64, base: UInt64) {
    trust == .dscp ? (63, 0) : (0, UInt64(Classifier.classBase &+ Int(portClass & 7)))
  }

  /// Classifies a parsed packet by what `trust` says, or puts it in `portClass`.
  @inline(__always)
  func classify(_ packet: Packet, trust: Trust, portClass: UInt8) {
    let state = packet.state
    let flags = packet.flags
    var index = Classifier.classBase &+ Int(portClass & 7)
    switch trust {
    case .dscp:
      if !flags.isDisjoint(with: .ip) { index = Int(state.pointee.dscp & 63) }
    case .pcp:
      // Any tag counts, S-tags included: their PCP is in the same place.
      if state.pointee.network_offset > 14 { index = Classifier.pcpBase &+ Int(state.pointee.pcp & 7) }
    case .port: break
    }
    assign(index, to: packet)
  }

  /// Puts a packet into the traffic class of a DSCP.
  @inline(__always)
  func assign(dscp: UInt8, to packet: Packet) { assign(Int(dscp & 63), to: packet) }

  @inline(__always)
  private func assign(_ index: Int, to packet: Packet) {
    let state = packet.state
    let assignment = assignments.base[index]
    state.pointee.traffic_class = assignment.trafficClass
    state.pointee.queue = assignment.queue
    state.pointee.priority_group = assignment.priorityGroup
  }
}
