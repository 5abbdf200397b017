import Dataplane
import Glibc

/// Packets that wait for their tick, in flat memory of a fixed size.
///
/// Those that come in the order of their ticks, which is nearly all, go into a ring; the others into a binary heap. At
/// equal ticks the packet that came first goes first. Memory that is not used is not touched. The
/// heap takes a comparison per doubling of its length.
struct HoldingLine: ~Copyable {
  private struct Held {
    var tick: UInt64
    var sequence: UInt64
    var packet: Packet

    @inline(__always)
    func isBefore(_ other: Held) -> Bool {
      tick != other.tick ? tick < other.tick : sequence < other.sequence
    }
  }

  /// Packets that fit: a power of two.
  let capacity: Int
  private let memory: UnsafeMutableRawPointer
  private let ring: UnsafeMutablePointer<Held>
  private let heap: UnsafeMutablePointer<Held>
  private var ringStart = 0
  private var ringCount = 0
  private var heapCount = 0
  private var sequence: UInt64 = 0

  /// An empty line for at least `capacity` packets.
  init(capacity: Int) {
    var size = 1
    while size < capacity { size *= 2 }
    self.capacity = size
    // Zeroed pages of the system, which take no memory until a packet lies in them.
    let bytes = 2 * size * MemoryLayout<Held>.stride
    memory = calloc(1, bytes) ?? UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    ring = memory.bindMemory(to: Held.self, capacity: 2 * size)
    heap = ring + size
  }

  deinit {
    for index in 0..<ringCount { PacketMemory.free(ring[(ringStart &+ index) & (capacity &- 1)].packet) }
    for index in 0..<heapCount { PacketMemory.free(heap[index].packet) }
    Glibc.free(memory)
  }

  /// Packets that wait.
  var count: Int { ringCount &+ heapCount }

  /// When the next packet is due; ``Tick/never`` if none waits.
  @inline(__always)
  var nextTick: Tick {
    let inRing = ringCount == 0 ? UInt64.max : ring[ringStart].tick
    return Tick(heapCount == 0 ? inRing : min(inRing, heap[0].tick))
  }

  /// Takes a packet in until a tick. False: the line is full.
  @inline(__always)
  mutating func push(_ packet: Packet, until tick: Tick) -> Bool {
    if ringCount &+ heapCount == capacity { return false }
    let held = Held(tick: tick.rawValue, sequence: sequence, packet: packet)
    sequence &+= 1
    if ringCount == 0 || ring[(ringStart &+ ringCount &- 1) & (capacity &- 1)].tick <= tick.rawValue {
      ring[(ringStart &+ ringCount) & (capacity &- 1)] = held
      ringCount &+= 1
    } else {
      insert(held)
    }
    return true
  }

  /// Hands out the packet that is due first, with its tick as its departure; nil if none is due.
  @inline(__always)
  mutating func pop(upTo now: Tick) -> Packet? {
    let isHeap = heapCount > 0 && (ringCount == 0 || heap[0].isBefore(ring[ringStart]))
    if !isHeap && ringCount == 0 { return nil }
    let held = isHeap ? heap[0] : ring[ringStart]
    if held.tick > now.rawValue { return nil }
    if isHeap {
      removeFirstOfHeap()
    } else {
      ringStart = (ringStart &+ 1) & (capacity &- 1)
      ringCount &-= 1
    }
    held.packet.state.pointee.departure = held.tick
    return held.packet
  }

  private mutating func insert(_ held: Held) {
    var hole = heapCount
    heapCount &+= 1
    while hole > 0 {
      let parent = (hole &- 1) / 2
      if !held.isBefore(heap[parent]) { break }
      heap[hole] = heap[parent]
      hole = parent
    }
    heap[hole] = held
  }

  private mutating func removeFirstOfHeap() {
    heapCount &-= 1
    let last = heap[heapCount]
    var hole = 0
    while true {
      var child = 2 &* hole &+ 1
      if child >= heapCount { break }
      if child &+ 1 < heapCount, heap[child &+ 1].isBefore(heap[child]) { child &+= 1 }
      if !heap[child].isBefore(last) { break }
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = last
  }
}
