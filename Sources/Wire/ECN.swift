/// The four codepoints of explicit congestion notification (RFC 3168 section 5).
public enum ECN {
  /// The sender's transport cannot react to marks.
  @inlinable public static var notCapable: UInt8 { 0b00 }
  /// Capable, codepoint 1; experiments give it a second meaning (RFC 8311).
  @inlinable public static var capable1: UInt8 { 0b01 }
  /// Capable, codepoint 0: what RoCE and TCP senders use.
  @inlinable public static var capable0: UInt8 { 0b10 }
  /// Congestion experienced.
  @inlinable public static var congestionExperienced: UInt8 { 0b11 }
}
