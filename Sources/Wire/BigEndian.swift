/// An integer as it lies in a packet: most significant byte first.
///
/// There is deliberately no implicit conversion. Reading the host's number takes `.value`, writing one takes
/// `init(_:)`, so a forgotten byte swap is a type error and not a wrong port number.
@frozen
public struct BigEndian<Value: FixedWidthInteger & Sendable>: Equatable, Hashable, Sendable {
  /// The bytes in network order, as an integer of the host.
  @usableFromInline let stored: Value

  /// Converts a number of the host to network order.
  @inlinable
  public init(_ value: Value) { stored = value.bigEndian }

  /// The number in the host's order.
  @inlinable
  public var value: Value { Value(bigEndian: stored) }
}

extension UnsafeRawPointer {
  /// Reads a network-order integer at a byte offset, which need not be aligned.
  ///
  /// The caller has checked that the bytes exist: every header view does so once, in its initialiser.
  @inlinable
  public func loadBigEndian<Value: FixedWidthInteger & Sendable>(_ type: Value.Type, at offset: Int) -> Value
  where Value: BitwiseCopyable {
    loadUnaligned(fromByteOffset: offset, as: BigEndian<Value>.self).value
  }
}

extension UnsafeMutableRawPointer {
  /// Reads a network-order integer at a byte offset, which need not be aligned.
  @inlinable
  public func loadBigEndian<Value: FixedWidthInteger & Sendable>(_ type: Value.Type, at offset: Int) -> Value
  where Value: BitwiseCopyable {
    loadUnaligned(fromByteOffset: offset, as: BigEndian<Value>.self).value
  }

  /// Writes an integer in network order at a byte offset, which need not be aligned.
  @inlinable
  public func storeBigEndian<Value: FixedWidthInteger & Sendable>(_ value: Value, at offset: Int)
  where Value: BitwiseCopyable {
    storeBytes(of: BigEndian<Value>(value), toByteOffset: offset, as: BigEndian<Value>.self)
  }
}
