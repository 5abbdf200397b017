import Glibc

/// Work whose time depends on nothing but the CPU: arithmetic on one register, each step waiting for the last.
///
/// Runs beside every measurement. When it takes longer, so would everything.
public enum Calibration {
  private static let steps = 2_000_000

  /// Nanoseconds of 100 rounds of shift, exclusive or and multiply. Cost: some 10 ms.
  @inline(never)
  public static func measure() -> Double {
    var value = UInt64(truncatingIfNeeded: getpid()) | 1
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      for _ in 0..<steps { value = (value ^ (value >> 7)) &* 0x9E37_79B9_7F4A_7C15 }
    }
    // Something must depend on the result, or there is nothing to time.
    precondition(value != 0 || steps == 0 || elapsed >= .zero)
    let nanoseconds = Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) / 1e9
    return nanoseconds * 100 / Double(steps)
  }
}
