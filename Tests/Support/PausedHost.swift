import Dataplane

/// A host at the far end of a port's cable: it sends at line rate, and obeys pause frames, each priority on its own.
///
/// Its timers and its wire are reckoned without any code of the switch.
struct PausedHost {
  /// A frame to be sent.
  struct Frame {
    var bytes: [UInt8]
    var wireLength: Int
    var tick: UInt64
    /// The priority that stops it; nil for what nothing stops.
    var priority: Int?
  }

  /// Picoseconds from one end of the cable to the other.
  let delay: UInt64
  /// Picoseconds that it takes to stop.
  let response: UInt64
  /// Whether the link is up; it sends nothing while it is not.
  var isUp = true
  /// Frames that it sent, and that have not arrived yet, with the ticks at which they begin and end at the switch.
  var inFlight = Fifo<(frame: Frame, start: UInt64, end: UInt64)>()
  /// Ticks at which pause frames reach it, with their bytes.
  var pauses = Fifo<(tick: UInt64, bytes: [UInt8])>()

  private let bitsPerSecond: UInt64
  private var remainder: UInt64 = 0
  private var wireFree: UInt64 = 0
  /// By priority, and what nothing stops.
  private var waiting = [Fifo<Frame>](repeating: Fifo(), count: 9)
  /// Stopped in the interval from, up to but not including, until.
  private var stoppedFrom = [UInt64](repeating: 0, count: 8)
  private var stoppedUntil = [UInt64](repeating: 0, count: 8)
  private var next: (tick: UInt64, queue: Int) = (.max, 8)

  init(_ port: PortConfiguration, response: UInt64) {
    bitsPerSecond = port.speed.bitsPerSecond
    self.response = response
    delay = port.cable.millimetres * 1000 / 198 + 1
  }

  /// When it begins its next frame, as far as it knows.
  var nextStart: UInt64 { next.tick }

  /// Frames of one priority are sent in the order in which they are given.
  mutating func send(_ frame: Frame) {
    waiting[frame.priority ?? 8].append(frame)
  }

  /// Whether it has nothing more to send.
  var isDone: Bool { inFlight.isEmpty && pauses.isEmpty && waiting.allSatisfy(\.isEmpty) }

  /// Decides what is sent next: the earliest of what may be, control first and then low priorities first.
  mutating func choose() {
    next = (.max, 8)
    guard isUp else { return }
    for queue in [8, 0, 1, 2, 3, 4, 5, 6, 7] {
      guard let first = waiting[queue].first else { continue }
      var tick = max(wireFree, first.tick)
      if queue < 8, stoppedFrom[queue] <= tick, tick < stoppedUntil[queue] { tick = stoppedUntil[queue] }
      if tick < next.tick { next = (tick, queue) }
    }
  }

  /// Puts the chosen frame on the wire.
  mutating func start() {
    let tick = next.tick
    guard let frame = waiting[next.queue].popFirst() else { return }
    let length = max(frame.wireLength, 60)
    let scaled = UInt64(length + 24) * 8_000_000_000_000 + remainder
    wireFree = tick + scaled / bitsPerSecond
    remainder = scaled % bitsPerSecond
    let end = tick + time(ofBytes: length + 12)
    inFlight.append((frame, tick + delay, end + delay))
    choose()
  }

  /// How long bytes take on the wire.
  func time(ofBytes bytes: Int) -> UInt64 {
    bitsPerSecond.dividingFullWidth(UInt64(bytes).multipliedFullWidth(by: 8_000_000_000_000)).quotient
  }

  /// A frame of the switch begins to leave it at `departure`.
  mutating func pauseSent(_ bytes: [UInt8], departure: UInt64) {
    // Preamble and 64 bytes.
    pauses.append((departure + time(ofBytes: 72) + delay, bytes))
  }

  /// Obeys the pause frame that has come. Nil, or what is wrong with it.
  mutating func obey(at now: UInt64) -> String? {
    guard let frame = pauses.popFirst()?.bytes else { return nil }
    guard frame.count == 60, frame[0..<6] == [1, 0x80, 0xC2, 0, 0, 1], frame[12] == 0x88, frame[13] == 8, frame[15] == 1
    else { return "a pause frame of \(frame.count) bytes: \(frame)" }
    for priority in 0..<8 {
      let quanta: Int
      if frame[14] == 0 {
        quanta = Int(frame[16]) << 8 | Int(frame[17])
      } else {
        guard frame[17] >> UInt8(priority) & 1 != 0 else { continue }
        quanta = Int(frame[18 + 2 * priority]) << 8 | Int(frame[19 + 2 * priority])
      }
      let isStopped = now < stoppedUntil[priority]
      if quanta > 0, !isStopped { stoppedFrom[priority] = now + response }
      stoppedUntil[priority] = now + time(ofBytes: 64 * quanta)
    }
    choose()
    return nil
  }

  /// The link goes down or comes up: no pause is known any more.
  mutating func setLink(isUp: Bool, at now: UInt64) {
    self.isUp = isUp
    for priority in 0..<8 { (stoppedFrom[priority], stoppedUntil[priority]) = (0, 0) }
    pauses.removeAll()
    wireFree = max(wireFree, now)
    choose()
  }
}

/// A queue of values in an array that is not moved for every one taken.
struct Fifo<Element> {
  private var elements: [Element] = []
  private var head = 0

  var isEmpty: Bool { head == elements.count }
  var first: Element? { head < elements.count ? elements[head] : nil }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    defer {
      head += 1
      if head == elements.count { removeAll() }
    }
    return elements[head]
  }

  mutating func removeAll() {
    elements.removeAll(keepingCapacity: true)
    head = 0
  }
}
