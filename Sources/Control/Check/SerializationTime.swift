import Dataplane

/// How long a frame occupies the wire, exactly: whole picoseconds and a fraction in lowest terms.
public struct SerializationTime: Codable, Equatable, Sendable, CustomStringConvertible {
  /// Bytes on the wire: frame, check sequence, preamble and gap.
  public var wireBytes: Int
  /// Whole picoseconds.
  public var ps: UInt64
  /// What is left, as numerator and denominator; 0 and 1 for a whole number.
  public var numerator: UInt64, denominator: UInt64

  /// Computes a time.
  ///
  /// - Parameters:
  ///   - wireBytes: Bytes on the wire, up to 2 million.
  ///   - rate: The line rate, not 0.
  public init(wireBytes: Int, at rate: BitRate) {
    self.wireBytes = wireBytes
    // 2 million bytes are 1.6e19 bit-picoseconds per second, which fits.
    let product = UInt64(wireBytes) * 8 * 1_000_000_000_000
    (ps, numerator) = product.quotientAndRemainder(dividingBy: rate.bitsPerSecond)
    var (divisor, other) = (rate.bitsPerSecond, numerator)
    while other > 0 { (divisor, other) = (other, divisor % other) }
    numerator /= divisor
    denominator = rate.bitsPerSecond / divisor
  }

  /// `6720 ps`, `20 2/3 ps`.
  public var description: String { numerator == 0 ? "\(ps) ps" : "\(ps) \(numerator)/\(denominator) ps" }
}
