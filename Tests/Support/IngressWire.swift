import Dataplane

/// The wire into a port: frames one after the other at line rate, with their gaps.
struct IngressWire {
  /// A frame to be put on the wire.
  struct Arrival {
    var frame: [UInt8]
    var tick: UInt64
    var length: Int
  }

  /// Picoseconds per byte as an exact fraction, and its carried remainder: no use of the switch's own arithmetic.
  private let numerator: UInt64
  private let denominator: UInt64
  private var remainder: UInt64 = 0
  private var free: UInt64 = 0
  private var waiting: [Arrival] = []
  private var first = 0
  private var isSorted = true

  init(rate: BitRate) {
    numerator = 8 * VirtualSwitch.ticksPerSecond
    denominator = rate.bitsPerSecond
  }

  mutating func append(_ arrival: Arrival) {
    if let last = waiting.last, last.tick > arrival.tick { isSorted = false }
    waiting.append(arrival)
  }

  /// When the next frame has arrived as far as the switch needs it: its last bit, or 64 bytes to cut through.
  mutating func due(_ mode: ForwardingMode) -> UInt64 {
    sort()
    guard first < waiting.count else { return .max }
    return arrived(mode, waiting[first], from: max(waiting[first].tick, free))
  }

  private func arrived(_ mode: ForwardingMode, _ arrival: Arrival, from start: UInt64) -> UInt64 {
    let end = self.end(of: arrival, from: start)
    return mode == .cutThrough ? min(end, start + whole(bytes: 8 + 64)) : end
  }

  /// The tick of its last bit: all that it takes on the wire but for the gap.
  private func end(of arrival: Arrival, from start: UInt64) -> UInt64 {
    start + (UInt64(max(arrival.length, 60) + 24) * numerator + remainder) / denominator - whole(bytes: 12)
  }

  private func whole(bytes: Int) -> UInt64 { UInt64(bytes) * numerator / denominator }

  /// Takes the next frame off the list; its slot on the wire is over when the next one may start.
  mutating func take(_ mode: ForwardingMode) -> (arrival: Arrival, start: UInt64, end: UInt64)? {
    guard first < waiting.count else { return nil }
    let arrival = waiting[first]
    first += 1
    if first == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      first = 0
    }
    let start = max(arrival.tick, free)
    let end = end(of: arrival, from: start)
    let scaled = UInt64(max(arrival.length, 60) + 24) * numerator + remainder
    free = start + scaled / denominator
    remainder = scaled % denominator
    return (arrival, start, end)
  }

  /// Orders frames by time; those for the same tick stay in the order in which they were sent.
  private mutating func sort() {
    if isSorted { return }
    let ordered = waiting[first...].enumerated().sorted {
      ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset)
    }
    waiting = ordered.map(\.element)
    first = 0
    isSorted = true
  }
}
