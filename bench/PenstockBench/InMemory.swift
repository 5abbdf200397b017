import Dataplane

/// The switch alone: input in memory, output discarded.
struct InMemory: ~Copyable {
  private var device: Switch
  private var arrivals = PacketBurst()
  private var departures = PacketBurst()
  private var now = Tick.zero
  private let ports: Int
  private let frames: UnsafeMutableRawPointer
  private let length: Int
  private let count: Int
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

  init(_ workload: Workload) throws {
    let memory = try PacketMemory(counts: (8192, 8192, 64))
    let device = try Switch(workload.configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    ports = workload.configuration.ports.count
    self.device = device
    length = workload.frames[0].count
    count = workload.frames.count
    frames = .allocate(byteCount: length * count, alignment: 64)
    for (index, frame) in workload.frames.enumerated() {
      frame.withUnsafeBytes { (frames + index * length).copyMemory(from: $0.baseAddress!, byteCount: length) }
    }
  }

  deinit { frames.deallocate() }

  /// Sends `bursts` bursts of 32 through the switch: as a live worker does, receive a burst, then ask every port.
  @inline(never)
  mutating func run(bursts: Int) {
    for _ in 0..<bursts {
      fill()
      device.receive(&arrivals, on: PortID(0), at: now)
      now = now + 32 * UInt64(length + 24) * 10
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
      now = now + 32 * UInt64(length + 24) * 10
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
  mutating func runSource(bursts: Int) {
    for _ in 0..<bursts {
      fill()
      sent &+= UInt64(arrivals.count)
      PacketMemory.free(&arrivals)
    }
  }

  @inline(__always)
  private mutating func fill() {
    device.memory.allocate(&arrivals, capacity: length)
    for index in 0..<arrivals.count {
      let packet = arrivals[index]
      packet.fill(frames + next &* length, count: length)
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
