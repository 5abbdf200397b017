import Wire

/// One report of a datagram, taken apart.
struct ReportContents {
  /// What the node said about the packet, from the metadata of the report.
  var hop = HopRecord()
  var isDropped = false
  var isCongested = false
  var isTracked = false
  var isIntermediate = false
  /// The report's own code for the reason of a drop; nil: it names none.
  var dropReason: UInt8?
  /// The kind of the report: 0 packet, 1 INT, 2 IOAM.
  var kind: UInt8 = 0
  /// The metadata ends before what its bitmap promises.
  var isShort = false
  /// The packet, as far as it is there; nil: the report holds none.
  var packet: UnsafeMutableRawPointer?
  var packetLength = 0
  var layer = PacketSummary.Layer.ethernet
}

extension ReportContents {
  /// Reads a report of a node.
  init(_ report: TelemetryReport, of node: UInt32, _ format: TelemetryFormat) {
    kind = report.kind
    isDropped = report.isDropped
    isCongested = report.isQueueCongested
    isTracked = report.isTrackedFlow
    isIntermediate = report.isIntermediate
    hop.node = node
    readMetadata(report, format)
    // The body of IOAM reports is not defined (section 3.3.2).
    guard kind <= 1 else { return }
    let begin = report.contentsOffset
    guard begin <= report.length else { return }
    readPacket(report.base + begin, available: report.length - begin, contents: report.contents)
  }

  private mutating func readMetadata(_ report: TelemetryReport, _ format: TelemetryFormat) {
    let bits = report.metadataBits.rawValue
    for bit in 1...15 where bits & (0x8000 >> UInt16(bit)) != 0 {
      guard let value = report.value(of: INTInstructions(rawValue: 0x8000 >> UInt16(bit))) else {
        isShort = true
        return
      }
      take(bit, value, format)
    }
  }

  /// Takes one field. A node clears the bit of what it does not know; all ones are treated as such too.
  private mutating func take(_ bit: Int, _ value: UInt64, _ format: TelemetryFormat) {
    guard value != ((4...6).contains(bit) ? UInt64.max : UInt64(UInt32.max)) else { return }
    let word = UInt32(truncatingIfNeeded: value)
    switch bit {
    case 1: hop.take(interfaces: word)
    case 2: hop.latency = value.scaled(by: format.nanosecondsPerUnit)
    case 3: hop.take(queue: word, format)
    case 4: hop.ingressTime = value.scaled(by: format.nanosecondsPerUnit)
    case 5: hop.egressTime = value.scaled(by: format.nanosecondsPerUnit)
    case 6: hop.take(logical: value)
    case 7: hop.utilisation = word
    case 8: hop.buffer = UInt64(word & 0xFF_FFFF).scaled(by: format.bytesPerUnit)
    case 15:
      // Here the last bit stands for queue and drop reason (section 3.3.1).
      if word >> 24 != 0xFF { hop.queue = UInt16(word >> 24) }
      dropReason = UInt8(truncatingIfNeeded: word >> 16)
    default: break
    }
  }

  private mutating func readPacket(_ base: UnsafeMutableRawPointer, available: Int, contents: UInt8) {
    switch contents {
    case 1: readObjects(base, available: available)
    case 3: setPacket(base, available, .ethernet)
    case 4: setPacket(base, available, .ipv4)
    case 5: setPacket(base, available, .ipv6)
    default: break
    }
  }

  /// Objects of type, length and value (section 3.3): the first that is a packet counts.
  private mutating func readObjects(_ base: UnsafeMutableRawPointer, available: Int) {
    var offset = 0
    while offset + 4 <= available {
      let type = base.load(fromByteOffset: offset, as: UInt8.self) >> 4
      let length = Int(base.load(fromByteOffset: offset + 1, as: UInt8.self)) * 4
      let there = min(length, available - offset - 4)
      if (1...3).contains(type) {
        return setPacket(base + offset + 4, there, type == 1 ? .ethernet : type == 2 ? .ipv4 : .ipv6)
      }
      offset += 4 + length
    }
  }

  private mutating func setPacket(_ base: UnsafeMutableRawPointer, _ available: Int, _ layer: PacketSummary.Layer) {
    guard available > 0 else { return }
    packet = base
    packetLength = available
    self.layer = layer
  }
}
