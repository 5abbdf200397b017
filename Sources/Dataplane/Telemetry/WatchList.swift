import CShims
import Wire

/// A rule of ``WatchRule`` as packets are compared with it, and what it has counted.
struct WatchEntry {
  private let version: PacketFlags
  private let sourceHigh: UInt64, sourceHighMask: UInt64, sourceLow: UInt64, sourceLowMask: UInt64
  private let destinationHigh: UInt64, destinationHighMask: UInt64, destinationLow: UInt64, destinationLowMask: UInt64
  private let asksAddresses: Bool
  private let ipProtocol: Int16
  private let dscp: Int16
  private let queuePair: Int32
  private let asksPorts: Bool
  private let firstSource: UInt16, lastSource: UInt16, firstDestination: UInt16, lastDestination: UInt16
  private let every: UInt32
  private let flows: UInt32
  /// Quanta in ticks and bytes; 0: does not count.
  let latencyQuantum: UInt64
  let queueQuantum: UInt64
  let asksForChange: Bool
  /// Packets that the rule matched, and those that were chosen.
  var matched: UInt64 = 0
  var chosen: UInt64 = 0

  init(_ rule: WatchRule, ticksPerSecond: UInt64) {
    func bounds(_ prefix: IPPrefix?) -> (high: UInt64, highMask: UInt64, low: UInt64, lowMask: UInt64) {
      func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : .max << UInt64(64 - bits) }
      guard let prefix else { return (0, 0, 0, 0) }
      switch prefix.address {
      case .v4(let address):
        let bits = mask(32 + prefix.length) & 0xFFFF_FFFF
        return (0, 0, UInt64(address.bits) & bits, bits)
      case .v6(let address):
        let (high, low) = (mask(prefix.length), mask(prefix.length - 64))
        return (address.high & high, high, address.low & low, low)
      }
    }
    let (source, destination) = (bounds(rule.source), bounds(rule.destination))
    (sourceHigh, sourceHighMask, sourceLow, sourceLowMask) = source
    (destinationHigh, destinationHighMask, destinationLow, destinationLowMask) = destination
    switch (rule.source ?? rule.destination)?.address {
    case .v4: version = .ipv4
    case .v6: version = .ipv6
    case nil: version = .ip
    }
    asksAddresses = rule.source != nil || rule.destination != nil
    ipProtocol = rule.ipProtocol.map { Int16($0) } ?? -1
    dscp = rule.dscp.map { Int16($0) } ?? -1
    queuePair = rule.queuePair.map { Int32($0) } ?? -1
    asksPorts = rule.sourcePorts != nil || rule.destinationPorts != nil
    firstSource = rule.sourcePorts?.lowerBound ?? 0
    lastSource = rule.sourcePorts?.upperBound ?? .max
    firstDestination = rule.destinationPorts?.lowerBound ?? 0
    lastDestination = rule.destinationPorts?.upperBound ?? .max
    var (every, flows, quanta): (UInt32, UInt32, TelemetryQuanta?) = (1, 1, nil)
    switch rule.sampling {
    case .all: break
    case .every(let count): every = max(1, count)
    case .flows(let count): flows = max(1, count)
    case .change(let change): quanta = change
    }
    self.every = every
    self.flows = flows
    latencyQuantum = quanta?.latency.ticks(perSecond: ticksPerSecond) ?? 0
    queueQuantum = quanta?.queue.bytes ?? 0
    asksForChange = quanta != nil
  }

  /// Whether a parsed IP packet matches.
  func matches(_ packet: Packet) -> Bool {
    let state = packet.state
    let flags = packet.flags
    if flags.isDisjoint(with: version) { return false }
    if ipProtocol >= 0, Int16(state.pointee.ip_protocol) != ipProtocol { return false }
    if dscp >= 0, Int16(state.pointee.dscp) != dscp { return false }
    if queuePair >= 0, !flags.contains(.roce) || state.pointee.roce_qp != UInt32(queuePair) { return false }
    if asksPorts {
      let (source, destination) = (state.pointee.source_port, state.pointee.destination_port)
      guard flags.contains(.ports), source >= firstSource, source <= lastSource, destination >= firstDestination,
        destination <= lastDestination
      else { return false }
    }
    return !asksAddresses || matchesAddresses(of: packet)
  }

  private func matchesAddresses(of packet: Packet) -> Bool {
    let header = packet.bytes + Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      return UInt64(header.loadBigEndian(UInt32.self, at: 12)) & sourceLowMask == sourceLow
        && UInt64(header.loadBigEndian(UInt32.self, at: 16)) & destinationLowMask == destinationLow
    }
    return header.loadBigEndian(UInt64.self, at: 8) & sourceHighMask == sourceHigh
      && header.loadBigEndian(UInt64.self, at: 16) & sourceLowMask == sourceLow
      && header.loadBigEndian(UInt64.self, at: 24) & destinationHighMask == destinationHigh
      && header.loadBigEndian(UInt64.self, at: 32) & destinationLowMask == destinationLow
  }

  /// Counts a packet that matches. Whether it is chosen by its number or its flow.
  ///
  /// - Parameter flowHash: counts if ``needsHash`` is true.
  mutating func samples(flowHash: UInt32) -> Bool {
    let number = matched
    matched &+= 1
    if every > 1, number % UInt64(every) != 0 { return false }
    return flows <= 1 || UInt64(flowHash) % UInt64(flows) == 0
  }

  /// Whether the flow of a packet decides about it.
  var needsHash: Bool { flows > 1 || asksForChange }
}

/// What a flow was like when it was last chosen: the position is its hash.
struct FlowChange {
  var flow: UInt32 = 0
  var latency: UInt32 = .max
  var queue: UInt32 = .max

  static let tableSize = 4096

  /// Whether a flow is new here, or not as it was; it then counts as chosen.
  mutating func notes(flow: UInt32, latency: UInt64, queue: UInt64) -> Bool {
    let latency = UInt32(truncatingIfNeeded: latency)
    let queue = UInt32(truncatingIfNeeded: queue)
    if self.flow == flow, self.latency == latency, self.queue == queue { return false }
    self = FlowChange(flow: flow, latency: latency, queue: queue)
    return true
  }
}
