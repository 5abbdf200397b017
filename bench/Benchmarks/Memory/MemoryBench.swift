import Dataplane

/// The switch alone: input in memory, output discarded.
struct MemoryBench: ~Copyable {
  private var device: Switch
  private var arrivals = PacketBurst()
  private var departures = PacketBurst()
  private var now = Tick.zero
  private let ports: Int
  private let frames: UnsafeMutableRawPointer
  /// Where each frame begins, and where the last one ends.
  private let starts: UnsafeMutablePointer<Int>
  private let count: Int
  private let meanLength: Int
  private let largest: Int
  private var next = 0
  /// Packets that left, pause frames not counted.
  private(set) var sent: UInt64 = 0
  /// Pause frames that left.
  private(set) var pauseFrames: UInt64 = 0
  private var isPaused = false

  /// Packets marked, of all queues.
  var marked: UInt64 {
    var sum: UInt64 = 0
    for port in 0..<ports {
      for queue in 0..<QueueID.count { sum += device.marking(of: QueueID(queue), on: PortID(port)).marked.packets }
    }
    return sum
  }

  /// Packets dropped.
  var dropped: UInt64 { device.totals.droppedPackets }

  /// Packets that arrived.
  var received: UInt64 { device.totals.rxPackets }

  init(_ configuration: SwitchConfiguration, _ list: FrameList) throws {
    let memory = try BenchmarkMemory.make(frame: list.largest)
    var device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    device.routesForeignMAC = true
    ports = configuration.ports.count
    self.device = device
    count = list.count
    meanLength = list.bytes.count / max(1, list.count)
    largest = list.largest
    frames = .allocate(byteCount: max(64, list.bytes.count), alignment: 64)
    starts = .allocate(capacity: list.count + 1)
    list.bytes.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { frames.copyMemory(from: base, byteCount: bytes.count) }
    }
    starts[0] = 0
    for (index, end) in list.ends.enumerated() { starts[index + 1] = end }
  }

  deinit {
    frames.deallocate()
    starts.deallocate()
  }

  /// Sends `bursts` bursts of 32 through the switch, with queues that are mostly empty, or never.
  mutating func run(bursts: Int, isBusy: Bool) {
    if isBusy { runCongested(bursts: bursts) } else { run(bursts: bursts) }
  }

  /// Sends `bursts` bursts of 32 through the switch: as a live worker does, receive a burst, then ask every port that has
  /// something to send.
  @inline(never)
  mutating func run(bursts: Int) {
    for _ in 0..<bursts {
      fill()
      device.receive(&arrivals, on: PortID(0), at: now)
      now = now + 32 * UInt64(meanLength + 24) * 10
      while let port = device.takeTouchedPort() {
        device.transmit(port, at: now, into: &departures)
        release()
      }
    }
  }

  /// The same with queues that are never empty: the source, as fast as the egress ports together, stops while the switch
  /// asks it to, and every port is asked to send in every round.
  @inline(never)
  mutating func runCongested(bursts: Int) {
    for _ in 0..<bursts {
      if !isPaused {
        fill()
        device.receive(&arrivals, on: PortID(0), at: now)
      }
      now = now + 32 * UInt64(meanLength + 24) * 10
      while device.takeTouchedPort() != nil {}
      for port in 0..<ports {
        device.transmit(PortID(port), at: now, into: &departures)
        obeyPauses(on: port)
        release()
      }
    }
  }

  /// What leaves port 0 are pause frames: no data goes there.
  @inline(__always)
  private mutating func obeyPauses(on port: Int) {
    guard port == 0, departures.count > 0 else { return }
    for index in 0..<departures.count where departures[index].isPauseFrame {
      pauseFrames &+= 1
      sent &-= 1
      let times = departures[index].bytes.loadUnaligned(fromByteOffset: 18, as: SIMD8<UInt16>.self)
      isPaused = times != .zero
    }
  }

  /// Only what surrounds the switch: takes packets, fills them, gives them back.
  @inline(never)
  mutating func runSource(bursts: Int) {
    for _ in 0..<bursts {
      fill()
      sent &+= UInt64(arrivals.count)
      PacketMemory.free(&arrivals)
    }
  }

  @inline(__always)
  private mutating func fill() {
    device.memory.allocate(&arrivals, capacity: largest)
    for index in 0..<arrivals.count {
      let packet = arrivals[index]
      let start = starts[next]
      let length = starts[next &+ 1] &- start
      packet.fill(frames + start, count: length)
      packet.arrived(number: 0, wireLength: length, start: now, end: now, latencyFrom: now)
      next = next &+ 1 == count ? 0 : next &+ 1
    }
  }

  @inline(__always)
  private mutating func release() {
    sent &+= UInt64(departures.count)
    PacketMemory.free(&departures)
  }
}
