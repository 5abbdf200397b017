import Dataplane

/// Time on the wire by fractions: no use of the switch's own arithmetic.
enum WireTheory {
  /// Picoseconds that `bytes` take at a rate, rounded down. Back to back frames begin at the sum of the bytes before
  /// them, rounded down once.
  static func picoseconds(bytes: Int, at rate: BitRate) -> Int {
    let (quotient, _) = rate.bitsPerSecond.dividingFullWidth(
      UInt64(bytes).multipliedFullWidth(by: 8_000_000_000_000))
    return Int(quotient)
  }

  /// What a frame without check sequence occupies: padding to 60 bytes, preamble 8, check sequence 4, gap 12 (IEEE 802.3
  /// clauses 3.1.1 and 4.4.2).
  static func slot(_ length: Int) -> Int { max(length, 60) + 24 }

  /// One-way delay of a cable: light goes 198 000 km in a second. Rounded up to a picosecond.
  static func delay(_ cable: CableLength) -> Int { Int((cable.millimetres * 1000 + 197) / 198) }

  /// Last bit at the switch of the k-th frame, k from 1, that a source sends back to back from `start` on.
  static func arrival(_ k: Int, length: Int, start: Int, port: PortConfiguration) -> Int {
    start + picoseconds(bytes: k * slot(length), at: port.speed) - picoseconds(bytes: 12, at: port.speed)
      + delay(port.cable)
  }

  /// How long after its last bit was in the switch a pause frame that answers a frame is whole at the source: 72 bytes
  /// with preamble and check sequence, and the way there.
  static func pauseFrame(on port: PortConfiguration) -> Int {
    picoseconds(bytes: 72, at: port.speed) + delay(port.cable)
  }

  /// Frames that a source still starts behind the one whose last bit made the switch send XOFF, if it obeys `response`
  /// after the XOFF has arrived. `wait`: how long the XOFF waits for a frame on the switch's wire.
  static func framesAfterXOFF(length: Int, on port: PortConfiguration, response: Int, wait: Int = 0) -> Int {
    // Its first successor starts, at the source, a gap after the frame's last bit was there.
    let late =
      wait + pauseFrame(on: port) + delay(port.cable) + response - picoseconds(bytes: 12, at: port.speed)
    guard late > 0 else { return 0 }
    // Frames start a slot apart: as many as there are slots, or beginnings of one, in that time.
    let bits = UInt64(late).multipliedFullWidth(by: port.speed.bitsPerSecond)
    let (whole, rest) = UInt64(8_000_000_000_000 * slot(length)).dividingFullWidth(bits)
    return Int(whole) + (rest > 0 ? 1 : 0)
  }

  /// 512 bit times at a rate (IEEE 802.3 annex 31B.2).
  static func quanta(_ count: Int, at rate: BitRate) -> Int { picoseconds(bytes: 64 * count, at: rate) }

  /// Time between an XOFF and the next: as configured, or half of what it asks for, and never so short that pause frames
  /// take more than a third of the wire.
  static func refresh(_ pause: PauseConfiguration, at rate: BitRate) -> Int {
    let wanted = pause.refresh.map { Int($0.count) } ?? quanta(Int(pause.quanta), at: rate) / 2
    return max(wanted, 3 * picoseconds(bytes: 84, at: rate))
  }

  /// Quanta within which a station stops after a pause frame (IEEE 802.3 clause 31B.3.7, as SONiC lists them).
  static func responseQuanta(at rate: BitRate) -> Int {
    switch rate.bitsPerSecond / 1_000_000 {
    case ...10_000: 67
    case ...25_000: 80
    case ...40_000: 118
    case ...50_000: 147
    case ...100_000: 394
    case ...200_000: 453
    case ...400_000: 905
    default: 1810
    }
  }
}
