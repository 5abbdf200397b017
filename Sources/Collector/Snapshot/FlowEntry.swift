import Wire

/// A flow, its path, and what its packets met there.
public struct FlowEntry: Codable, Equatable, Sendable {
  /// One hop of a path.
  public struct Hop: Codable, Equatable, Sendable {
    /// The node; nil: it did not say.
    public var node: UInt32?
    /// The interface that packets came in by.
    public var ingress: UInt32?
    /// The interface that they went out by.
    public var egress: UInt32?
    /// The queue that the last packet left.
    public var queue: UInt16?
    /// Packets that told of this hop.
    public var packets: UInt64
    /// Nanoseconds in the node, on average.
    public var meanLatencyNs: Double?
    /// Nanoseconds in the node, at most.
    public var maxLatencyNs: UInt64?
    /// Most bytes that a packet left behind in the queue.
    public var maxDepthBytes: UInt64?

    /// The hop alone.
    public var pathHop: PathHop { PathHop(node: node ?? .max, ingress: ingress ?? .max, egress: egress ?? .max) }
  }

  /// A number that no other flow of the collector has.
  public var id: UInt64
  /// The sender's address.
  public var source: String
  /// The receiver's address.
  public var destination: String
  /// `tcp`, `udp`, `roce`, or another.
  public var `protocol`: String
  /// The sender's port; 0 without ports.
  public var sourcePort: UInt16
  /// The receiver's port; 0 without ports.
  public var destinationPort: UInt16
  /// The receiver's queue pair of RoCE.
  public var queuePair: UInt32?
  /// When the first and the last report came, in nanoseconds since 1970.
  public var firstNs: UInt64
  /// When the last report came.
  public var lastNs: UInt64
  /// Reports.
  public var reports: UInt64
  /// Packets whose way was seen.
  public var packets: UInt64
  /// Their bytes, without telemetry and check sequence.
  public var bytes: UInt64
  /// Packets that a node reported as dropped.
  public var drops: UInt64
  /// How often the path has changed.
  public var pathChanges: UInt64
  /// The path was never seen in one piece: there may be more hops.
  public var isPathPartial: Bool
  /// The path, in the order of passing.
  public var path: [Hop]

  /// Ends, protocol and queue pair in one line.
  public var text: String {
    let ports = sourcePort != 0 || destinationPort != 0
    func end(_ address: String, _ port: UInt16) -> String {
      guard ports else { return address }
      return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
    let pair = queuePair.map { " qp \($0)" } ?? ""
    return "\(end(source, sourcePort)) > \(end(destination, destinationPort)) \(self.protocol)\(pair)"
  }

  /// The path in one line; `...` where there may be more.
  public var pathText: String {
    FlowEntry.text(of: path.map(\.pathHop)) + (isPathPartial && !path.isEmpty ? " ..." : "")
  }

  /// A path in one line.
  public static func text(of hops: [PathHop]) -> String {
    hops.isEmpty ? "-" : hops.map(\.text).joined(separator: " > ")
  }
}

extension FlowEntry {
  init(_ identity: FlowIdentity, _ state: FlowState) {
    id = state.id
    source = identity.source?.description ?? "unknown"
    destination = identity.destination?.description ?? "unknown"
    `protocol` = identity.protocolName
    (sourcePort, destinationPort) = (identity.sourcePort, identity.destinationPort)
    queuePair = identity.queuePair == FlowIdentity.noQueuePair ? nil : identity.queuePair
    (firstNs, lastNs, reports) = (state.first, state.last, state.reports)
    (packets, bytes, drops) = (state.packets, state.bytes, state.drops)
    pathChanges = state.changes
    isPathPartial = state.path.isPartial
    path = state.path.all.map { hop in
      Hop(
        node: hop.hop.node.known, ingress: hop.hop.ingress.known, egress: hop.hop.egress.known,
        queue: hop.queue == HopRecord.unknownQueue ? nil : hop.queue, packets: hop.packets,
        meanLatencyNs: hop.latencies == 0 ? nil : Double(hop.sumLatency) / Double(hop.latencies),
        maxLatencyNs: hop.latencies == 0 ? nil : hop.maxLatency, maxDepthBytes: hop.maxDepth)
    }
  }
}

extension UInt32 {
  /// The number; nil if it is all ones.
  var known: UInt32? { self == .max ? nil : self }
}

extension UInt16 {
  /// The number; nil if it is all ones.
  var known: UInt16? { self == .max ? nil : self }
}

/// A path, and the flows that take it.
public struct PathEntry: Codable, Equatable, Sendable {
  /// The hops, in the order of passing. What they met is that of all flows.
  public var hops: [FlowEntry.Hop]
  /// There may be more hops.
  public var isPartial: Bool
  /// Flows that take it now.
  public var flows: Int
  /// Their packets.
  public var packets: UInt64
  /// Their bytes.
  public var bytes: UInt64

  /// The paths of flows: those with most bytes first.
  public static func paths(of flows: [FlowEntry]) -> [PathEntry] {
    var places: [[PathHop]: Int] = [:]
    var paths: [PathEntry] = []
    for flow in flows where !flow.path.isEmpty {
      let key = flow.path.map(\.pathHop)
      guard let place = places[key] else {
        places[key] = paths.count
        paths.append(
          PathEntry(
            hops: flow.path, isPartial: flow.isPathPartial, flows: 1, packets: flow.packets, bytes: flow.bytes))
        continue
      }
      paths[place].add(flow)
    }
    return paths.enumerated().sorted { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }.map(\.element)
  }

  private mutating func add(_ flow: FlowEntry) {
    flows += 1
    packets += flow.packets
    bytes = bytes.addingSaturating(flow.bytes)
    isPartial = isPartial && flow.isPathPartial
    for index in hops.indices {
      let (old, new) = (hops[index], flow.path[index])
      hops[index].packets += new.packets
      hops[index].maxDepthBytes = [old.maxDepthBytes, new.maxDepthBytes].compactMap(\.self).max()
      hops[index].maxLatencyNs = [old.maxLatencyNs, new.maxLatencyNs].compactMap(\.self).max()
      let known = [old, new].filter { $0.meanLatencyNs != nil }
      let packets = known.reduce(0) { $0 + Double($1.packets) }
      guard packets > 0 else { continue }
      hops[index].meanLatencyNs = known.reduce(0) { $0 + ($1.meanLatencyNs ?? 0) * Double($1.packets) } / packets
    }
  }
}
