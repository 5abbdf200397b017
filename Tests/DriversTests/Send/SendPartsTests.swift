import Dataplane
import TestSupport
import Testing
import Wire

@testable import Drivers

/// The parts of sending that need no device: pace, table of what was sent, pauses.
@Suite struct SendPartsTests {
  private func dues(_ pace: SendPace, _ frames: [(length: UInt32, offset: UInt64)], ticksPerSecond: UInt64) -> [UInt64]
  {
    var pacer = SendPacer(pace, ticksPerSecond: ticksPerSecond)
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
    defer { bytes.deallocate() }
    return frames.map { entry in
      let frame = StoredFrame(bytes: bytes, length: entry.length, signature: 0, priority: 0, offset: entry.offset)
      let due = pacer.due(frame, start: Tick(1000), base: Tick(5000))
      pacer.advance(past: frame)
      return due.rawValue
    }
  }

  @Test func pacesAreExact() {
    let frames: [(length: UInt32, offset: UInt64)] = [(60, 0), (100, 7), (1514, 20), (60, 40)]
    // A clock of 1 GHz: at 1G a byte takes 8 ticks; 24 bytes are around each frame.
    #expect(dues(.bits(.gigabits(1)), frames, ticksPerSecond: 1_000_000_000) == [1000, 1672, 2664, 14_968])
    #expect(dues(.packets(3_000_000), frames, ticksPerSecond: 1_000_000_000) == [1000, 1333, 1666, 2000])
    #expect(
      dues(.factor(numerator: 1, denominator: 1), frames, ticksPerSecond: 1_000_000_000) == [5000, 5007, 5020, 5040])
    #expect(dues(.unlimited, frames, ticksPerSecond: 1_000_000_000) == [1000, 1000, 1000, 1000])
  }

  private func store(_ frames: [StampedFrame], _ change: (inout SendOptions) -> Void = { _ in }) throws -> FrameStore {
    let directory = try ScratchDirectory()
    let path = try directory.write(frames, to: "in.pcap")
    var options = SendOptions(path: path, device: try DeviceAddress("null:"))
    change(&options)
    return try FrameStore(options, ticksPerSecond: 2_000_000_000)
  }

  @Test func capturesAreReadWithTheirSpacing() throws {
    var frames = datagrams(at: [0, 10, 30, 20, 40])
    frames[1].bytes = Array(frames[1].bytes[..<50])
    frames.append(StampedFrame(at: epoch + 100, [UInt8](repeating: 1, count: 20)))
    let normal = try store(frames)
    // Ticks of half a nanosecond; the fourth frame's stamp lies before the third's.
    #expect(normal.frames.map(\.offset) == [0, 20, 60, 60, 80, 200])
    #expect(normal.frames.map(\.length) == [64, 64, 64, 64, 64, 60])
    #expect(normal.loopTicks == 240 && normal.cut == 1 && normal.oversize == 0 && normal.largest == 64)
    #expect(normal.flows == [0, 0, 0, 0, 0, 1] || Set(normal.flows).count == 3)
    let double = try store(frames) { $0.pace = .factor(numerator: 2, denominator: 1) }
    #expect(double.frames.map(\.offset) == [0, 10, 30, 30, 40, 100])
    let fast = try store(frames) { $0.pace = .unlimited }
    #expect(fast.frames.map(\.offset) == [0, 0, 0, 0, 0, 0])
  }

  @Test func prioritiesAreThoseOfTagAndDSCP() throws {
    var frame = Frame(from: "10.0.1.2", to: "10.0.2.2")
    frame.dscp = 26
    let trusted = frame.udp(1, 2, size: 60)
    frame.tags = [Frame.Tag(vlan: 0, priority: 5)]
    let tagged = frame.udp(1, 2, size: 60)
    let plain = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 60)
    let store = try store([trusted, tagged, plain].map { StampedFrame(at: epoch, $0) })
    #expect(store.frames.map(\.priority) == [3, 5, 0])
  }

  @Test func mistakesSayWhatToDo() throws {
    func message(_ frames: [StampedFrame], _ change: @escaping (inout SendOptions) -> Void = { _ in }) -> String {
      let error = #expect(throws: SendError.self) { try store(frames, change) }
      return error?.description ?? ""
    }
    #expect(
      message([]).hasSuffix(
        "there is no frame in it that could be sent. Give a capture with frames up to 9600 bytes, or another filter."))
    #expect(message(datagrams(at: [0, 1])) { $0.memory = ByteCount(100) }.contains("--memory"))
    #expect(message(datagrams(at: [0])) { $0.filter = "nonsense here" }.contains("pcap-filter(7)"))
    #expect(message(datagrams(at: [0])) { $0.path = "/nowhere/at.pcap" }.contains("No such file"))
  }

  @Test func aFrameIsTimedIfItIsTheOnlyOneOfItsKind() throws {
    let table = SentTable(try store(datagrams(at: [0, 1])))
    func described(_ result: SentTable.Return) -> String {
      switch result {
      case .known(let tick, let sequence, _): "sent at \(tick) as \(sequence)"
      case .ambiguous: "ambiguous"
      case .surplus: "surplus"
      }
    }
    func back(_ signature: UInt32, _ tick: UInt64) -> String {
      described(table.noteReturn(signature, at: Tick(tick), patience: 1000))
    }
    #expect(back(0, 5) == "surplus")
    table.note(0, sequence: 0, at: Tick(10))
    table.note(1, sequence: 1, at: Tick(11))
    #expect(back(1, 30) == "sent at 11 as 1")
    #expect(back(0, 31) == "sent at 10 as 0")
    #expect(back(0, 32) == "surplus")
    // Two at a time are told apart by nothing.
    table.note(0, sequence: 2, at: Tick(40))
    table.note(0, sequence: 3, at: Tick(41))
    #expect(back(0, 50) == "ambiguous")
    #expect(back(0, 51) == "sent at 41 as 3")
    // One that is overdue is lost, and the next is known again.
    table.note(0, sequence: 4, at: Tick(100))
    table.note(0, sequence: 5, at: Tick(5000))
    #expect(back(0, 5010) == "sent at 5000 as 5")
    #expect(back(0, 5011) == "surplus")
    table.renote(1, at: Tick(7000))
    table.note(1, sequence: 6, at: Tick(8000))
    #expect(back(1, 8001) == "sent at 8000 as 6")
  }

  @Test func pausesLastAsLongAsTheirQuanta() throws {
    // A clock of 1 GHz and a line of 1G: a quantum takes 512 ticks.
    let pause = SenderPause(line: .gigabits(1), ticksPerSecond: 1_000_000_000)
    let memory = try PacketMemory(counts: (4, 1, 1))
    let allocated = memory.allocate(capacity: 60)
    let packet = try #require(allocated)
    defer { PacketMemory.free(packet) }
    func heed(_ frame: [UInt8], at tick: UInt64) -> Bool {
      packet.fill(frame, count: frame.count)
      return pause.heed(packet, at: Tick(tick))
    }
    func paused(at tick: UInt64) -> [UInt8] { (0..<8).filter { pause.isPaused($0, at: Tick(tick)) } }
    let first = heed(Frame.priorityPause([3: 10, 4: 1]), at: 100)
    let during = [paused(at: 100), paused(at: 611), paused(at: 612), paused(at: 5219), paused(at: 5220)]
    #expect(first && during == [[3, 4], [3, 4], [3], [3], []])
    // XON ends one priority, and leaves those alone of which it does not speak.
    _ = heed(Frame.priorityPause([3: 10, 4: 10]), at: 6000)
    let second = heed(Frame.priorityPause([3: 0]), at: 6100)
    let after = paused(at: 6101)
    #expect(second && after == [4])
    var link = [UInt8](repeating: 0, count: MACControl.frameLength)
    link.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { PauseFrame.write(to: base, source: MACAddress(bits: 2), time: 1) }
    }
    let third = heed(link, at: 20_000)
    let all = paused(at: 20_511)
    #expect(third && all == Array(0..<8))
    let other = heed(TestConfiguration.frame(toPort: 1), at: 30_000)
    #expect(!other)
    for length in 0..<MACControl.frameLength where length < 18 {
      let isPause = heed(Array(link[..<length]), at: 30_000)
      #expect(!isPause)
    }
  }
}
