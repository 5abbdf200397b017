/// Options inside an IPv6 hop-by-hop or destination options header (RFC 8200 section 4.2).
public enum IPv6Options {
  /// One octet of padding, without length.
  @inlinable public static var pad1: UInt8 { 0 }
  /// Padding.
  @inlinable public static var padN: UInt8 { 1 }

  /// Finds the first option of a type.
  ///
  /// A header that is cut off, or an option that runs past the header's end, yields nil: what lies behind a lie is not
  /// looked for.
  ///
  /// - Parameters:
  ///   - type: the whole option type octet; not ``pad1``.
  ///   - header: the first octet of the extension header.
  ///   - available: octets that may be read from there.
  /// - Returns: octets from the start of the header to the option's type, with the option wholly inside the header.
  @inlinable
  public static func offset(ofOption type: UInt8, in header: UnsafeRawPointer, available: Int) -> Int? {
    guard available >= 8 else { return nil }
    let end = (Int(header.load(fromByteOffset: 1, as: UInt8.self)) &+ 1) &* 8
    guard end <= available else { return nil }
    var offset = 2
    while offset < end {
      let found = header.load(fromByteOffset: offset, as: UInt8.self)
      if found == pad1 {
        offset &+= 1
        continue
      }
      guard offset &+ 2 <= end else { return nil }
      let next = offset &+ 2 &+ Int(header.load(fromByteOffset: offset &+ 1, as: UInt8.self))
      guard next <= end else { return nil }
      if found == type { return offset }
      offset = next
    }
    return nil
  }
}
