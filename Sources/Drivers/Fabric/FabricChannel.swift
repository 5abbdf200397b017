import Dataplane

/// One direction of a link, and what is on it.
struct FabricChannel {
  /// Who is at an end.
  enum End: Equatable {
    case port(FabricPort)
    case host(Int)
  }

  /// A frame on its way.
  struct Frame {
    let packet: Packet
    /// First and last bit at the far end.
    let start: Tick
    let end: Tick
    /// When the far end has received as much as it needs.
    let due: Tick
  }

  let target: End
  let delayTicks: UInt64
  /// The sender's line; a copy of what the port itself keeps, fed with the same frames.
  private var line: Serializer
  private let gapTicks: UInt64
  /// What the link carries, if that is less than its ports send.
  private var slow: Serializer?
  private var slowGapTicks: UInt64 = 0
  private let serialization: Serialization
  /// Ticks of preamble and 64 bytes, if the far end needs no more to forward; nil: it needs all.
  private let headerBytes: Int?
  var inFlight = Fifo<Frame>()
  /// Data that has been put on it.
  var frames: UInt64 = 0
  var bytes: UInt64 = 0
  var pauseFrames: UInt64 = 0

  init(
    to target: End, rate: BitRate, delay: Picoseconds, serialization: Serialization, isCutThrough: Bool
  ) {
    self.target = target
    self.serialization = serialization
    delayTicks = delay.count
    line = Serializer(rate: rate, ticksPerSecond: Fabric.ticksPerSecond, serialization: serialization)
    gapTicks = line.ticks(bytes: EthernetOverhead.interPacketGap)
    headerBytes = isCutThrough ? EthernetOverhead.preamble + 64 : nil
  }

  /// Sets what it carries; nil: as much as its ports send.
  mutating func limit(to rate: BitRate?) {
    slow = rate.map {
      Serializer(rate: $0, ticksPerSecond: Fabric.ticksPerSecond, serialization: serialization)
    }
    slowGapTicks = slow.map { $0.ticks(bytes: EthernetOverhead.interPacketGap) } ?? 0
  }

  /// Puts a frame on the link whose first bit leaves at `start`, at the sender's own pace.
  ///
  /// - Returns: when the far end has it, and until when a link that is slower than its sender is busy.
  mutating func send(_ packet: Packet, from start: Tick) -> (due: Tick, busy: Tick?) {
    let slot = packet.wireSlot
    var ticks = line.advance(bytes: slot)
    var gap = gapTicks
    var busy: Tick?
    if let slower = slow?.advance(bytes: slot) {
      ticks = slower
      gap = slowGapTicks
      busy = start + slower
    }
    return (send(packet, from: start, to: Tick((start + ticks).rawValue &- gap)), busy)
  }

  /// Puts a frame on the link whose first and last bit leave at these ticks.
  mutating func send(_ packet: Packet, from start: Tick, to end: Tick) -> Tick {
    var due = end
    if let headerBytes { due = min(end, start + (slow ?? line).ticks(bytes: headerBytes)) }
    inFlight.append(
      Frame(packet: packet, start: start + delayTicks, end: end + delayTicks, due: due + delayTicks))
    if packet.isPauseFrame {
      pauseFrames &+= 1
    } else {
      frames &+= 1
      bytes &+= UInt64(packet.wireLength)
    }
    return due + delayTicks
  }
}

/// All channels of a network. What is still on them is given back with them.
struct FabricChannels: ~Copyable {
  private let table: FlatTable<FabricChannel>

  init(_ channels: [FabricChannel]) { table = FlatTable(channels) }

  var base: UnsafeMutablePointer<FabricChannel> { table.base }
  var count: Int { table.count }

  deinit {
    for index in 0..<table.count {
      while let frame = table.base[index].inFlight.popFirst() { PacketMemory.free(frame.packet) }
    }
  }
}
