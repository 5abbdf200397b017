import CShims
import Wire

/// Next-hop groups: for each a table of 2^k buckets, filled with its members in proportion to their weights.
///
/// Choosing a member is one mask and one load; the hash was taken when the packet was parsed.
struct NextHopGroups: ~Copyable {
  struct Group {
    var firstBucket = 0
    var firstMember = 0
    /// Number of buckets minus one.
    var mask: UInt32 = 0
    /// Next bucket in round-robin mode.
    var cursor: UInt32 = 0
  }

  /// One member, and what went its way.
  struct Member {
    var neighbor: UInt32 = 0
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
  }

  struct Flowlet {
    var last = Tick.zero
    var generation: UInt64 = 0
  }

  /// How many flowlets are told apart.
  private static let flowletCount = 16_384
  /// What a bucket of a group without live members holds.
  private static let nobody = ResilientBuckets.unassigned

  private let groups: FlatTable<Group>
  private let buckets: FlatTable<UInt16>
  let members: FlatTable<Member>
  private let flowlets: FlatTable<Flowlet>
  private let hasher: FlowHasher
  private let fields: ECMPFields
  private let mode: ECMPMode
  private let needsHash: Bool
  /// How packets without tags, options and fragments are hashed; nil if it takes a closer look.
  let plainKey: PlainFlowKey?
  private let flowletTicks: UInt64
  // For control alone: the packet path reads the tables above.
  private var assignments: [ResilientBuckets] = []
  private var memberPorts: [[PortID]] = []

  /// - Parameter neighbor: position in the neighbour table of a member, and the port it is on (none for a VLAN).
  init(
    _ configuration: SwitchConfiguration, ticksPerSecond: UInt64,
    neighbor: (NextHopConfiguration) -> (position: Int, port: PortID)
  ) throws(SwitchError) {
    let ecmp = configuration.ecmp
    hasher = FlowHasher(seed: ecmp.seed, switchID: configuration.id)
    fields = ecmp.fields
    plainKey = PlainFlowKey(fields: ecmp.fields, hasher: hasher)
    mode = ecmp.mode
    needsHash = ecmp.mode != .roundRobin && !configuration.nextHopGroups.isEmpty
    flowletTicks = ecmp.flowletGap.ticks(perSecond: ticksPerSecond)
    flowlets = FlatTable(repeating: Flowlet(), count: mode == .flowlet ? NextHopGroups.flowletCount : 1)
    var groups: [Group] = []
    var members: [Member] = []
    var bucketTotal = 0
    for group in configuration.nextHopGroups {
      guard group.members.count <= WeightedBuckets.largestTable else { throw .tooManyNextHops(group.prefix) }
      let weights = group.members.map(\.weight)
      let assignment = ResilientBuckets(weights: weights, minimumBuckets: WeightedBuckets.leastTable(for: weights))
      groups.append(
        Group(
          firstBucket: bucketTotal, firstMember: members.count,
          mask: UInt32(max(1, assignment.bucketCount) - 1)))
      bucketTotal += max(1, assignment.bucketCount)
      var ports: [PortID] = []
      for member in group.members {
        let (position, port) = neighbor(member)
        members.append(Member(neighbor: UInt32(position)))
        ports.append(port)
      }
      memberPorts.append(ports)
      assignments.append(assignment)
    }
    self.groups = FlatTable(groups)
    self.members = FlatTable(members)
    buckets = FlatTable(repeating: NextHopGroups.nobody, count: bucketTotal)
    for index in assignments.indices { publish(index) }
  }

  /// The choice for a packet depends on nothing but its flow: asked again, it is the same.
  var choosesByFlow: Bool { mode == .hash }

  /// Chooses a member for a packet: its index into ``members``, or nil if none is alive.
  @inline(__always)
  func select(_ group: Int, for packet: Packet, at now: Tick) -> Int? {
    let entry = groups.base + group
    let bucket: UInt32
    switch mode {
    case .hash: bucket = packet.state.pointee.flow_hash
    case .roundRobin:
      bucket = entry.pointee.cursor
      entry.pointee.cursor = bucket &+ 1
    case .flowlet:
      let flow = packet.state.pointee.flow_hash
      let flowlet = flowlets.base + Int(flow) & (NextHopGroups.flowletCount - 1)
      if now - flowlet.pointee.last > flowletTicks { flowlet.pointee.generation &+= 1 }
      flowlet.pointee.last = now
      bucket = hasher.finish(hasher.mix(UInt64(flow), flowlet.pointee.generation))
    }
    let member = buckets.base[entry.pointee.firstBucket &+ Int(bucket & entry.pointee.mask)]
    return member == NextHopGroups.nobody ? nil : entry.pointee.firstMember &+ Int(member)
  }

  /// Notes the hash of a parsed IP packet's flow, if a group may ask for it. Cost: 34 instructions for five fields.
  @inline(__always)
  func hashFlow(of packet: Packet) {
    if needsHash { packet.state.pointee.flow_hash = FlowKey.hash(packet, fields: fields, hasher: hasher) }
  }

  /// The member that owns the first bucket of a group, or -1 if none is alive.
  func firstMember(of group: Int) -> Int {
    let entry = groups.base[group]
    let member = buckets.base[entry.firstBucket]
    return member == NextHopGroups.nobody ? -1 : entry.firstMember &+ Int(member)
  }

  /// Takes the members on a port out of their groups, or back in. Only their own buckets move.
  mutating func setPort(_ port: PortID, isUp: Bool) {
    for (group, ports) in memberPorts.enumerated() {
      var changed = false
      for (member, memberPort) in ports.enumerated() where memberPort == port {
        let moved = isUp ? assignments[group].restore(member) : assignments[group].remove(member)
        changed = changed || moved > 0
      }
      if changed { publish(group) }
    }
  }

  private func publish(_ group: Int) {
    let first = groups.base[group].firstBucket
    for (bucket, member) in assignments[group].assignment.enumerated() { buckets.base[first + bucket] = member }
  }

  /// Takes over what members have counted that another set of groups has too.
  ///
  /// - Parameter pairs: positions there and here.
  func takeCounters(from old: borrowing NextHopGroups, _ pairs: [(old: Int, new: Int)]) {
    for pair in pairs {
      members.base[pair.new].packets = old.members.base[pair.old].packets
      members.base[pair.new].bytes = old.members.base[pair.old].bytes
    }
  }

  /// What went which way, for reports. Reads nothing but flat memory, so that another thread may ask while the worker
  /// changes the assignment.
  func statistics(of group: Int) -> [(packets: UInt64, bytes: UInt64, achievedShare: Double)] {
    let entry = groups.base[group]
    var held = Array(repeating: 0, count: memberPorts[group].count)
    for bucket in 0...Int(entry.mask) {
      let member = Int(buckets.base[entry.firstBucket + bucket])
      if member < held.count { held[member] += 1 }
    }
    return held.enumerated().map { member, held in
      let counted = members.base[entry.firstMember + member]
      return (counted.packets, counted.bytes, Double(held) / Double(entry.mask + 1))
    }
  }
}
