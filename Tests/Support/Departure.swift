import CShims
import Dataplane

/// A frame that left a port.
public struct Departure: Equatable, Sendable {
  /// The port's name.
  public var port: String
  /// Tick at which its first bit, the preamble's, was on the wire.
  public var start: UInt64
  /// The queue it came from.
  public var queue: Int
  /// Its bytes without check sequence; empty if they are not recorded.
  public var bytes: [UInt8]
  /// Its bytes on the wire, without check sequence.
  public var wireLength: Int
  /// Its number in the order of arrival at the switch, from 0; that of the original for a copy, and `UInt64.max` for a
  /// frame that the switch made.
  public var number: UInt64
  /// Tick from which its latency counts: last bit in, or first bit in for cut-through.
  public var arrival: UInt64

  init(_ packet: Packet, port: String, withBytes: Bool) {
    self.port = port
    start = packet.departure.rawValue
    queue = packet.queue.index
    bytes =
      withBytes ? Array(UnsafeRawBufferPointer(start: packet.bytes, count: packet.capturedLength)) : []
    wireLength = packet.wireLength
    number = packet.state.pointee.number
    arrival = packet.arrival.rawValue
  }

  /// Time in the switch.
  public var latency: UInt64 { start - arrival }

  /// Bytes that it takes on the wire: padding to 60, check sequence, preamble and gap.
  public var wireSlot: Int { max(wireLength, 60) + 24 }
}

extension [Departure] {
  /// Those that left one port.
  public func on(_ port: String) -> [Departure] { filter { $0.port == port } }
}
