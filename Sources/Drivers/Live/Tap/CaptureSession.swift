import Dataplane
import Glibc
import Synchronization

/// What to capture of a port, and where to.
public struct CaptureSettings: Equatable, Sendable {
  /// The file; one that exists is replaced.
  public var path: String
  /// Name of the port.
  public var portName: String
  /// The port.
  public var port: PortID
  /// Its line rate, for the file's description of it.
  public var speed: BitRate
  /// Which packets.
  public var filter = CaptureFilter()
  /// Bytes of each frame to keep, 14 to ``longestSnap``.
  public var snapLength = longestSnap
  /// Ends by itself after so many packets; nil: it does not.
  public var packetLimit: UInt64?
  /// Copies that can wait for the writer, for each worker.
  public var slots = 4096

  /// The largest frame that a switch forwards, rounded up.
  public static let longestSnap = 9728

  /// Captures everything on a port.
  public init(path: String, port: PortID, named portName: String, speed: BitRate) {
    self.path = path
    self.port = port
    self.portName = portName
    self.speed = speed
  }
}

/// What a capture has come to.
public struct CaptureOutcome: Equatable, Sendable {
  /// Packets in the file.
  public var packets: UInt64 = 0
  /// Packets that were wanted and for which there was no room on their way to the writer.
  public var missed: UInt64 = 0
  /// Why it ended early; nil: it did not.
  public var error: CaptureError?

  /// Nothing yet.
  public init() {}
}

/// A capture that is under way: taps for workers, and a thread that writes what comes through them.
///
/// Life: create it; hand each worker its tap; ``start()``. To end it: take the taps back from the workers
/// (``CaptureTap/inactive``), wait until they have let go of them, then ``finish()``. The memory behind the taps goes with
/// the session.
public final class CaptureSession: Sendable {
  private struct State: ~Copyable {
    var writer: PCAPNGWriter
    var outcome = CaptureOutcome()
    var firstStamp: UInt64?
    var lastStamp: UInt64 = 0
    var isClosed = false
  }

  /// What it captures.
  public let settings: CaptureSettings
  private let clock: CaptureClock
  // Flat memory with atomic counters, of which the session is one side and a worker the other.
  nonisolated(unsafe) private let rings: [TapRing]
  private let state: Mutex<State>
  private let isStopping = Atomic<Bool>(false)
  private let isComplete = Atomic<Bool>(false)
  private let thread = Mutex<PlainThread?>(nil)
  /// Packets written at a time, so that a fast producer does not keep others from asking for the outcome.
  private static let batch = 4096
  private static let reasons = DropReason.allCases.map(\.name)

  /// Creates the file and the rings.
  ///
  /// - Parameter workers: how many workers see packets of the port, each of which gets a tap.
  public init(_ settings: CaptureSettings, workers: Int = 1, clock: CaptureClock) throws(CaptureError) {
    var settings = settings
    settings.snapLength = min(max(14, settings.snapLength), CaptureSettings.longestSnap)
    let writer = try PCAPNGWriter(
      path: settings.path,
      PCAPNGInterface(
        name: settings.portName, description: "port of a Penstock switch",
        bitsPerSecond: settings.speed.bitsPerSecond, snapLength: UInt32(settings.snapLength)))
    var rings: [TapRing] = []
    for _ in 0..<max(1, workers) {
      guard let ring = TapRing.create(slots: max(64, settings.slots), snapLength: settings.snapLength) else {
        for ring in rings { ring.free() }
        throw CaptureError(
          path: settings.path, problem: "no memory for copies of packets", remedy: "Keep less of each with --snap.")
      }
      rings.append(ring)
    }
    self.settings = settings
    self.rings = rings
    self.clock = clock
    state = Mutex(State(writer: writer))
  }

  deinit { for ring in rings { ring.free() } }

  /// The tap of a worker.
  public func tap(ofWorker worker: Int = 0) -> CaptureTap {
    CaptureTap(ring: rings[worker], port: settings.port, settings.filter, snapLength: settings.snapLength)
  }

  /// Whether it wants no more: it has as many packets as it should, or the file cannot be written.
  public var isFinished: Bool { isComplete.load(ordering: .acquiring) }

  /// What it has come to so far.
  public var outcome: CaptureOutcome {
    var outcome = state.withLock { $0.outcome }
    outcome.missed = rings.reduce(0) { $0 + $1.missed }
    return outcome
  }

  /// Starts to write on a thread of its own, which runs where the calling thread may.
  public func start() throws(CaptureError) {
    do throws(PlainThreadError) {
      let made = try PlainThread(with: self) { $0.writeUntilStopped() }
      thread.withLock { $0 = made }
    } catch {
      throw CaptureError(
        path: settings.path, problem: "no thread: \(error.reason)", remedy: "Raise the limit of threads (ulimit -u).")
    }
  }

  private func writeUntilStopped() {
    while !isStopping.load(ordering: .acquiring) {
      // A millisecond of 64-byte frames at 10G fills a quarter of the usual slots.
      if drain() == 0 {
        flush()
        usleep(250)
      }
    }
  }

  /// Writes what waits, oldest first, up to some thousand packets; returns how many that were. The thread of ``start()``
  /// does it; without one, as in virtual time, the caller does.
  @discardableResult
  public func drain() -> Int {
    state.withLock { state in
      var count = 0
      while count < CaptureSession.batch, let ring = oldestRing {
        let tail = ring.tail
        if !isFinished { write(ring, tail, &state) }
        ring.giveBack(tail: tail &+ 1)
        count += 1
      }
      return count
    }
  }

  /// Stops the thread, writes what still waits, adds the statistics and closes the file. No worker may have a tap any more.
  public func finish() -> CaptureOutcome {
    isStopping.store(true, ordering: .releasing)
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
    while drain() > 0 {}
    let (seen, missed) = rings.reduce((0, 0)) { ($0.0 + $1.seen, $0.1 + $1.missed) }
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      let statistics = PCAPNGStatistics(
        endNanoseconds: state.lastStamp, startNanoseconds: state.firstStamp ?? 0, received: seen, missed: missed)
      do throws(CaptureError) { try state.writer.finish(statistics) } catch { fail(error, &state) }
    }
    return outcome
  }

  private func flush() {
    state.withLock { state in
      guard !isFinished else { return }
      do throws(CaptureError) { try state.writer.flush() } catch { fail(error, &state) }
    }
  }

  /// The ring whose next packet is the oldest; nil if none waits.
  private var oldestRing: TapRing? {
    var oldest: TapRing?
    var tick = UInt64.max
    for ring in rings where ring.head != ring.tail {
      let next = ring.record(ring.tail).pointee.tick
      if oldest == nil || next < tick { (oldest, tick) = (ring, next) }
    }
    return oldest
  }

  private func write(_ ring: TapRing, _ position: UInt64, _ state: inout State) {
    let record = ring.record(position).pointee
    guard !record.isSkipped else { return }
    let stamp = clock.nanoseconds(at: Tick(record.tick))
    var packet = PCAPNGPacket(
      stampNanoseconds: stamp,
      bytes: UnsafeRawBufferPointer(start: ring.bytes(position), count: Int(record.captured)),
      wireLength: record.wireLength)
    packet.direction = record.isOutbound ? .outbound : .inbound
    packet.queue = record.queue == TapRecord.noQueue ? nil : UInt32(record.queue)
    packet.number = record.number
    packet.missed = UInt64(record.missed)
    if record.reason != TapRecord.noReason, Int(record.reason) < CaptureSession.reasons.count {
      let reason = "dropped: \(CaptureSession.reasons[Int(record.reason)])"
      packet.comment = record.isWithoutBytes ? reason + ", after it had been queued; bytes not kept" : reason
    }
    do throws(CaptureError) {
      try state.writer.write(packet)
      state.outcome.packets += 1
      state.firstStamp = state.firstStamp ?? stamp
      state.lastStamp = max(state.lastStamp, stamp)
      if let limit = settings.packetLimit, state.outcome.packets >= limit {
        isComplete.store(true, ordering: .releasing)
      }
    } catch {
      fail(error, &state)
    }
  }

  private func fail(_ error: CaptureError, _ state: inout State) {
    if state.outcome.error == nil { state.outcome.error = error }
    isComplete.store(true, ordering: .releasing)
  }
}
