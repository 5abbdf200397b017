import Dataplane
import Glibc

/// What is on its way over a link to a port: frames in their order, each until its last bit is there.
///
/// A frame that its switch began to send at a tick has arrived when the link's delay and the time of its bits on the wire
/// have passed; with cut-through, of its first 64 bytes. Its worker takes it then, or as soon as it comes to it. Memory is
/// flat, and touched only where a frame lies in it.
struct LinkLine: ~Copyable {
  private struct Frame {
    var packet: Packet
    var start: Tick
    var end: Tick
    var due: Tick
  }

  /// Frames that can be on their way: a power of two. 10 ms of 64-byte frames at 10G; what is beyond waits in the device,
  /// and then at the sender.
  private static let usualCapacity = 1 << 17
  /// Bytes of a frame that cut-through waits for, behind the preamble.
  private static let headBytes = 64
  private static let preambleBytes = 8
  private static let checkBytes = 4

  /// Whether the port is an end of a link.
  let isLink: Bool
  private let capacity: Int
  private let frames: UnsafeMutablePointer<Frame>
  private let delayTicks: UInt64
  private var serializer: Serializer
  private let isCutThrough: Bool
  private var first = 0
  /// Frames that are on their way.
  private(set) var count = 0

  /// A line of a link with a delay and a speed; nil: the port is no end of a link.
  init(_ link: LivePlan.Link?, speed: BitRate, isCutThrough: Bool) {
    let ticks = LiveClock.ticksPerSecond
    isLink = link != nil
    capacity = link == nil ? 0 : LinkLine.usualCapacity
    delayTicks = (link?.delay ?? .zero).ticks(perSecond: ticks)
    serializer = Serializer(rate: speed, ticksPerSecond: ticks)
    self.isCutThrough = isCutThrough
    // Zeroed pages of the system.
    let bytes = max(1, capacity) * MemoryLayout<Frame>.stride
    let memory = calloc(1, bytes) ?? UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    frames = memory.bindMemory(to: Frame.self, capacity: max(1, capacity))
  }

  deinit {
    for index in 0..<count { PacketMemory.free(frames[(first &+ index) & (capacity &- 1)].packet) }
    Glibc.free(frames)
  }

  /// Whether a whole burst fits.
  @inline(__always)
  var hasRoom: Bool { capacity &- count >= PacketBurst.capacity }

  /// When the next frame has arrived; ``Tick/never`` if none is on its way.
  @inline(__always)
  var nextArrival: Tick { count == 0 ? .never : frames[first].due }

  /// Puts the packets of a burst on the link; there is room for them. Each has the ``Packet/departure`` that its switch has
  /// given it.
  mutating func take(_ burst: inout PacketBurst) {
    var index = 0
    while index < burst.count {
      let packet = burst[index]
      let length = max(packet.wireLength, EthernetOverhead.minimumFrame)
      let head = min(LinkLine.headBytes, length &+ LinkLine.checkBytes)
      let start = packet.departure + delayTicks
      let whole = serializer.advance(bytes: LinkLine.preambleBytes &+ length &+ LinkLine.checkBytes)
      let end = start + whole
      let early =
        start + whole * UInt64(head &+ LinkLine.preambleBytes)
        / UInt64(
          LinkLine.preambleBytes &+ length &+ LinkLine.checkBytes)
      frames[(first &+ count) & (capacity &- 1)] = Frame(
        packet: packet, start: start, end: end, due: isCutThrough ? early : end)
      count &+= 1
      index &+= 1
    }
    burst.removeAll()
  }

  /// Adds frames that have arrived by `now` to a burst, as many as fit, each with its times. `number` is that of the first.
  mutating func release(at now: Tick, into burst: inout PacketBurst, number: inout UInt64) {
    while count > 0, !burst.isFull, frames[first].due <= now {
      let frame = frames[first]
      frame.packet.arrived(
        number: number, wireLength: frame.packet.wireLength, start: frame.start, end: frame.end,
        latencyFrom: isCutThrough ? frame.start : frame.end)
      number &+= 1
      burst.append(frame.packet)
      first = (first &+ 1) & (capacity &- 1)
      count &-= 1
    }
  }
}
