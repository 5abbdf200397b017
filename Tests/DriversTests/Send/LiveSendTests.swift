import Dataplane
import Drivers
import Foundation
import Synchronization
import TestSupport
import Testing

/// Sending through rings of this process, where what is on the way is known to the frame.
@Suite("Sending into devices", .serialized) struct LiveSendTests {
  private func options(
    _ frames: [StampedFrame], _ directory: ScratchDirectory, device: String, receiver: String? = nil
  ) throws -> SendOptions {
    let path = try directory.write(frames, to: "in.pcap")
    var options = SendOptions(path: path, device: try DeviceAddress(device))
    options.receiver = try receiver.map { try DeviceAddress($0) }
    options.patience = .milliseconds(200)
    return options
  }

  @Test func allComesBackThroughARing() throws {
    let directory = try ScratchDirectory()
    let frames = datagrams(at: (0..<500).map { $0 * 10_000 }, length: 200)
    let options = try options(frames, directory, device: "ring:loop", receiver: "ring:loop")
    let result = try LiveSend(options).run()
    #expect(result.isComplete && result.planned == 500)
    #expect(result.sent.frames == 500 && result.sent.bytes == 100_000 && result.sent.unsent == 0)
    #expect(result.departureError.count == 500)
    let back = try #require(result.returned)
    #expect(back.frames == 500 && back.reordered == 0 && back.surplus == 0 && back.foreign == 0 && back.ambiguous == 0)
    #expect(result.latency?.count == 500)
    // 499 gaps of 10 us: frames are never early.
    let seconds = Double(result.sent.end - result.sent.start) / Double(result.ticksPerSecond)
    #expect(seconds >= 0.00499 && seconds < 5)
  }

  @Test func loopsRepeatTheCapture() throws {
    let directory = try ScratchDirectory()
    var options = try options(datagrams(at: [0, 1000, 2000]), directory, device: "null:")
    options.loops = 1000
    options.pace = .packets(1_000_000)
    let result = try LiveSend(options).run()
    #expect(result.captureFrames == 3 && result.sent.frames == 3000 && result.returned == nil)
    let seconds = Double(result.sent.end - result.sent.start) / Double(result.ticksPerSecond)
    #expect(seconds >= 0.002999)
  }

  @Test func equalFramesOnTheirWayAreCountedButNotTimed() throws {
    let directory = try ScratchDirectory()
    var options = try options(datagrams(at: [0]), directory, device: "ring:same", receiver: "ring:same")
    options.loops = 200
    options.pace = .unlimited
    let result = try LiveSend(options).run()
    #expect(result.sent.frames == 200 && result.returned?.frames == 200 && result.returned?.surplus == 0)
    let timed = result.latency?.count ?? 0
    #expect(result.returned?.ambiguous == 200 - timed)
  }

  @Test func nothingComesBackFromNowhere() throws {
    let directory = try ScratchDirectory()
    let options = try options(datagrams(at: [0, 10, 20]), directory, device: "null:", receiver: "ring:silent")
    let result = try LiveSend(options).run()
    #expect(result.isComplete && result.sent.frames == 3 && result.returned?.frames == 0)
  }

  @Test func itStopsWhenAsked() throws {
    let directory = try ScratchDirectory()
    let options = try options(datagrams(at: [0, 60_000_000_000]), directory, device: "null:")
    var asked = 0
    let result = try LiveSend(options).run { _ in
      asked += 1
      return asked < 3
    }
    #expect(!result.isComplete && !result.isBlocked && result.sent.frames == 1)
  }

  /// A network that loses every tenth frame, swaps two, and doubles one: all of it is found, to the frame.
  @Test func lossOrderAndCopiesAreMeasured() throws {
    let directory = try ScratchDirectory()
    let frames = datagrams(at: (0..<200).map { $0 * 100_000 }, length: 100)
    let options = try options(frames, directory, device: "ring:in", receiver: "ring:out")
    let run = try LiveSend(options)
    let relay = try Relay(from: "ring:in", to: "ring:out") { number, packet, forward in
      switch number {
      case _ where number % 10 == 9: PacketMemory.free(packet)
      case 20: return packet  // held until the next has passed
      case 50:
        forward.copy(packet)
        forward.send(packet)
      default: forward.send(packet)
      }
      return nil
    }
    let result = try run.run()
    relay.stop()
    let back = try #require(result.returned)
    #expect(result.sent.frames == 200)
    #expect(back.frames == 180 && back.surplus == 1 && back.foreign == 0 && back.ambiguous == 0)
    #expect(back.reordered == 1 && back.extent == 1)
    #expect(result.latency?.count == 180)
  }

  /// XOFF for priority 3, for 100 ms at 10M: frames of that priority come later, all others at once.
  @Test func pausesHoldTheirPriorityOnly() throws {
    let directory = try ScratchDirectory()
    let frames = (0..<40).map { number in
      var frame = Frame(from: "10.0.1.2", to: "10.0.2.2")
      frame.dscp = number % 2 == 0 ? 26 : 0
      frame.identification = UInt16(number)
      return StampedFrame(at: epoch + 50_000_000 + UInt64(number) * 100_000, frame.udp(1, 2, size: 100))
    }
    // A frame ahead of the others, so that they begin 50 ms later.
    var options = try options(datagrams(at: [0]) + frames, directory, device: "ring:paused")
    options.obeysPause = true
    options.lineRate = BitRate(bitsPerSecond: 10_000_000)
    let run = try LiveSend(options)
    let order = Mutex<[(dscp: UInt8, number: UInt16)]>([])
    let relay = try Relay(from: "ring:paused", to: nil) { number, packet, forward in
      let dscp = packet.bytes.load(fromByteOffset: 15, as: UInt8.self) >> 2
      let identification = UInt16(bigEndian: packet.bytes.loadUnaligned(fromByteOffset: 18, as: UInt16.self))
      order.withLock { $0.append((dscp, identification)) }
      if number == 0 { forward.answer(Frame.priorityPause([3: 1953])) }
      PacketMemory.free(packet)
      return nil
    }
    let result = try run.run()
    relay.stop()
    let seen = order.withLock { $0 }
    #expect(seen.count == 41)
    #expect(seen.dropFirst().map(\.dscp) == Array(repeating: 0, count: 20) + Array(repeating: 26, count: 20))
    #expect(seen.suffix(20).map(\.number) == (0..<20).map { UInt16(2 * $0) })
    #expect(result.pauseFrames == 1 && result.sent.paused == 20 && result.sent.frames == 41)
    #expect(result.departureError.count == 21)
  }
}

/// A network in a thread: takes frames from one ring and sends them into another.
private final class Relay: Sendable {
  /// What a relay can do with frames.
  struct Forward {
    let back: DevicePort
    let out: DevicePort?
    let memory: UnsafePointer<PacketMemory>

    func send(_ packet: Packet) { if let out { transmit(packet, on: out) } }

    func copy(_ packet: Packet) {
      guard let out, let copy = memory.pointee.allocate(capacity: packet.capturedLength) else { return }
      copy.fill(packet.bytes, count: packet.capturedLength)
      transmit(copy, on: out)
    }

    func answer(_ frame: [UInt8]) {
      guard let packet = memory.pointee.allocate(capacity: frame.count) else { return }
      packet.fill(frame, count: frame.count)
      transmit(packet, on: back)
    }

    private func transmit(_ packet: Packet, on port: DevicePort) {
      var burst = PacketBurst()
      burst.append(packet)
      while port.transmit(burst) == 0 {}
      burst.removeAll()
    }
  }

  // Both belong to the thread until it has ended.
  nonisolated(unsafe) private let memory: UnsafeMutablePointer<PacketMemory>
  nonisolated(unsafe) private let devices: [Device]
  private let isStopping = Atomic<Bool>(false)
  private let finished = DispatchSemaphore(value: 0)

  /// Opens the other ends of rings, and starts. The handler frees or forwards a packet, or gives it back to have it
  /// forwarded behind the next.
  init(
    from input: String, to output: String?,
    _ handle: @escaping @Sendable (Int, Packet, Forward) -> Packet?
  ) throws {
    let memory = UnsafeMutablePointer<PacketMemory>.allocate(capacity: 1)
    memory.initialize(to: try PacketMemory(counts: (256, 64, 4)))
    let first = try Device(try DeviceAddress(input), memory: memory.pointee)
    try first.start()
    var second: Device?
    if let output {
      second = try Device(try DeviceAddress(output), memory: memory.pointee)
      try second?.start()
    }
    self.memory = memory
    devices = [first, second].compactMap(\.self)
    nonisolated(unsafe) let forward = Forward(back: first.port, out: second?.port, memory: UnsafePointer(memory))
    let thread = Thread { [self] in
      var burst = PacketBurst()
      var faults = DeviceFaults()
      var number = 0
      var held: Packet?
      while !isStopping.load(ordering: .relaxed) {
        _ = forward.back.receive(into: &burst, &faults)
        for index in 0..<burst.count {
          let behind = held
          held = handle(number, burst[index], forward)
          if let behind { forward.send(behind) }
          number += 1
        }
        burst.removeAll()
      }
      finished.signal()
    }
    thread.start()
  }

  func stop() {
    isStopping.store(true, ordering: .relaxed)
    finished.wait()
    for device in devices { device.close() }
  }

  deinit {
    memory.deinitialize(count: 1)
    memory.deallocate()
  }
}
