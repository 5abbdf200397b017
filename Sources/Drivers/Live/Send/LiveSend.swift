import CShims
import Dataplane

/// A capture being sent into a live network: opens the devices, runs a thread that sends and one that receives, and puts
/// together what they found.
public final class LiveSend {
  private let options: SendOptions
  private let store: FrameStore
  private let memory: UnsafeShared<PacketMemory>
  private let device: Device
  private let receiver: Device?
  private let cpus: [Int]
  private let ticksPerSecond: UInt64
  /// The rate by which pauses are counted.
  public let lineRate: BitRate

  /// How long a device may take nothing until the run gives up.
  public static let longestBlock = Picoseconds.seconds(10)

  /// Reads the capture and opens the devices.
  ///
  /// - Throws: ``SendError``; then nothing is left behind.
  public init(_ options: SendOptions) throws(SendError) {
    self.options = options
    do throws(EnvironmentError) {
      try Environment.start(.live())
    } catch {
      throw .resources("\(error)")
    }
    ticksPerSecond = LiveClock.ticksPerSecond
    store = try FrameStore(options, ticksPerSecond: ticksPerSecond)
    do throws(PacketMemoryError) {
      // What both rings of two devices can hold, and as much again.
      memory = UnsafeShared(try PacketMemory(counts: (16_384, 16_384, 4096)))
    } catch {
      throw .resources("\(error)")
    }
    let mtu = max(1500, store.largest - 14)
    let opened: (Device, Device?)
    do throws(DeviceError) {
      opened = try LiveSend.open(options, mtu: mtu, memory.pointer.pointee)
    } catch {
      throw .device(error)
    }
    (device, receiver) = opened
    lineRate = options.lineRate ?? device.link.speed ?? .gigabits(10)
    cpus = try LiveSend.choose(options)
  }

  private static func open(
    _ options: SendOptions, mtu: Int, _ memory: borrowing PacketMemory
  ) throws(DeviceError) -> (Device, Device?) {
    let device = try Device(options.device, mtu: mtu, memory: memory)
    try device.start()
    guard let address = options.receiver else { return (device, nil) }
    // The same name of a ring is its other end.
    var isRing = false
    if case .ring = address.target { isRing = true }
    if address == options.device, !isRing { return (device, device) }
    let receiver = try Device(address, mtu: mtu, memory: memory)
    try receiver.start()
    return (device, receiver)
  }

  private static func choose(_ options: SendOptions) throws(SendError) -> [Int] {
    let allowed = Environment.allowedCPUs
    guard let wanted = options.cpus else { return Array(allowed.suffix(2).reversed()) }
    for cpu in wanted where !allowed.contains(cpu) {
      let list = allowed.map(String.init).joined(separator: ", ")
      throw .resources("CPU \(cpu): this process may not run there; choose among \(list)")
    }
    return wanted
  }

  // Packets go back before their memory goes.
  deinit {
    receiver?.close()
    device.close()
  }

  /// How the clock is called, for reports.
  public var clockName: String {
    "time stamp counter of the processor, \(ticksPerSecond / 1_000_000) MHz"
  }

  /// Waits until the devices' links are up, but no longer than a time. False: one is not.
  public func waitForLink(_ patience: Picoseconds) -> Bool {
    let deadline = LiveClock.now + patience.ticks(perSecond: ticksPerSecond)
    while !(device.link.isUp && receiver?.link.isUp ?? true) {
      if LiveClock.now > deadline { return false }
      pst_sleep_ns(10_000_000)
    }
    return true
  }

  /// Sends the capture.
  ///
  /// - Parameter progress: asked ten times a second whether to go on.
  public func run(_ progress: (SendProgress) -> Bool = { _ in true }) throws(SendError) -> SendResult {
    let state = SendState(store, line: lineRate, ticksPerSecond: ticksPerSecond)
    let isSameDevice = receiver === device
    let sender = SendThread(
      SendLoop(
        state, port: device.port, options, loopTicks: store.loopTicks, ticksPerSecond: ticksPerSecond,
        polls: options.obeysPause && !isSameDevice, memory: memory), cpu: cpus.first)
    let listener = receiver.map { receiver in
      ReceiveThread(
        ReceiveLoop(
          state, port: receiver.port, flows: store.flowCount,
          patience: options.patience.ticks(perSecond: ticksPerSecond), ticksPerSecond: ticksPerSecond,
          heedsPauses: options.obeysPause && isSameDevice), cpu: cpus.count > 1 ? cpus[1] : cpus.first)
    }
    var threads: [PlainThread] = []
    defer {
      state.isStopping.store(true, ordering: .relaxed)
      threads.forEach { $0.join() }
    }
    let (planned, isBeyond) = UInt64(store.frames.count).multipliedReportingOverflow(by: options.loops)
    if let listener {
      threads.append(try LiveSend.spawn(listener))
      while !state.isReceiving.load(ordering: .acquiring) { pst_sleep_ns(1_000_000) }
    }
    threads.append(try LiveSend.spawn(sender))
    let end = wait(state, planned: isBeyond ? .max : planned, progress)
    if end != .complete { state.isStopping.store(true, ordering: .relaxed) }
    threads.forEach { $0.join() }
    threads = []
    drain()
    return SendResult(
      captureFrames: store.frames.count, cutFrames: store.cut, oversizeFrames: store.oversize,
      captureError: store.error, planned: isBeyond ? .max : planned, sent: sender.loop.result,
      pauseFrames: state.pause.pointer.pointee.frames.load(ordering: .relaxed),
      departureError: sender.loop.errors.snapshot, returned: listener?.loop.result,
      latency: listener?.loop.latencies.snapshot, ticksPerSecond: ticksPerSecond,
      cpus: Array(cpus.prefix(listener == nil ? 1 : 2)), isComplete: end == .complete,
      isBlocked: end == .blocked)
  }

  private enum End { case complete, stopped, blocked }

  /// Waits for the threads.
  private func wait(_ state: SendState, planned: UInt64, _ progress: (SendProgress) -> Bool) -> End {
    let patience = options.patience.ticks(perSecond: ticksPerSecond)
    var sentAt: Tick?
    let longestBlock = LiveSend.longestBlock.ticks(perSecond: ticksPerSecond)
    var blockedSince = LiveClock.now
    var polls = 0
    while true {
      let isSent = state.isSent.load(ordering: .acquiring)
      let returned = state.returned.load(ordering: .relaxed)
      if isSent {
        let end = sentAt ?? LiveClock.now
        sentAt = end
        // The receiving thread ends by itself; a stream of foreign frames must not keep it from that.
        if receiver == nil || returned >= state.sent.load(ordering: .relaxed) || LiveClock.now - end > patience {
          state.isStopping.store(true, ordering: .relaxed)
          return .complete
        }
      }
      let now = LiveClock.now
      if !state.isBlocked.load(ordering: .relaxed) { blockedSince = now }
      if now - blockedSince > longestBlock { return .blocked }
      let report = SendProgress(sent: state.sent.load(ordering: .relaxed), planned: planned, returned: returned)
      if polls % 10 == 0, !progress(report) { return .stopped }
      polls += 1
      pst_sleep_ns(10_000_000)
    }
  }

  /// Gives the devices time to send what they hold: a moment in which nothing more is counted, at most 100 ms.
  private func drain() {
    var last = device.counters.txPackets
    for _ in 0..<10 {
      pst_sleep_ns(10_000_000)
      let now = device.counters.txPackets
      if now == last { return }
      last = now
    }
  }

  private static func spawn<Thread: SendWorker>(_ worker: Thread) throws(SendError) -> PlainThread {
    do throws(PlainThreadError) {
      return try PlainThread(with: worker) { worker in
        // A CPU that has gone meanwhile is no reason not to send.
        _ = pst_thread_enter(worker.name, Int32(worker.cpu ?? -1))
        worker.run()
        pst_thread_leave()
      }
    } catch {
      throw .resources(error.description)
    }
  }
}

/// What a thread of a run does.
private protocol SendWorker: AnyObject, SendableMetatype {
  var name: String { get }
  var cpu: Int? { get }
  func run()
}

private final class SendThread: SendWorker {
  let name = "penstock-send"
  let cpu: Int?
  private(set) var loop: SendLoop

  init(_ loop: consuming SendLoop, cpu: Int?) {
    self.loop = loop
    self.cpu = cpu
  }

  func run() { loop.run() }
}

private final class ReceiveThread: SendWorker {
  let name = "penstock-recv"
  let cpu: Int?
  private(set) var loop: ReceiveLoop

  init(_ loop: consuming ReceiveLoop, cpu: Int?) {
    self.loop = loop
    self.cpu = cpu
  }

  func run() { loop.run() }
}
