import Wire

/// What a collector wants to know of a packet, of which the end may be cut off.
struct PacketSummary {
  var flow = FlowIdentity()
  /// Bytes of the frame without check sequence and without telemetry, as its headers tell.
  var bytes: UInt64 = 0
  var hopLimit: UInt8 = 0
  /// Equal for one packet wherever on its way it is seen, and almost always different for two.
  var signature: UInt64 = 0
  /// The INT-MD header.
  var metadata: UnsafeMutableRawPointer?
  /// Octets of header and stack that are there.
  var metadataLength = 0
  /// An INT-MX header was seen.
  var hasInstructions = false
  /// The IOAM trace option.
  var trace: UnsafeMutableRawPointer?
  var traceLength = 0
  /// Telemetry was announced, and what is there is not.
  var isMalformed = false
  /// The end of the telemetry was cut off.
  var isCut = false
  /// To whom a UDP datagram is, for reports in captures: where its payload begins and ends.
  var datagram: UnsafeMutableRawPointer?
  var datagramLength = 0

  /// What a packet begins with.
  enum Layer { case ethernet, ipv4, ipv6 }

  /// Reads a packet. Nothing beyond the available octets is looked at.
  static func read(
    _ base: UnsafeMutableRawPointer, available: Int, as layer: Layer, _ format: TelemetryFormat
  ) -> PacketSummary {
    var summary = PacketSummary()
    var reader = PacketReader(base: base, available: available, format: format)
    reader.read(layer, &summary)
    return summary
  }
}
