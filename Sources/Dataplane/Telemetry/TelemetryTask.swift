import CShims

/// What is to be done with a packet's telemetry when it leaves, decided when it came to its queue: one word.
struct TelemetryTask {
  /// The word: kind, rule, offset of the shim, octets by which the packet grows, flags.
  private(set) var word: UInt64

  /// What is to be done.
  enum Kind: UInt8 {
    /// Nothing.
    case none
    /// Begins INT-MD, with this hop on the stack.
    case source
    /// Begins INT-MD with M and an empty stack: this hop does not fit.
    case sourceWithoutHop
    /// Begins INT-MX, and reports.
    case sourceInstructions
    /// Puts this hop on the stack.
    case push
    /// Sets M: this hop does not fit.
    case exceedMTU
    /// Sets E: no hops are left.
    case exceedHops
    /// Reports what INT-MX asks for.
    case instructed
    /// Takes INT out, and reports.
    case sink
    /// Takes a header out that is no metadata.
    case strip
    /// Reports what is watched here.
    case postcard
  }

  /// Nothing is to be done.
  static var none: TelemetryTask { TelemetryTask(.none, shim: 0, growth: 0) }

  /// - Parameters:
  ///   - shim: from the first byte of the frame to the shim that is there, or is put in.
  ///   - growth: octets that are put in, or taken out; up to 1032.
  init(_ kind: Kind, shim: Int, growth: Int, discards: Bool = false) {
    word =
      UInt64(kind.rawValue) | UInt64(UInt16(truncatingIfNeeded: shim)) << 16
      | UInt64(UInt16(truncatingIfNeeded: growth)) << 32 | (discards ? 1 << 48 : 0)
  }

  fileprivate init(word: UInt64) { self.word = word }

  // A word of a packet that was never planned is never asked, so every kind is one of these.
  @inline(always)
  var kind: UInt8 { UInt8(truncatingIfNeeded: word) }
  @inline(always)
  func `is`(_ kind: Kind) -> Bool { self.kind == kind.rawValue }
  @inline(always)
  var shim: Int { Int(UInt16(truncatingIfNeeded: word &>> 16)) }
  @inline(always)
  var growth: Int { Int(UInt16(truncatingIfNeeded: word &>> 32)) }
  @inline(always)
  var discards: Bool { word & 1 << 48 != 0 }

  /// Whether the packet holds INT as it waits.
  @inline(always)
  var isOnPacketWithINT: Bool { kind >= Kind.push.rawValue && kind <= Kind.strip.rawValue }
}

extension Packet {
  /// What is to be done with its telemetry; counts on ports that have to do with telemetry.
  ///
  /// It lies where a device puts the hash of a packet that it receives, which nothing here reads.
  var telemetryTask: TelemetryTask {
    @inline(always)
    get {
      let words = state.pointee.rss_hash
      return TelemetryTask(word: UInt64(words.0) | UInt64(words.1) << 32)
    }
    nonmutating set {
      state.pointee.rss_hash = (
        UInt32(truncatingIfNeeded: newValue.word), UInt32(truncatingIfNeeded: newValue.word &>> 32)
      )
    }
  }
}
