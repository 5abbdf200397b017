import Dataplane
import Synchronization

/// What was sent, by signature: written by the thread that sends, read by the one that receives.
///
/// Only the last frame of a signature is known. If more of them are on their way at a time, it is not known which of them
/// comes back: they are counted, and neither timed nor ordered.
struct SentTable: ~Copyable {
  /// What a frame that came back is.
  enum Return {
    /// The last of its signature, sent at a tick.
    case known(tick: UInt64, sequence: UInt64, flow: UInt32)
    /// One of several.
    case ambiguous
    /// More came back than were sent.
    case surplus
  }

  private let entries: FlatTable<SentEntry>
  /// Open addressing: signature and number of the entry.
  private let keys: FlatTable<UInt64>
  private let values: FlatTable<UInt32>
  private let mask: Int

  init(_ store: FrameStore) {
    entries = FlatTable(count: store.flows.count) { _ in SentEntry() }
    for (index, flow) in store.flows.enumerated() { entries.base[index].flow = flow }
    var size = 16
    while size < 2 * store.flows.count { size *= 2 }
    keys = FlatTable(repeating: 0, count: size)
    values = FlatTable(repeating: .max, count: size)
    mask = size - 1
    for (signature, number) in store.numbers {
      var place = Int(truncatingIfNeeded: signature) & mask
      while values.base[place] != .max { place = (place + 1) & mask }
      (keys.base[place], values.base[place]) = (signature, number)
    }
  }

  /// Notes that a frame is about to be sent.
  @inline(__always)
  func note(_ signature: UInt32, sequence: UInt64, at tick: Tick) {
    let entry = entries.base + Int(signature)
    let count = entry.pointee.sent.load(ordering: .relaxed)
    entry.pointee.previousTick.store(entry.pointee.lastTick.load(ordering: .relaxed), ordering: .relaxed)
    entry.pointee.lastTick.store(tick.rawValue, ordering: .relaxed)
    entry.pointee.lastSequence.store(sequence, ordering: .relaxed)
    entry.pointee.sent.store(count &+ 1, ordering: .releasing)
  }

  /// Notes that the device takes it only now.
  @inline(__always)
  func renote(_ signature: UInt32, at tick: Tick) {
    entries.base[Int(signature)].lastTick.store(tick.rawValue, ordering: .relaxed)
  }

  /// Number of a signature; nil for a frame that was never sent.
  @inline(__always)
  func find(_ signature: UInt64) -> UInt32? {
    var place = Int(truncatingIfNeeded: signature) & mask
    while values.base[place] != .max {
      if keys.base[place] == signature { return values.base[place] }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// Notes that a frame came back.
  ///
  /// - Parameter patience: ticks after which one that did not come back is lost.
  func noteReturn(_ signature: UInt32, at tick: Tick, patience: UInt64) -> Return {
    let entry = entries.base + Int(signature)
    let sent = entry.pointee.sent.load(ordering: .acquiring)
    let last = entry.pointee.lastTick.load(ordering: .relaxed)
    let sequence = entry.pointee.lastSequence.load(ordering: .relaxed)
    let previous = entry.pointee.previousTick.load(ordering: .relaxed)
    guard sent > entry.pointee.returned &+ entry.pointee.lost else { return .surplus }
    entry.pointee.returned &+= 1
    let pending = sent &- entry.pointee.returned &- entry.pointee.lost
    // Reading again shows whether the other thread was writing meanwhile.
    let isSteady = entry.pointee.sent.load(ordering: .acquiring) == sent
    guard isSteady, tick.rawValue >= last else { return .ambiguous }
    if pending > 0 {
      guard tick.rawValue &- min(previous, tick.rawValue) > patience else { return .ambiguous }
      entry.pointee.lost &+= pending
    }
    return .known(tick: last, sequence: sequence, flow: entry.pointee.flow)
  }
}

/// What is known about the frames of one signature.
struct SentEntry: ~Copyable {
  let sent = Atomic<UInt64>(0)
  let lastTick = Atomic<UInt64>(0)
  let lastSequence = Atomic<UInt64>(0)
  let previousTick = Atomic<UInt64>(0)
  // Of the thread that receives.
  var returned: UInt64 = 0
  var lost: UInt64 = 0
  var flow: UInt32 = 0
}
