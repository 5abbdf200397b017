/// A flow took another path.
struct PathChange: BitwiseCopyable {
  /// By the collector's clock, in nanoseconds.
  var time: UInt64
  var flow: FlowIdentity
  var flowID: UInt64
  var oldCount: UInt8 = 0
  var newCount: UInt8 = 0
  var old = InlineArray<16, PathHop>(repeating: PathHop(node: .max, ingress: .max, egress: .max))
  var new = InlineArray<16, PathHop>(repeating: PathHop(node: .max, ingress: .max, egress: .max))

  init(time: UInt64, flow: FlowIdentity, flowID: UInt64, from: TrackedPath, to: TrackedPath) {
    (self.time, self.flow, self.flowID) = (time, flow, flowID)
    (oldCount, newCount) = (from.count, to.count)
    for index in 0..<Int(from.count) { old[index] = from[index].hop }
    for index in 0..<Int(to.count) { new[index] = to[index].hop }
  }

  var oldHops: [PathHop] { (0..<Int(oldCount)).map { old[$0] } }
  var newHops: [PathHop] { (0..<Int(newCount)).map { new[$0] } }
}

/// A node dropped a packet.
struct DropRecord: BitwiseCopyable {
  var time: UInt64
  var hop: PathHop
  var queue: UInt16
  /// The node's code for the reason; all ones: none was given.
  var reason: UInt16
  var flow: FlowIdentity
  var bytes: UInt64

  static let unknownReason = UInt16.max
}

/// What drops are counted by.
struct DropKey: TableKey {
  var node: UInt32
  var reason: UInt16

  func hash(seed: UInt64) -> UInt64 {
    var mixer = Mixer(seed)
    mixer.add(UInt64(node) << 16 | UInt64(reason))
    return mixer.value
  }
}

/// Datagrams that did not come between two others.
struct GapRecord: BitwiseCopyable {
  var time: UInt64
  var source: SourceKey
  /// The first that came after the gap.
  var number: UInt32
  var missing: UInt32
}

/// A flow that made room for others.
struct FlowRecord: BitwiseCopyable {
  var identity: FlowIdentity
  var state: FlowState
}
