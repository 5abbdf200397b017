import CShims
import Dataplane

/// What arrives on one port: its captures merged by time, with their stamps turned into ticks, one frame after the
/// other as the wire allows.
///
/// A stamp is the moment at which a frame's first bit (its preamble) is on the wire of the port. A frame whose stamp lies
/// before the end of the one before it starts when the wire is free.
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
  private var line: Serializer
  private let gapTicks: UInt64
  private let headerTicks: UInt64
  private let clock: ReplayClock
  /// When the wire is free again; the next frame starts then at the earliest.
  private(set) var wireFree = Tick.zero
  private var current = 0
  private var frame: Frame?
  /// Zero of the present loop.
  private var loopStart = Tick.zero

  init(port: PortID, rate: BitRate, streams: consuming FlatTable<Stream>, clock: ReplayClock) {
    self.port = port
    self.streams = streams
    self.clock = clock
    line = Serializer(rate: rate, ticksPerSecond: ReplayClock.ticksPerSecond)
    gapTicks = line.ticks(bytes: EthernetOverhead.interPacketGap)
    headerTicks = line.ticks(bytes: EthernetOverhead.preamble + 64)
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
  mutating func begin(at tick: Tick, isFirst: Bool) throws(ReplayError) {
    loopStart = tick
    for index in 0..<streams.count {
      let stream = streams.base + index
      if !isFirst {
        do { try stream.pointee.reader.rewind() } catch { throw .capture(error) }
      }
      stream.pointee.paced = tick
      try readAhead(stream)
    }
    try advance()
  }

  /// Goes on to the next frame.
  mutating func advance() throws(ReplayError) {
    frame = nil
    var earliest = Tick.never
    for index in 0..<streams.count where streams.base[index].scheduled < earliest {
      earliest = streams.base[index].scheduled
      current = index
    }
    guard earliest != .never else { return }
    let stream = streams.base + current
    let record = stream.pointee.reader.record
    let start = max(earliest, wireFree)
    if clock.isStrict, start - earliest >= 1000 {
      throw .fasterThanLine(
        port: clock.portNames[port.index], path: stream.pointee.reader.path, packet: stream.pointee.reader.packets,
        early: Picoseconds(start - earliest))
    }
    let slot = max(Int(record.length), EthernetOverhead.minimumFrame) &+ EthernetOverhead.total
    wireFree = start + line.advance(bytes: slot)
    frame = Frame(
      bytes: UnsafeRawPointer(record.bytes), captured: Int(record.captured), length: Int(record.length), start: start,
      end: Tick(wireFree.rawValue &- gapTicks))
  }

  /// Counts the frame read ahead as offered and reads the stream's next one, which makes the frame's bytes invalid.
  mutating func take() throws(ReplayError) {
    let stream = streams.base + current
    stream.pointee.packets &+= 1
    stream.pointee.bytes &+= UInt64(stream.pointee.reader.record.length)
    try readAhead(stream)
    try advance()
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
