import Wire

/// The hops of one observation, in the order in which the packet passed them. Memory that is used again and again.
struct HopList: ~Copyable {
  /// More hops than any fabric has; what is beyond is counted.
  static var capacity: Int { 16 }

  private let hops: UnsafeMutablePointer<HopRecord>
  private(set) var count = 0
  /// Hops are missing: they had no room in the packet, or none here.
  var isPartial = false

  init() {
    hops = .allocate(capacity: Self.capacity)
    hops.initialize(repeating: HopRecord(), count: Self.capacity)
  }

  deinit { hops.deallocate() }

  subscript(index: Int) -> HopRecord {
    get { hops[index] }
    nonmutating set { hops[index] = newValue }
  }

  var last: HopRecord? { count == 0 ? nil : hops[count - 1] }

  mutating func removeAll() {
    count = 0
    isPartial = false
  }

  /// False: there is no room, and the list is partial.
  @discardableResult
  mutating func append(_ hop: HopRecord) -> Bool {
    guard count < Self.capacity else {
      isPartial = true
      return false
    }
    hops[count] = hop
    count += 1
    return true
  }

  /// Puts hops that were passed earlier in front.
  mutating func reverse() {
    var (low, high) = (0, count - 1)
    while low < high {
      swap(&hops[low], &hops[high])
      low += 1
      high -= 1
    }
  }
}

extension HopList {
  /// Takes the stack of an INT-MD header. The oldest hops are left out if there are too many.
  ///
  /// - Returns: false if there is no such header.
  mutating func take(
    metadata base: UnsafeMutableRawPointer, available: Int, _ format: TelemetryFormat
  ) -> Bool {
    guard let header = INTMetadataHeader(at: base, available: available) else { return false }
    // Newest first on the stack.
    for index in 0..<header.hopCount {
      guard append(Self.hop(index, of: header, format)) else { break }
    }
    reverse()
    if header.hopsExceeded || header.mtuExceeded { isPartial = true }
    return true
  }

  private static func hop(_ index: Int, of header: INTMetadataHeader, _ format: TelemetryFormat) -> HopRecord {
    var hop = HopRecord()
    func word(_ instruction: INTInstructions) -> UInt32? {
      guard let value = header.value(of: instruction, hop: index), value != UInt64(UInt32.max) else { return nil }
      return UInt32(truncatingIfNeeded: value)
    }
    func time(_ instruction: INTInstructions) -> UInt64 {
      let value = header.value(of: instruction, hop: index) ?? .max
      return value == .max ? .max : value.scaled(by: format.nanosecondsPerUnit)
    }
    if let node = word(.nodeID) { hop.node = node }
    if let interfaces = word(.interfaces) { hop.take(interfaces: interfaces) }
    if let latency = word(.hopLatency) { hop.latency = UInt64(latency).scaled(by: format.nanosecondsPerUnit) }
    if let queue = word(.queue) { hop.take(queue: queue, format) }
    hop.ingressTime = time(.ingressTimestamp)
    hop.egressTime = time(.egressTimestamp)
    if let wide = header.value(of: .logicalInterfaces, hop: index), wide != .max { hop.take(logical: wide) }
    if let utilisation = word(.egressUtilisation) { hop.utilisation = utilisation }
    if let buffer = word(.buffer) { hop.buffer = UInt64(buffer & 0xFF_FFFF).scaled(by: format.bytesPerUnit) }
    return hop
  }
}

extension HopRecord {
  /// Level 1 interfaces: 16 bits each, all ones are not known.
  mutating func take(interfaces word: UInt32) {
    if word >> 16 != 0xFFFF { ingress = word >> 16 }
    if word & 0xFFFF != 0xFFFF { egress = word & 0xFFFF }
  }

  /// Level 2 interfaces count where there are none of level 1.
  mutating func take(logical word: UInt64) {
    if ingress == Self.unknownNumber { ingress = UInt32(word >> 32) }
    if egress == Self.unknownNumber { egress = UInt32(truncatingIfNeeded: word) }
  }

  /// Queue: 8 bits identifier, 24 bits occupancy.
  mutating func take(queue word: UInt32, _ format: TelemetryFormat) {
    queue = UInt16(word >> 24)
    depth = UInt64(word & 0xFF_FFFF).scaled(by: format.bytesPerUnit)
  }
}
