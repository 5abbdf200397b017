/// How bursts are told from what is normal.
public struct BurstOptions: Equatable, Sendable {
  /// A burst begins with a packet that leaves this many bytes or more behind.
  public var threshold: UInt64 = 100_000
  /// It ends with one that leaves fewer than this behind.
  public var release: UInt64 = 50_000
  /// It ends as well when so many nanoseconds pass without a packet.
  public var gap: UInt64 = 1_000_000

  /// The usual: from 100 kB on, until 50 kB.
  public init() {}
}

/// One who filled a queue.
struct Contributor: BitwiseCopyable, Equatable, Sendable {
  var flow = FlowIdentity()
  var bytes: UInt64 = 0
  var packets: UInt64 = 0
  /// Bytes that may be another's: the table was full when this one came.
  var uncertain: UInt64 = 0
}

/// A time during which a queue was deep, and who had packets in it meanwhile.
///
/// A packet counts if it was in the queue at any time from the beginning to the end: if it left at or after the beginning
/// and came at or before the end. Without its latency it counts from when it left alone.
struct Burst: BitwiseCopyable {
  /// Flows of a burst that are told apart; with more, the largest are still found (space-saving, Metwally 2005).
  static let capacity = 32

  var key: QueueKey
  var start: UInt64
  /// When the depth fell below the release; while it has not, when the last packet left.
  var end: UInt64
  var peak: UInt64
  var peakTime: UInt64
  /// All packets that were in the queue.
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  /// Whether the depth has fallen; packets that were in the queue then are still awaited.
  var isEnding = false
  /// When the last packet came in here, by the collector's clock.
  var lastArrival: UInt64 = 0
  var count: UInt8 = 0
  var contributors = InlineArray<32, Contributor>(repeating: Contributor())

  init(_ key: QueueKey, at time: UInt64, depth: UInt64) {
    self.key = key
    (start, end, peakTime) = (time, time, time)
    peak = depth
  }

  mutating func add(_ flow: FlowIdentity, bytes: UInt64) {
    packets += 1
    self.bytes = self.bytes.addingSaturating(bytes)
    var least = 0
    for index in 0..<Int(count) {
      if contributors[index].flow == flow {
        contributors[index].bytes = contributors[index].bytes.addingSaturating(bytes)
        contributors[index].packets += 1
        return
      }
      if contributors[index].bytes < contributors[least].bytes { least = index }
    }
    if Int(count) < Self.capacity {
      contributors[Int(count)] = Contributor(flow: flow, bytes: bytes, packets: 1)
      count += 1
      return
    }
    let before = contributors[least].bytes
    contributors[least] = Contributor(
      flow: flow, bytes: before.addingSaturating(bytes), packets: contributors[least].packets + 1, uncertain: before)
  }

  /// Who had most bytes in the queue, most first.
  var ranked: [Contributor] {
    (0..<Int(count)).map { contributors[$0] }.sorted {
      ($1.bytes, $1.packets, $0.flow.text) < ($0.bytes, $0.packets, $1.flow.text)
    }
  }
}

/// Finds bursts in what packets say of queues.
struct BurstDetector: ~Copyable {
  let options: BurstOptions
  /// Bursts going on at once; of more, nothing is told but their number.
  static var capacity: Int { 256 }

  private let active: UnsafeMutablePointer<Burst>
  private var inUse = InlineArray<256, Bool>(repeating: false)
  private(set) var activeCount = 0
  /// Bursts that found no room.
  private(set) var overlooked: UInt64 = 0
  var finished: RecordRing<Burst>

  static func bytes(finished: Int) -> Int {
    capacity * MemoryLayout<Burst>.stride + RecordRing<Burst>.bytes(capacity: finished)
  }

  init(_ options: BurstOptions, finished: Int) {
    self.options = options
    active = .allocate(capacity: Self.capacity)
    self.finished = RecordRing(capacity: finished)
  }

  deinit { active.deallocate() }

  /// Takes what a packet said of a queue.
  ///
  /// - Parameters:
  ///   - time: when the packet left.
  ///   - latency: how long it had been in the node; 0 if it did not say.
  mutating func take(
    _ state: UnsafeMutablePointer<QueueState>, time: UInt64, depth: UInt64, latency: UInt64, flow: FlowIdentity,
    bytes: UInt64, arrival: UInt64
  ) {
    if state.pointee.burst >= 0 {
      let slot = Int(state.pointee.burst)
      extend(slot, state, time: time, depth: depth, latency: latency, flow: flow, bytes: bytes, arrival: arrival)
      if state.pointee.burst >= 0 { return }
    }
    guard depth >= options.threshold else { return }
    begin(state, time: time, depth: depth, flow: flow, bytes: bytes, arrival: arrival)
  }

  private mutating func begin(
    _ state: UnsafeMutablePointer<QueueState>, time: UInt64, depth: UInt64, flow: FlowIdentity, bytes: UInt64,
    arrival: UInt64
  ) {
    state.pointee.bursts += 1
    guard activeCount < Self.capacity, let slot = inUse.indices.first(where: { !inUse[$0] }) else {
      overlooked += 1
      return
    }
    inUse[slot] = true
    activeCount += 1
    (active + slot).initialize(to: Burst(state.pointee.total.key, at: time, depth: depth))
    active[slot].add(flow, bytes: bytes)
    active[slot].lastArrival = arrival
    state.pointee.burst = Int32(slot)
  }

  private mutating func extend(
    _ slot: Int, _ state: UnsafeMutablePointer<QueueState>, time: UInt64, depth: UInt64, latency: UInt64,
    flow: FlowIdentity, bytes: UInt64, arrival: UInt64
  ) {
    let burst = active + slot
    // Reports overtake each other: this packet left before the burst began.
    guard time >= burst.pointee.start else { return }
    if !burst.pointee.isEnding, time > burst.pointee.end.addingSaturating(options.gap) {
      return finish(state)
    }
    let entry = time >= latency ? time - latency : 0
    guard !burst.pointee.isEnding || entry <= burst.pointee.end else { return finish(state) }
    burst.pointee.add(flow, bytes: bytes)
    burst.pointee.lastArrival = arrival
    guard !burst.pointee.isEnding else {
      // As deep again while the last packets of the burst leave: what follows is another one.
      if depth >= options.threshold, time > burst.pointee.end { finish(state) }
      return
    }
    burst.pointee.end = max(burst.pointee.end, time)
    if depth > burst.pointee.peak {
      burst.pointee.peak = depth
      burst.pointee.peakTime = time
    }
    if depth < options.release { burst.pointee.isEnding = true }
  }

  /// Ends the burst of a queue.
  mutating func finish(_ state: UnsafeMutablePointer<QueueState>) {
    guard state.pointee.burst >= 0 else { return }
    let slot = Int(state.pointee.burst)
    state.pointee.burst = -1
    finished.append(active[slot])
    inUse[slot] = false
    activeCount -= 1
  }

  /// The bursts that had no packet since a moment of the collector's clock.
  func silent(since arrival: UInt64) -> [QueueKey] {
    inUse.indices.filter { inUse[$0] && active[$0].lastArrival <= arrival }.map { active[$0].key }
  }
}
