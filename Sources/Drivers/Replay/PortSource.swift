import CShims
import Dataplane

/// What arrives on one port: its captures merged by time, with their stamps turned into ticks, one frame after the
/// other as the wire allows.
///
/// A stamp is the moment at which a frame's first bit (its preamble) is on the wire of the port. A frame whose stamp lies
/// before the end of the one before it starts when the wire is free. A frame whose priority the switch has paused starts
/// when the pause is over, and frames of other priorities pass it (`PortSource+Pauses.swift`).
struct PortSource: ~Copyable {
  /// One capture, with its next packet read ahead.
  struct Stream: ~Copyable {
    var reader: CaptureReader
    let index: Int
    /// When the packet read ahead should start; ``Tick/never`` at the end.
    var scheduled = Tick.never
    var pacer: Serializer
    /// When the next packet starts at a constant rate.
    var paced = Tick.zero
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
    var error: CaptureError?

    init(reader: consuming CaptureReader, index: Int, pacer: Serializer) {
      self.reader = reader
      self.index = index
      self.pacer = pacer
    }
  }

  /// A frame that is about to arrive.
  struct Frame {
    var bytes: UnsafeRawPointer
    var captured: Int
    var length: Int
    var start: Tick
    var end: Tick
  }

  let port: PortID
  let streams: FlatTable<Stream>
  var line: Serializer
  /// Serialises as if nothing were ever paused, for `--strict`.
  private var unpausedLine: Serializer
  private var unpausedFree = Tick.zero
  private let gapTicks: UInt64
  private let headerTicks: UInt64
  private let clock: ReplayClock
  /// When the wire is free for the frame read ahead; it starts then at the earliest.
  private(set) var wireFree = Tick.zero
  /// The stream that the frame read ahead comes from.
  private var current = 0
  private var frame: Frame?
  /// What the wire is like behind the frame read ahead.
  private var lineBehind: Serializer
  private var wireFreeBehind = Tick.zero
  /// Zero of the present loop.
  private var loopStart = Tick.zero

  /// What pause frames say.
  var gate: PauseGate
  /// Whether they are obeyed.
  private let obeysPauses: Bool
  /// True while a pause may hold a frame back.
  private var mayBePaused = false
  /// Frames that are paused, by priority group, and behind those MAC control.
  let lines = FlatTable<WaitingLine>(count: 9) { _ in WaitingLine() }
  /// By line: PFC priorities, a bit each.
  let priorities: InlineArray<9, UInt8>
  /// Frames in ``lines``, and the memory that they take.
  var waitingFrames = 0
  var waitingBytes = 0
  /// Most of that memory.
  let waitingCapacity: Int
  var nextSequence: UInt64 = 0
  /// The line that the frame read ahead is the first of; nil: it comes from a stream.
  var plannedLine: Int?

  init(
    port: PortID, _ configuration: SwitchConfiguration, streams: consuming FlatTable<Stream>, clock: ReplayClock,
    response: PauseResponse?, waitingCapacity: Int
  ) {
    self.port = port
    self.streams = streams
    self.clock = clock
    self.waitingCapacity = waitingCapacity
    let entry = configuration.ports[port.index]
    line = Serializer(
      rate: entry.speed, ticksPerSecond: ReplayClock.ticksPerSecond, serialization: configuration.serialization)
    unpausedLine = line
    lineBehind = line
    gapTicks = line.ticks(bytes: EthernetOverhead.interPacketGap)
    headerTicks = line.ticks(bytes: EthernetOverhead.preamble + 64)
    obeysPauses = response != nil
    gate = PauseGate(
      port: entry, response: response ?? .immediate, ticksPerSecond: ReplayClock.ticksPerSecond,
      serialization: configuration.serialization)
    priorities = PortSource.priorities(configuration)
  }

  /// When the frame read ahead has arrived as far as the switch needs it; ``Tick/never`` at the end.
  @inline(__always)
  func due(_ mode: ForwardingMode) -> Tick {
    guard let frame else { return .never }
    return mode == .cutThrough ? min(frame.end, frame.start + headerTicks) : frame.end
  }

  /// The frame read ahead.
  @inline(__always)
  var next: Frame? { frame }

  /// Starts a loop at a tick: reads each stream's first packet.
  mutating func begin(at tick: Tick, isFirst: Bool, _ device: inout Switch) throws(ReplayError) {
    loopStart = tick
    for index in 0..<streams.count {
      let stream = streams.base + index
      if !isFirst {
        do { try stream.pointee.reader.rewind() } catch { throw .capture(error) }
      }
      stream.pointee.paced = tick
      try readAhead(stream)
    }
    try plan(&device)
  }

  /// Counts the frame read ahead as offered and goes on to the next one, which makes the frame's bytes invalid.
  mutating func take(_ device: inout Switch) throws(ReplayError) {
    wireFree = wireFreeBehind
    line = lineBehind
    if let plannedLine {
      takeWaiting(from: plannedLine)
    } else {
      let stream = streams.base + current
      count(stream, length: Int(stream.pointee.reader.record.length))
      try leaveStream(current)
    }
    try plan(&device)
  }

  /// Decides which frame is next, and when it starts.
  @inline(__always)
  mutating func plan(_ device: inout Switch) throws(ReplayError) {
    frame = nil
    if mayBePaused {
      mayBePaused = waitingFrames > 0 || !gate.isOpen(from: wireFree)
      if mayBePaused { return try planPaused(&device) }
    }
    let index = earliestStream()
    let scheduled = streams.base[index].scheduled
    if scheduled != .never { planStream(index, start: max(scheduled, wireFree)) }
  }

  /// Takes in a packet that left the port. True: it was a pause frame, and the frame read ahead may be another now, or
  /// start at another time.
  mutating func heed(_ packet: Packet, _ device: inout Switch) throws(ReplayError) -> Bool {
    guard obeysPauses, streams.count > 0, let tick = gate.receive(packet) else { return false }
    gate.settle(upTo: packet.departure)
    mayBePaused = true
    // A frame that starts before the pause counts is finished.
    guard let frame, frame.start >= tick else { return false }
    try plan(&device)
    return true
  }

  /// The stream whose next packet is due first; of equals the first. If that is never due, all are at their end.
  @inline(__always)
  func earliestStream() -> Int {
    var found = 0
    for index in 1..<max(1, streams.count) where streams.base[index].scheduled < streams.base[found].scheduled {
      found = index
    }
    return found
  }

  /// Makes a stream's packet the next frame.
  @inline(__always)
  mutating func planStream(_ index: Int, start: Tick) {
    let record = streams.base[index].reader.record
    current = index
    plannedLine = nil
    plan(UnsafeRawPointer(record.bytes), captured: Int(record.captured), length: Int(record.length), start: start)
  }

  @inline(__always)
  mutating func plan(_ bytes: UnsafeRawPointer, captured: Int, length: Int, start: Tick) {
    let slot = max(length, EthernetOverhead.minimumFrame) &+ EthernetOverhead.total
    lineBehind = line
    wireFreeBehind = start + lineBehind.advance(bytes: slot)
    frame = Frame(
      bytes: bytes, captured: captured, length: length, start: start,
      end: Tick(wireFreeBehind.rawValue &- gapTicks))
  }

  /// Counts a frame as offered.
  @inline(__always)
  func count(_ stream: UnsafeMutablePointer<Stream>, length: Int) {
    stream.pointee.packets &+= 1
    stream.pointee.bytes &+= UInt64(length)
  }

  /// Reads the next packet of a stream whose present one has been taken.
  mutating func leaveStream(_ index: Int) throws(ReplayError) {
    let stream = streams.base + index
    if clock.isStrict { try checkPace(stream) }
    try readAhead(stream)
  }

  /// Refuses a packet that comes before the wire would be free, pauses apart.
  private mutating func checkPace(_ stream: UnsafeMutablePointer<Stream>) throws(ReplayError) {
    let scheduled = stream.pointee.scheduled
    let start = max(scheduled, unpausedFree)
    if start - scheduled >= 1000 {
      throw .fasterThanLine(
        port: clock.portNames[port.index], path: stream.pointee.reader.path, packet: stream.pointee.reader.packets,
        early: Picoseconds(start - scheduled))
    }
    let length = Int(stream.pointee.reader.record.length)
    let slot = max(length, EthernetOverhead.minimumFrame) &+ EthernetOverhead.total
    unpausedFree = start + unpausedLine.advance(bytes: slot)
  }

  /// Reads the next packet of a stream that is within the window, and schedules it.
  private func readAhead(_ stream: UnsafeMutablePointer<Stream>) throws(ReplayError) {
    stream.pointee.scheduled = .never
    while true {
      do {
        guard try stream.pointee.reader.next() else { return }
      } catch {
        stream.pointee.error = error
        return
      }
      let record = stream.pointee.reader.record
      if clock.skipsEarly && record.stamp_ns < clock.zeroNanoseconds { continue }
      // A packet that lies out of order before the first one is taken at zero.
      let offset = record.stamp_ns > clock.zeroNanoseconds ? record.stamp_ns &- clock.zeroNanoseconds : 0
      if let until = clock.untilNanoseconds, offset > until {
        if offset - until > ReplayClock.disorderNanoseconds { return }
        continue
      }
      guard offset < ReplayClock.longestNanoseconds else {
        throw .span(path: stream.pointee.reader.path, packet: stream.pointee.reader.packets)
      }
      return schedule(stream, offset: offset, length: Int(record.length))
    }
  }

  /// A tick of this loop. What does not fit is put just beyond the horizon, where the replay ends with an error.
  @inline(__always)
  private func tick(_ ticks: UInt64) -> Tick {
    let (sum, isBeyond) = loopStart.rawValue.addingReportingOverflow(ticks)
    return isBeyond ? Tick(ReplayClock.horizon + 1) : Tick(min(sum, ReplayClock.horizon + 1))
  }

  @inline(__always)
  private func schedule(_ stream: UnsafeMutablePointer<Stream>, offset: UInt64, length: Int) {
    switch clock.speed {
    case .factor(1, 1): stream.pointee.scheduled = tick(offset &* 1000)
    case .factor(let numerator, let denominator):
      let scaled = (offset &* 1000).multipliedFullWidth(by: denominator)
      stream.pointee.scheduled = tick(
        scaled.high >= numerator ? .max : numerator.dividingFullWidth(scaled).quotient)
    case .rate:
      stream.pointee.scheduled = stream.pointee.paced
      let slot = max(length, EthernetOverhead.minimumFrame) &+ EthernetOverhead.total
      stream.pointee.paced = stream.pointee.paced + stream.pointee.pacer.advance(bytes: slot)
    case .lineRate: stream.pointee.scheduled = loopStart
    }
  }
}

/// How stamps of captures become ticks, the same for all inputs of a replay.
struct ReplayClock: Sendable {
  /// One tick is a picosecond.
  static let ticksPerSecond: UInt64 = 1_000_000_000_000
  /// Offsets stay below this: 100 days.
  static let longestNanoseconds: UInt64 = 100 * 86_400 * 1_000_000_000
  /// How far behind a packet beyond `--until` others are looked for that lie before it: a second. So the rest of a
  /// long capture need not be read, and one whose stamps are not quite in order loses nothing.
  static let disorderNanoseconds: UInt64 = 1_000_000_000
  /// The last tick of virtual time: 200 days. Beyond 213 days ticks would wrap.
  static let horizon: UInt64 = 200 * 86_400 * ticksPerSecond

  /// The stamp that is tick zero.
  let zeroNanoseconds: UInt64
  /// The last offset from zero that is replayed.
  let untilNanoseconds: UInt64?
  /// Whether packets before tick zero are left out.
  let skipsEarly: Bool
  let speed: ReplaySpeed
  let isStrict: Bool
  let portNames: [String]
}
