/// A queue of a node, or what is known of it.
public struct QueueKey: BitwiseCopyable, Equatable, Hashable, Sendable {
  /// The node.
  public var node: UInt32
  /// The interface that it sends to; all ones: not known.
  public var egress: UInt32
  /// Its number; all ones: not known.
  public var queue: UInt16
}

extension QueueKey: TableKey {
  func hash(seed: UInt64) -> UInt64 {
    var mixer = Mixer(seed)
    mixer.add(UInt64(node) << 32 | UInt64(egress))
    mixer.add(UInt64(queue))
    return mixer.value
  }
}

/// What packets told of a queue during one interval.
struct QueueBin: BitwiseCopyable, Equatable, Sendable {
  var key: QueueKey
  /// When the interval began, in nanoseconds.
  var start: UInt64
  var packets: UInt64 = 0
  /// Packets that told the depth, and what they told, in bytes.
  var depths: UInt64 = 0
  var maxDepth: UInt64 = 0
  var sumDepth: UInt64 = 0
  /// Packets that told their time in the node, and what they told, in nanoseconds.
  var latencies: UInt64 = 0
  var maxLatency: UInt64 = 0
  var sumLatency: UInt64 = 0

  mutating func add(depth: UInt64?, latency: UInt64?) {
    packets &+= 1
    if let depth {
      depths &+= 1
      maxDepth = max(maxDepth, depth)
      sumDepth = sumDepth.addingSaturating(depth)
    }
    if let latency {
      latencies &+= 1
      maxLatency = max(maxLatency, latency)
      sumLatency = sumLatency.addingSaturating(latency)
    }
  }

  /// Adds what packets told in the same interval.
  mutating func add(_ other: QueueBin) {
    packets &+= other.packets
    depths &+= other.depths
    latencies &+= other.latencies
    maxDepth = max(maxDepth, other.maxDepth)
    maxLatency = max(maxLatency, other.maxLatency)
    sumDepth = sumDepth.addingSaturating(other.sumDepth)
    sumLatency = sumLatency.addingSaturating(other.sumLatency)
  }
}

/// What is kept of a queue.
struct QueueState: BitwiseCopyable {
  /// All that was ever told of it, but for ``QueueBin/start``.
  var total: QueueBin
  /// The interval that is not over.
  var bin: QueueBin
  /// When the deepest moment was.
  var deepestTime: UInt64 = 0
  var lastDepth: UInt64 = 0
  var lastTime: UInt64 = 0
  var bursts: UInt64 = 0
  var drops: UInt64 = 0
  /// Reports that its congestion caused.
  var congested: UInt64 = 0
  /// The burst that is going on; -1: none.
  var burst: Int32 = -1

  init(_ key: QueueKey, at time: UInt64, width: UInt64) {
    total = QueueBin(key: key, start: 0)
    bin = QueueBin(key: key, start: time / width * width)
  }
}
