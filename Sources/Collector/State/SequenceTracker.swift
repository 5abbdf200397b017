/// Who numbers datagrams: a part of a node, towards one receiver.
struct SourceKey: TableKey {
  var node: UInt32
  var hardware: UInt8
  /// A hash of the receiver's address and port: captures may show several.
  var receiver: UInt64

  func hash(seed: UInt64) -> UInt64 {
    var mixer = Mixer(seed)
    mixer.add(UInt64(node) << 8 | UInt64(hardware))
    mixer.add(receiver)
    return mixer.value
  }
}

/// Follows the 22-bit sequence numbers of one source through loss, reordering, repetition and restarts.
struct SequenceTracker: BitwiseCopyable {
  /// What a number told.
  enum Finding: Equatable {
    /// The next one, or the first of all.
    case next
    /// Numbers before it have not come (yet).
    case gap(UInt32)
    /// One that was missing: so many numbers late.
    case late(UInt32)
    /// One that had come already.
    case duplicate
    /// Far from all that came; the next one tells whether the source has begun anew.
    case stray
    /// The source has begun anew.
    case restart
  }

  /// Numbers of which it is known whether they came.
  static let window: Int32 = 1024
  /// A gap longer than this is believed only when a second number confirms it.
  static let longestGap: Int32 = 1 << 16
  private static let mask: UInt32 = 0x3F_FFFF

  var received: UInt64 = 0
  var lost: UInt64 = 0
  var reordered: UInt64 = 0
  var duplicates: UInt64 = 0
  var restarts: UInt64 = 0
  var strays: UInt64 = 0
  /// How late the latest of all was, in numbers.
  var greatestDelay: UInt32 = 0
  private(set) var highest: UInt32 = 0
  private var hasBegun = false
  private var candidate: UInt32 = .max
  /// Of the last numbers up to the highest, those that came; by their low bits.
  private var seen = InlineArray<16, UInt64>(repeating: 0)
  /// Numbers that are younger than the beginning: what is older was never expected.
  private var age: UInt32 = 0

  /// The distance from one number to another, the short way round.
  private static func distance(from: UInt32, to: UInt32) -> Int32 {
    Int32(bitPattern: (to &- from) << 10) >> 10
  }

  mutating func take(_ number: UInt32) -> Finding {
    let number = number & Self.mask
    received += 1
    guard hasBegun else {
      begin(at: number)
      return .next
    }
    let distance = Self.distance(from: highest, to: number)
    if distance > 0, distance <= Self.longestGap { return advance(by: distance, to: number) }
    if distance <= 0, -distance < Self.window { return lookBack(-distance, number) }
    return takeStray(number, distance)
  }

  private mutating func advance(by distance: Int32, to number: UInt32) -> Finding {
    candidate = .max
    if distance >= Self.window {
      seen = InlineArray(repeating: 0)
    } else {
      for step in 1..<UInt32(distance) { set((highest &+ step) & Self.mask, false) }
    }
    set(number, true)
    highest = number
    age = min(age &+ UInt32(distance), UInt32(Self.window))
    guard distance > 1 else { return .next }
    lost += UInt64(distance - 1)
    return .gap(UInt32(distance - 1))
  }

  private mutating func lookBack(_ distance: Int32, _ number: UInt32) -> Finding {
    candidate = .max
    if isSeen(number) {
      duplicates += 1
      return .duplicate
    }
    set(number, true)
    reordered += 1
    greatestDelay = max(greatestDelay, UInt32(distance))
    // What came before the first was not counted as lost.
    if UInt32(distance) < age, lost > 0 { lost -= 1 }
    return .late(UInt32(distance))
  }

  private mutating func takeStray(_ number: UInt32, _ distance: Int32) -> Finding {
    let step = candidate == .max ? 0 : Self.distance(from: candidate, to: number)
    guard step > 0, step < Self.window else {
      strays += 1
      candidate = number
      return .stray
    }
    let first = candidate
    strays -= 1
    restarts += 1
    begin(at: first)
    set(number, true)
    for between in 1..<UInt32(step) { set((first &+ between) & Self.mask, false) }
    highest = number
    age = UInt32(step) + 1
    lost += UInt64(step - 1)
    return .restart
  }

  private mutating func begin(at number: UInt32) {
    hasBegun = true
    candidate = .max
    seen = InlineArray(repeating: 0)
    set(number, true)
    highest = number
    age = 1
  }

  private func isSeen(_ number: UInt32) -> Bool {
    let bit = Int(number) & (Int(Self.window) - 1)
    return seen[bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  private mutating func set(_ number: UInt32, _ value: Bool) {
    let bit = Int(number) & (Int(Self.window) - 1)
    let mask = UInt64(1) << UInt64(bit & 63)
    seen[bit >> 6] = value ? seen[bit >> 6] | mask : seen[bit >> 6] & ~mask
  }
}
