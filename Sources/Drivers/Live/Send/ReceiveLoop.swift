import Dataplane

/// The thread that receives what comes back: knows frames by their signature, and measures loss, order and latency.
struct ReceiveLoop: ~Copyable {
  private let state: SendState
  private let port: DevicePort
  private let patience: UInt64
  private let ticksPerSecond: UInt64
  /// Whether pause frames that come in are for the sender: both use one device.
  private let heedsPauses: Bool
  private var burst = PacketBurst()
  private var faults = DeviceFaults()
  /// Highest sequence number that came back, by flow; 0 is none.
  private let highest: FlatTable<UInt64>

  /// What came of it.
  private(set) var result = ReturnedTraffic()
  private(set) var latencies = TickHistogram()

  init(
    _ state: SendState, port: DevicePort, flows: Int, patience: UInt64, ticksPerSecond: UInt64, heedsPauses: Bool
  ) {
    self.state = state
    self.port = port
    self.patience = patience
    self.ticksPerSecond = ticksPerSecond
    self.heedsPauses = heedsPauses
    highest = FlatTable(repeating: 0, count: flows)
  }

  /// Receives until all frames are back, or until nothing has come for as long as patience lasts after the last was sent.
  mutating func run() {
    // What was there before the run belongs to others.
    while port.receive(into: &burst, &faults) > 0 { PacketMemory.free(&burst) }
    state.isReceiving.store(true, ordering: .releasing)
    var quietSince = LiveClock.now
    while !state.isStopping.load(ordering: .relaxed) {
      let count = port.receive(into: &burst, &faults)
      let now = LiveClock.now
      if count > 0 {
        for index in 0..<count { take(burst[index], at: now) }
        PacketMemory.free(&burst)
        state.returned.store(result.frames, ordering: .relaxed)
        quietSince = now
      } else if state.isSent.load(ordering: .acquiring) {
        if result.frames >= state.sent.load(ordering: .relaxed) || now - quietSince > patience { break }
      } else {
        quietSince = now
      }
    }
  }

  private mutating func take(_ packet: Packet, at now: Tick) {
    if heedsPauses, state.pause.pointer.pointee.heed(packet, at: now) { return }
    let signature = FrameSignature(packet.bytes, count: packet.capturedLength)
    guard let number = state.table.pointer.pointee.find(signature.frame) else {
      result.foreign &+= 1
      return
    }
    switch state.table.pointer.pointee.noteReturn(number, at: now, patience: patience) {
    case .surplus: result.surplus &+= 1
    case .ambiguous:
      result.frames &+= 1
      result.ambiguous &+= 1
    case .known(let tick, let sequence, let flow):
      result.frames &+= 1
      latencies.record(now.rawValue &- tick)
      let highest = highest.base + Int(flow)
      // Out of order: behind a frame of its flow that was sent later (RFC 4737 section 3.3).
      if sequence &+ 1 < highest.pointee {
        result.reordered &+= 1
        result.extent = max(result.extent, highest.pointee &- sequence &- 1)
      } else {
        highest.pointee = sequence &+ 1
      }
    }
  }
}
