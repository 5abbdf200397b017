/// A MAC control frame behind its EtherType 0x8808 (IEEE 802.3 clause 31.4).
@frozen
public struct MACControl {
  /// Octets of the opcode.
  @inlinable public static var minimumLength: Int { 2 }
  /// Octets of a whole frame as the builders write it: without frame check sequence, padded to the minimum.
  @inlinable public static var frameLength: Int { 60 }
  /// Where all PAUSE and PFC frames go, 01-80-C2-00-00-01.
  @inlinable public static var groupAddress: MACAddress { MACAddress(bits: 0x0180_C200_0001) }

  /// Opcodes (IEEE 802.3 annex 31A).
  public enum Opcode {
    /// PAUSE (annex 31B).
    @inlinable public static var pause: UInt16 { 0x0001 }
    /// Priority-based flow control (annex 31D).
    @inlinable public static var priorityFlowControl: UInt16 { 0x0101 }
  }

  /// The first octet of the opcode.
  public let base: UnsafeMutableRawPointer

  /// Views the octets behind the EtherType; nil if there are fewer than two.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// What the frame asks for: a value of ``Opcode``. Others are counted and never forwarded.
  @inlinable public var opcode: UInt16 { base.loadBigEndian(UInt16.self, at: 0) }

  /// Writes addresses, EtherType and opcode of a frame and zeroes the rest of its sixty octets.
  @inlinable
  static func start(_ frame: UnsafeMutableRawPointer, source: MACAddress, opcode: UInt16) {
    frame.initializeMemory(as: UInt8.self, repeating: 0, count: frameLength)
    groupAddress.store(to: frame)
    source.store(to: frame + 6)
    frame.storeBigEndian(EtherType.macControl, at: 12)
    frame.storeBigEndian(opcode, at: 14)
  }
}

/// A PAUSE frame behind its EtherType (IEEE 802.3 annex 31B).
@frozen
public struct PauseFrame {
  /// Octets of opcode and time.
  @inlinable public static var minimumLength: Int { 4 }

  /// The first octet of the opcode.
  public let base: UnsafeMutableRawPointer

  /// Views the octets behind the EtherType; nil if they are cut off or the opcode is not PAUSE.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength,
      base.loadBigEndian(UInt16.self, at: 0) == MACControl.Opcode.pause
    else { return nil }
    self.base = base
  }

  /// How long to stop, in quanta of 512 bit times; zero lets the sender go on.
  @inlinable public var time: UInt16 { base.loadBigEndian(UInt16.self, at: 2) }

  /// Writes a whole frame of ``MACControl/frameLength`` octets; the caller has checked that they exist.
  ///
  /// - Parameters:
  ///   - frame: where the destination address will lie.
  ///   - source: address of the sending port.
  ///   - time: quanta of 512 bit times.
  @inlinable
  public static func write(to frame: UnsafeMutableRawPointer, source: MACAddress, time: UInt16) {
    MACControl.start(frame, source: source, opcode: MACControl.Opcode.pause)
    frame.storeBigEndian(time, at: 16)
  }
}

/// A priority-based flow control frame behind its EtherType (IEEE 802.3 annex 31D, IEEE 802.1Q clause 36).
@frozen
public struct PFCFrame {
  /// Octets of opcode, class-enable vector and eight times.
  @inlinable public static var minimumLength: Int { 20 }

  /// The first octet of the opcode.
  public let base: UnsafeMutableRawPointer

  /// Views the octets behind the EtherType; nil if they are cut off or the opcode is not PFC.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength,
      base.loadBigEndian(UInt16.self, at: 0) == MACControl.Opcode.priorityFlowControl
    else { return nil }
    self.base = base
  }

  /// Bit n set: the time of priority n counts. The reserved upper octet is ignored on receipt.
  @inlinable public var classEnableVector: UInt8 { base.load(fromByteOffset: 3, as: UInt8.self) }

  /// Quanta of 512 bit times for one priority; zero lets it go on. Counts only if its enable bit is set.
  ///
  /// - Parameter priority: 0 to 7; higher bits are ignored.
  @inlinable
  public func time(of priority: Int) -> UInt16 { base.loadBigEndian(UInt16.self, at: 4 &+ 2 &* (priority & 7)) }

  /// Writes a whole frame of ``MACControl/frameLength`` octets; the caller has checked that they exist.
  ///
  /// - Parameters:
  ///   - frame: where the destination address will lie.
  ///   - source: address of the sending port.
  ///   - classEnableVector: bit n makes the time of priority n count.
  ///   - times: quanta of 512 bit times; lane n is priority n.
  @inlinable
  public static func write(
    to frame: UnsafeMutableRawPointer, source: MACAddress, classEnableVector: UInt8, times: SIMD8<UInt16>
  ) {
    MACControl.start(frame, source: source, opcode: MACControl.Opcode.priorityFlowControl)
    frame.storeBigEndian(UInt16(classEnableVector), at: 16)
    for priority in 0..<8 { frame.storeBigEndian(times[priority], at: 18 &+ 2 &* priority) }
  }
}
