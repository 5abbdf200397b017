extension DropReason {
  /// The number of the reason in drop reports, 1 to 254: the format leaves them to the switch, and they do not change
  /// from one version to the next. 0 and 255 are no reasons.
  public var reportCode: UInt8 {
    switch self {
    case .truncatedEthernet: 1
    case .oversize: 2
    case .groupSource: 3
    case .reservedGroup: 4
    case .ingressDown: 5
    case .vlanNotAllowed: 6
    case .foreignMAC: 7
    case .samePort: 8
    case .nowhereToFlood: 9
    case .notRoutable: 10
    case .multicastNotRouted: 11
    case .truncatedNetworkHeader: 12
    case .malformedNetworkHeader: 13
    case .networkChecksum: 14
    case .networkLength: 15
    case .martianAddress: 16
    case .timeToLive: 17
    case .noRoute: 18
    case .discardRoute: 19
    case .noNextHop: 20
    case .unresolvedNeighbor: 21
    case .mtuExceeded: 22
    case .accessDenied: 23
    case .egressDown: 24
    case .packetMemory: 25
    case .headroomFull: 26
    case .ingressBuffer: 27
    case .egressBuffer: 28
    case .wred: 29
    case .pauseStorm: 30
    case .handOverFull: 31
    }
  }

  /// Whether the packet had come to the queue of an egress port.
  var concernsQueue: Bool {
    switch self {
    case .egressDown, .headroomFull, .ingressBuffer, .egressBuffer, .wred, .pauseStorm, .handOverFull: true
    default: false
    }
  }
}
