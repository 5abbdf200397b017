import Dataplane

/// When each frame of a run is due, exactly: what a division leaves over is carried on.
struct SendPacer {
  private enum Kind { case stamps, bits, packets, unlimited }
  private let kind: Kind
  private var line: Serializer
  private var passed: UInt64 = 0

  init(_ pace: SendPace, ticksPerSecond: UInt64) {
    var rate = BitRate.gigabits(1)
    switch pace {
    case .factor: kind = .stamps
    case .bits(let wanted): (kind, rate) = (.bits, wanted)
    // One byte a packet, at eight bits for each packet a second.
    case .packets(let count): (kind, rate) = (.packets, BitRate(bitsPerSecond: 8 * count))
    case .unlimited: kind = .unlimited
    }
    line = Serializer(rate: rate, ticksPerSecond: ticksPerSecond)
  }

  /// Counts a frame as offered.
  @inline(__always)
  mutating func advance(past frame: StoredFrame) {
    switch kind {
    case .bits:
      passed &+= line.advance(bytes: max(Int(frame.length), EthernetOverhead.minimumFrame) + EthernetOverhead.total)
    case .packets: passed &+= line.advance(bytes: 1)
    case .stamps, .unlimited: break
    }
  }

  /// When the next frame is due.
  ///
  /// - Parameters:
  ///   - start: of the run.
  ///   - base: of this loop, at the capture's own spacing.
  @inline(__always)
  func due(_ frame: StoredFrame, start: Tick, base: Tick) -> Tick {
    switch kind {
    case .stamps: base + frame.offset
    case .bits, .packets: start + passed
    case .unlimited: start
    }
  }
}
