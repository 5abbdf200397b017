/// The blocks of a pcapng file, one after the other, in the byte order of this machine, which the section's header shows
/// (draft-ietf-opsawg-pcapng, sections 3 and 4).
struct PCAPNGBlocks {
  private enum Kind {
    static let section: UInt32 = 0x0A0D_0D0A
    static let interface: UInt32 = 1
    static let statistics: UInt32 = 5
    static let packet: UInt32 = 6
  }

  private enum Option {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let userApplication: UInt16 = 4
    static let interfaceName: UInt16 = 2
    static let interfaceDescription: UInt16 = 3
    static let interfaceSpeed: UInt16 = 8
    static let stampResolution: UInt16 = 9
    static let packetFlags: UInt16 = 2
    static let packetDropCount: UInt16 = 4
    static let packetNumber: UInt16 = 5
    static let packetQueue: UInt16 = 6
    static let startTime: UInt16 = 2
    static let endTime: UInt16 = 3
    static let received: UInt16 = 4
    static let dropped: UInt16 = 5
  }

  private static let ethernet: UInt16 = 1
  private static let nanoseconds: UInt8 = 9
  /// Options have 16 bits for their length.
  private static let longestText = 1024

  private(set) var bytes: [UInt8] = []
  private var start = 0

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func addSection() {
    begin(Kind.section)
    put(0x1A2B_3C4D as UInt32)
    put(1 as UInt16)
    put(0 as UInt16)
    put(UInt64.max)  // The length of the section is not known.
    option(Option.userApplication, "penstock")
    end()
  }

  mutating func add(_ interface: PCAPNGInterface) {
    begin(Kind.interface)
    put(PCAPNGBlocks.ethernet)
    put(0 as UInt16)
    put(interface.snapLength)
    option(Option.interfaceName, interface.name)
    option(Option.interfaceDescription, interface.description)
    option(Option.interfaceSpeed, interface.bitsPerSecond)
    option(Option.stampResolution, PCAPNGBlocks.nanoseconds)
    end()
  }

  mutating func add(_ packet: PCAPNGPacket) {
    begin(Kind.packet)
    put(0 as UInt32)
    putStamp(packet.stampNanoseconds)
    put(UInt32(truncatingIfNeeded: packet.bytes.count))
    put(packet.wireLength)
    bytes.append(contentsOf: packet.bytes)
    pad()
    if let comment = packet.comment { option(Option.comment, comment) }
    if packet.direction != .unknown { option(Option.packetFlags, packet.direction.rawValue) }
    if packet.missed > 0 { option(Option.packetDropCount, packet.missed) }
    if let number = packet.number { option(Option.packetNumber, number) }
    if let queue = packet.queue { option(Option.packetQueue, queue) }
    end()
  }

  mutating func add(_ statistics: PCAPNGStatistics) {
    begin(Kind.statistics)
    put(0 as UInt32)
    putStamp(statistics.endNanoseconds)
    for (code, stamp) in [
      (Option.startTime, statistics.startNanoseconds), (Option.endTime, statistics.endNanoseconds),
    ] {
      put(code)
      put(8 as UInt16)
      putStamp(stamp)
    }
    option(Option.received, statistics.received)
    option(Option.dropped, statistics.missed)
    end()
  }

  private mutating func begin(_ kind: UInt32) {
    start = bytes.count
    put(kind)
    put(0 as UInt32)
  }

  private mutating func end() {
    put(Option.end)
    put(0 as UInt16)
    let length = UInt32(truncatingIfNeeded: bytes.count - start + 4)
    put(length)
    withUnsafeBytes(of: length) { bytes.replaceSubrange(start + 4..<start + 8, with: $0) }
  }

  private mutating func option<Value: FixedWidthInteger>(_ code: UInt16, _ value: Value) {
    put(code)
    put(UInt16(MemoryLayout<Value>.size))
    put(value)
    pad()
  }

  private mutating func option(_ code: UInt16, _ text: String) {
    let text = Array(text.utf8.prefix(PCAPNGBlocks.longestText))
    put(code)
    put(UInt16(text.count))
    bytes += text
    pad()
  }

  /// Stamps are two words, the upper one first, whatever the byte order.
  private mutating func putStamp(_ nanoseconds: UInt64) {
    put(UInt32(truncatingIfNeeded: nanoseconds >> 32))
    put(UInt32(truncatingIfNeeded: nanoseconds))
  }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  private mutating func pad() {
    while (bytes.count - start) & 3 != 0 { bytes.append(0) }
  }
}
