extension INTShim {
  /// Writes a shim of four octets.
  ///
  /// - Parameters:
  ///   - contentLength: octets behind the shim, a multiple of 4 up to 1020.
  ///   - original: what the packet had in place of what announces INT: its UDP destination port
  ///     (``NextProtocol/originalPort``), its IP protocol (``NextProtocol/originalProtocol``) or its DSCP times four.
  @inlinable
  public static func write(
    to base: UnsafeMutableRawPointer, kind: Kind, nextProtocol: NextProtocol, contentLength: Int, original: UInt16
  ) {
    base.storeBytes(of: kind.rawValue << 4 | nextProtocol.rawValue << 2, as: UInt8.self)
    base.storeBytes(of: UInt8(truncatingIfNeeded: contentLength / 4), toByteOffset: 1, as: UInt8.self)
    base.storeBigEndian(original, at: 2)
  }

  /// Says that so many more octets, a multiple of 4, are behind the shim.
  @inlinable
  public static func lengthen(at base: UnsafeMutableRawPointer, by octets: Int) {
    let words = base.load(fromByteOffset: 1, as: UInt8.self)
    base.storeBytes(of: words &+ UInt8(truncatingIfNeeded: octets / 4), toByteOffset: 1, as: UInt8.self)
  }
}

extension INTMetadataHeader {
  /// Writes a header of twelve octets: version 2, no flag set, for the source to fill the stack behind it.
  ///
  /// - Parameters:
  ///   - hopLength: octets that each hop will push, a multiple of 4 up to 124.
  ///   - domainID: 0 with `domainInstructions` 0: there are none.
  @inlinable
  public static func write(
    to base: UnsafeMutableRawPointer, hopLength: Int, remainingHops: UInt8, instructions: INTInstructions,
    domainID: UInt16, domainInstructions: UInt16
  ) {
    let first: UInt32 = 2 << 28 | UInt32(truncatingIfNeeded: hopLength / 4) << 8 | UInt32(remainingHops)
    base.storeBigEndian(first, at: 0)
    base.storeBigEndian(instructions.rawValue, at: 4)
    base.storeBigEndian(domainID, at: 6)
    base.storeBigEndian(domainInstructions, at: 8)
    base.storeBigEndian(UInt16(0), at: 10)
  }
}

extension INTInstructionHeader {
  /// Writes a header of twelve octets: version 2, no flag set.
  @inlinable
  public static func write(
    to base: UnsafeMutableRawPointer, instructions: INTInstructions, domainID: UInt16, domainInstructions: UInt16
  ) {
    base.storeBigEndian(UInt32(2 << 28), at: 0)
    base.storeBigEndian(instructions.rawValue, at: 4)
    base.storeBigEndian(domainID, at: 6)
    base.storeBigEndian(domainInstructions, at: 8)
    base.storeBigEndian(UInt16(0), at: 10)
  }
}
