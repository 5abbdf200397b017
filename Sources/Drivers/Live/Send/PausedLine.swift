import Dataplane

/// Frames of one priority that wait for the end of a pause, in the order in which they were due.
struct PausedLine: ~Copyable {
  /// A frame and when it was due.
  struct Waiting {
    var frame: StoredFrame
    var due: Tick
  }

  private static let capacity = 1024
  private let ring: UnsafeMutablePointer<Waiting>
  private var start = 0
  private(set) var count = 0

  init() { ring = .allocate(capacity: PausedLine.capacity) }

  deinit { ring.deallocate() }

  /// The frame that has waited longest; there is one.
  var first: Waiting { ring[start] }

  /// Adds a frame. False: the line is full.
  mutating func push(_ frame: StoredFrame, due: Tick) -> Bool {
    if count == PausedLine.capacity { return false }
    (ring + (start &+ count) % PausedLine.capacity).initialize(to: Waiting(frame: frame, due: due))
    count &+= 1
    return true
  }

  /// Forgets the first.
  mutating func removeFirst() {
    start = (start &+ 1) % PausedLine.capacity
    count &-= 1
  }
}
