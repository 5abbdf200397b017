/// How much of its time a port sent, in windows of equal length one after the other.
struct PortUtilisation {
  /// Ticks of a window.
  private let window: UInt64
  /// When the present window ends.
  private var end: UInt64
  /// Ticks of the present window in which the port sends, and those behind its end.
  private var busy: UInt64 = 0
  private var beyond: UInt64 = 0
  /// Parts in a million of the last whole window.
  private var last: UInt32 = 0

  init(window: UInt64) {
    self.window = max(1, window)
    end = self.window
  }

  /// The value for a frame that starts at a tick: of the last window that was over then.
  ///
  /// Cost: 6 instructions within a window; two divisions at the beginning of one.
  @inline(always)
  mutating func value(at start: Tick) -> UInt32 {
    if start.rawValue >= end { close(start.rawValue) }
    return last
  }

  /// Adds the time that a frame takes whose start ``value(at:)`` was asked for.
  @inline(always)
  mutating func add(_ start: Tick, ticks: UInt64) {
    let inside = min(ticks, end &- start.rawValue)
    busy &+= inside
    beyond &+= ticks &- inside
  }

  @inline(never)
  private mutating func close(_ now: UInt64) {
    // Beside the present window so many others are over, which hold what reached beyond its end.
    let passed = (now &- end) / window
    let skipped = passed == 0 ? 0 : (passed &- 1) &* window
    last = share(passed == 0 ? busy : beyond > skipped ? beyond &- skipped : 0)
    beyond = beyond > passed &* window ? beyond &- passed &* window : 0
    busy = min(beyond, window)
    beyond &-= busy
    end &+= (passed &+ 1) &* window
  }

  private func share(_ ticks: UInt64) -> UInt32 {
    let product = min(ticks, window).multipliedFullWidth(by: 1_000_000)
    return UInt32(truncatingIfNeeded: window.dividingFullWidth(product).quotient)
  }
}
