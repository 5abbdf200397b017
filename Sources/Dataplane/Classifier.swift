import CShims

/// Finds the traffic class of a packet, and from it queue and priority group.
///
/// Three table look-ups of one byte each: about 2 ns.
struct Classifier {
  private var dscpToTrafficClass = InlineArray<64, UInt8>(repeating: 0)
  private var pcpToTrafficClass = InlineArray<8, UInt8>(repeating: 0)
  private var trafficClassToQueue = InlineArray<8, UInt8>(repeating: 0)
  private var trafficClassToPriorityGroup = InlineArray<8, UInt8>(repeating: 0)

  init(_ qos: QoSConfiguration) {
    for index in 0..<64 { dscpToTrafficClass[index] = qos.dscpToTrafficClass[index].rawValue }
    for index in 0..<8 {
      pcpToTrafficClass[index] = qos.pcpToTrafficClass[index].rawValue
      trafficClassToQueue[index] = qos.trafficClassToQueue[index].rawValue
      trafficClassToPriorityGroup[index] = qos.trafficClassToPriorityGroup[index].rawValue
    }
  }

  /// Classifies a parsed packet by what `trust` says, or puts it in `portClass`.
  @inline(__always)
  func classify(_ packet: Packet, trust: Trust, portClass: UInt8) {
    let state = packet.state
    let flags = packet.flags
    var trafficClass = portClass
    switch trust {
    case .dscp:
      if !flags.isDisjoint(with: .ip) {
        trafficClass = dscpToTrafficClass[unchecked: Int(state.pointee.dscp & 63)]
      }
    case .pcp:
      // Any tag counts, S-tags included: their PCP is in the same place.
      if state.pointee.network_offset > 14 {
        trafficClass = pcpToTrafficClass[unchecked: Int(state.pointee.pcp & 7)]
      }
    case .port: break
    }
    assign(trafficClass, to: packet)
  }

  /// Puts a packet into a traffic class.
  @inline(__always)
  func assign(_ trafficClass: UInt8, to packet: Packet) {
    let state = packet.state
    state.pointee.traffic_class = trafficClass
    state.pointee.queue = trafficClassToQueue[unchecked: Int(trafficClass & 7)]
    state.pointee.priority_group = trafficClassToPriorityGroup[unchecked: Int(trafficClass & 7)]
  }

  /// The class of a DSCP, for packets that the switch makes.
  @inline(__always)
  func trafficClass(ofDSCP dscp: UInt8) -> UInt8 { dscpToTrafficClass[unchecked: Int(dscp & 63)] }
}
