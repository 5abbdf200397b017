import Dataplane

/// The thread that sends: hands each frame to the device as soon as it is due, and measures how late that was.
///
/// Frames of one burst are due by the same moment. A frame whose priority is paused waits in line, and frames of other
/// priorities pass it; when a line is full, all wait.
struct SendLoop: ~Copyable {
  private let state: SendState
  private let port: DevicePort
  private let options: SendOptions
  private let memory: UnsafeShared<PacketMemory>
  private let ticksPerSecond: UInt64
  private let loopTicks: UInt64
  /// Whether it looks for pause frames itself: nobody else receives on the device.
  private let polls: Bool
  private var burst = PacketBurst()
  private var inbound = PacketBurst()
  private var faults = DeviceFaults()
  private let slots: FlatTable<BurstSlot>
  private let lines: FlatTable<PausedLine>
  private var waiting = 0

  /// What came of it.
  private(set) var result = SentTraffic()
  private(set) var errors = TickHistogram()

  init(
    _ state: SendState, port: DevicePort, _ options: SendOptions, loopTicks: UInt64, ticksPerSecond: UInt64,
    polls: Bool, memory: UnsafeShared<PacketMemory>
  ) {
    self.state = state
    self.port = port
    self.options = options
    self.loopTicks = loopTicks
    self.ticksPerSecond = ticksPerSecond
    self.polls = polls
    self.memory = memory
    slots = FlatTable(repeating: BurstSlot(), count: PacketBurst.capacity)
    lines = FlatTable(count: 8) { _ in PausedLine() }
  }

  /// Sends everything.
  mutating func run() {
    var pacer = SendPacer(options.pace, ticksPerSecond: ticksPerSecond)
    let start = LiveClock.now + ticksPerSecond / 1000
    var loop: UInt64 = 0
    var index = 0
    var base = start
    var due = start
    result.start = start
    while !state.isStopping.load(ordering: .relaxed) {
      let now = LiveClock.now
      if waiting > 0 { takeWaiting(at: now) }
      while index < state.frameCount, due <= now, !burst.isFull {
        let frame = state.frames[index]
        guard add(frame, due: due, at: now) else { break }
        index &+= 1
        pacer.advance(past: frame)
        if index == state.frameCount {
          loop &+= 1
          if loop == options.loops { break }
          index = 0
          base = base + loopTicks
        }
        due = pacer.due(state.frames[index], start: start, base: base)
      }
      if burst.count > 0 {
        handOver()
      } else if index == state.frameCount, waiting == 0 {
        break
      }
      if polls { pollPauses() }
    }
    PacketMemory.free(&burst)
    result.end = LiveClock.now
    result.unsent = UInt64(waiting)
    state.isSent.store(true, ordering: .releasing)
  }

  /// Puts a frame into the burst, or into line if its priority is paused. False: neither has room.
  @inline(__always)
  private mutating func add(_ frame: StoredFrame, due: Tick, at now: Tick) -> Bool {
    if options.obeysPause {
      let line = lines.base + Int(frame.priority)
      if line.pointee.count > 0 || state.pause.pointer.pointee.isPaused(frame.priority, at: now) {
        guard line.pointee.push(frame, due: due) else { return false }
        waiting &+= 1
        result.paused &+= 1
        return true
      }
    }
    return fill(frame, due: due, wasPaused: false)
  }

  /// Copies a frame into the burst. False: there is no packet for it; the device holds them all.
  @inline(__always)
  private mutating func fill(_ frame: StoredFrame, due: Tick, wasPaused: Bool) -> Bool {
    let length = Int(frame.length)
    guard let packet = memory.pointer.pointee.allocate(capacity: length) else {
      result.waits &+= 1
      return false
    }
    packet.fill(frame.bytes, count: length)
    packet.state.pointee.wire_length = frame.length
    slots.base[burst.count] = BurstSlot(
      due: due, signature: frame.signature, length: frame.length, wasPaused: wasPaused)
    burst.append(packet)
    return true
  }

  /// Puts frames into the burst whose pause is over.
  private mutating func takeWaiting(at now: Tick) {
    for priority in 0..<8 {
      let line = lines.base + priority
      while line.pointee.count > 0, !burst.isFull,
        !state.pause.pointer.pointee.isPaused(UInt8(priority), at: now)
      {
        guard fill(line.pointee.first.frame, due: line.pointee.first.due, wasPaused: true) else { return }
        line.pointee.removeFirst()
        waiting &-= 1
      }
    }
  }

  /// Hands the burst to the device, all of it, unless the run is stopped.
  private mutating func handOver() {
    var now = LiveClock.now
    for index in 0..<burst.count {
      state.table.pointer.pointee.note(
        slots.base[index].signature, sequence: result.frames &+ UInt64(index), at: now)
    }
    var first = 0
    while true {
      let taken = port.transmit(burst, from: first)
      for index in first..<first &+ taken {
        let slot = slots.base[index]
        // The wait of a paused frame is no error.
        if !slot.wasPaused { errors.record(now - slot.due) }
        // The packet itself is the device's now.
        result.bytes &+= UInt64(slot.length)
      }
      first &+= taken
      if first == burst.count { break }
      result.waits &+= 1
      if taken == 0 { state.isBlocked.store(true, ordering: .relaxed) }
      if state.isStopping.load(ordering: .relaxed) { break }
      if polls { pollPauses() }
      now = LiveClock.now
      for index in first..<burst.count { state.table.pointer.pointee.renote(slots.base[index].signature, at: now) }
    }
    state.isBlocked.store(false, ordering: .relaxed)
    result.frames &+= UInt64(first)
    state.sent.store(result.frames, ordering: .relaxed)
    for index in first..<burst.count { PacketMemory.free(burst[index]) }
    burst.removeAll()
  }

  private mutating func pollPauses() {
    let count = port.receive(into: &inbound, &faults)
    guard count > 0 else { return }
    let now = LiveClock.now
    for index in 0..<count { _ = state.pause.pointer.pointee.heed(inbound[index], at: now) }
    PacketMemory.free(&inbound)
  }
}

/// When a frame of a burst was due, and which it is.
struct BurstSlot {
  var due = Tick.zero
  var signature: UInt32 = 0
  var length: UInt32 = 0
  var wasPaused = false
}
