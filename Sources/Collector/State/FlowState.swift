/// One hop of a flow's path and what its packets met there.
struct FlowHop: BitwiseCopyable {
  var hop: PathHop
  var queue = HopRecord.unknownQueue
  var hopLimit: UInt8 = 0
  var packets: UInt64 = 0
  var latencies: UInt64 = 0
  var sumLatency: UInt64 = 0
  var maxLatency: UInt64 = 0
  var maxDepth: UInt64 = 0

  init(_ hop: PathHop) { self.hop = hop }

  mutating func take(_ record: HopRecord) {
    // What this packet's report left out may be known from others.
    if hop.ingress == HopRecord.unknownNumber { hop.ingress = record.ingress }
    if hop.egress == HopRecord.unknownNumber { hop.egress = record.egress }
    if record.queue != HopRecord.unknownQueue { queue = record.queue }
    if record.hopLimit != 0 { hopLimit = record.hopLimit }
    packets &+= 1
    if record.depth != HopRecord.unknown { maxDepth = max(maxDepth, record.depth) }
    if let stay = record.stay {
      latencies &+= 1
      sumLatency = sumLatency.addingSaturating(stay)
      maxLatency = max(maxLatency, stay)
    }
  }
}

/// What is kept of a flow.
struct FlowState: BitwiseCopyable {
  /// A number that no other flow ever has.
  var id: UInt64
  /// In which turn of the store it was last touched.
  var turn: UInt32 = 0
  /// When the first and the last report came, in nanoseconds of the collector's clock.
  var first: UInt64
  var last: UInt64
  var reports: UInt64 = 0
  /// Packets whose way was seen, and their bytes.
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  var drops: UInt64 = 0
  var changes: UInt64 = 0
  /// The path, in the order of passing.
  var path = TrackedPath()
}

/// The path of a flow as far as it is known, and the rules by which it changes.
struct TrackedPath: BitwiseCopyable {
  /// What an observation did to it.
  enum Outcome: Equatable {
    /// It was the first.
    case first
    /// It agrees, in whole or in part.
    case same
    /// It adds hops that were not known.
    case extended
    /// It contradicts: the path has changed.
    case changed
  }

  var count: UInt8 = 0
  /// It was never seen in one piece: there may be more hops.
  var isPartial = true
  private var hops = InlineArray<16, FlowHop>(
    repeating: FlowHop(PathHop(node: .max, ingress: .max, egress: .max)))

  subscript(index: Int) -> FlowHop { hops[index] }

  /// The hops.
  var all: [FlowHop] { (0..<Int(count)).map { hops[$0] } }

  /// Whether an observation may contradict the path: if not, ``take(_:)`` only counts.
  func wouldChange(_ list: borrowing HopList) -> Bool {
    guard count > 0, list.count > 0 else { return false }
    return places(of: list) == nil || !list.isPartial && list.count != Int(count)
  }

  /// Takes an observation of one packet.
  mutating func take(_ list: borrowing HopList) -> Outcome {
    guard list.count > 0 else { return .same }
    guard count > 0 else {
      replace(with: list)
      return .first
    }
    if let places = places(of: list) {
      if list.isPartial || list.count == Int(count) {
        for index in 0..<list.count { hops[places[index]].take(list[index]) }
        if !list.isPartial { isPartial = false }
        return .same
      }
      // A whole path that is shorter has lost hops.
      replace(with: list)
      return .changed
    }
    if isPartial, covers(list) {
      let old = self
      replace(with: list)
      keep(old)
      return .extended
    }
    if isPartial, list.isPartial, merge(list) { return .extended }
    replace(with: list)
    return .changed
  }

  /// Where each hop of an observation is in the path; nil if one is not, or not in this order.
  private func places(of list: borrowing HopList) -> InlineArray<16, Int>? {
    var places = InlineArray<16, Int>(repeating: 0)
    var next = 0
    for index in 0..<list.count {
      let hop = list[index].hop
      while next < Int(count), !hops[next].hop.agrees(with: hop) { next += 1 }
      guard next < Int(count) else { return nil }
      places[index] = next
      next += 1
    }
    return places
  }

  /// Whether an observation has all hops of the path, in this order.
  private func covers(_ list: borrowing HopList) -> Bool {
    var next = 0
    for index in 0..<list.count where next < Int(count) && hops[next].hop.agrees(with: list[index].hop) { next += 1 }
    return next == Int(count)
  }

  /// Puts hops of a partial observation to their places by the hop limit; false if they contradict the path.
  private mutating func merge(_ list: borrowing HopList) -> Bool {
    var merged = self
    for index in 0..<list.count {
      let record = list[index]
      if let known = (0..<Int(merged.count)).first(where: { merged.hops[$0].hop.node == record.node }) {
        guard merged.hops[known].hop.agrees(with: record.hop) else { return false }
        merged.hops[known].take(record)
        continue
      }
      // At the distance of another node, it is there instead of that.
      guard record.hopLimit > 0, Int(merged.count) < HopList.capacity,
        !(0..<Int(merged.count)).contains(where: { merged.hops[$0].hopLimit == record.hopLimit })
      else { return false }
      let place = (0..<Int(merged.count)).first { merged.hops[$0].hopLimit < record.hopLimit } ?? Int(merged.count)
      var position = Int(merged.count)
      while position > place {
        merged.hops[position] = merged.hops[position - 1]
        position -= 1
      }
      merged.hops[place] = FlowHop(record.hop)
      merged.hops[place].take(record)
      merged.count += 1
    }
    self = merged
    return true
  }

  /// Adds what hops of this path had met before.
  private mutating func keep(_ old: TrackedPath) {
    for known in old.all {
      guard let index = (0..<Int(count)).first(where: { hops[$0].hop.agrees(with: known.hop) }) else { continue }
      hops[index].packets &+= known.packets
      hops[index].latencies &+= known.latencies
      hops[index].sumLatency = hops[index].sumLatency.addingSaturating(known.sumLatency)
      hops[index].maxLatency = max(hops[index].maxLatency, known.maxLatency)
      hops[index].maxDepth = max(hops[index].maxDepth, known.maxDepth)
    }
  }

  private mutating func replace(with list: borrowing HopList) {
    for index in 0..<list.count {
      hops[index] = FlowHop(list[index].hop)
      hops[index].take(list[index])
    }
    count = UInt8(list.count)
    isPartial = list.isPartial
  }
}
