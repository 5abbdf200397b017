import CShims

/// A program that forwards the packets of a capture from one port to others: this one, or a peer.
protocol Forwarder: Sendable {
  /// Its name and what it does: `testpmd 5tswap`.
  var name: String { get }
  /// Why it cannot take part on this machine; nil if it can.
  var absence: AbsentPeer? { get }
  /// Starts it. When this returns, it forwards.
  func start(_ job: ForwardingJob, on site: PeerSite) throws -> RunningForwarder
}

/// What a forwarder is to forward, and where.
struct ForwardingJob: Sendable {
  /// The packets.
  var workload: Workload
  /// The capture that they are in.
  var capture: String
  /// The CPUs that forward; the first one, for those that have only one thread for that.
  var cpus: [Int]
  /// The CPU for everything else.
  var control: Int
}

/// A forwarder that runs, metered from outside. Between its turns it is stopped, and takes no CPU.
final class RunningForwarder {
  /// Its name.
  let name: String
  /// Its version, as it says itself; empty if it does not.
  let version: String
  /// Whether its packets lie in hugepages; nil for one that has no packet memory of its own.
  let hasHugepages: Bool?
  private let processes: [PeerProcess]
  private let worker: PeerProcess?
  private let count: () throws -> UInt64

  /// A forwarder that runs.
  ///
  /// - Parameters:
  ///   - processes: those that are stopped between turns, the source of packets among them.
  ///   - worker: the one whose busiest thread forwards; nil if the kernel does.
  ///   - count: packets that it has forwarded so far.
  init(
    name: String, version: String, hasHugepages: Bool?, processes: [PeerProcess], worker: PeerProcess?,
    count: @escaping () throws -> UInt64
  ) {
    self.name = name
    self.version = version
    self.hasHugepages = hasHugepages
    self.processes = processes
    self.worker = worker
    self.count = count
  }

  /// Stops it until its next turn.
  func pause() { processes.forEach { $0.pause() } }

  /// What a turn takes: caches and queues settle, then packets are counted.
  struct Turn {
    var warmUp: Double
    var seconds: Double
  }

  /// Goes on, counts packets for a while, and is stopped again.
  ///
  /// - Parameter frame: mean bytes of a frame, check sequence included.
  func measure(_ turn: Turn, frame: Double) throws -> Sample {
    processes.reversed().forEach { $0.resume() }
    defer { pause() }
    Stopwatch.sleep(turn.warmUp)
    let before = try read()
    Stopwatch.sleep(turn.seconds)
    let after = try read()
    for process in processes where process.hasEnded {
      throw BenchmarkError("\(process.name) ended while it was measured. It said:\n\(process.lastWords)")
    }
    let packets = after.packets - min(before.packets, after.packets)
    let seconds = after.time - before.time
    let away = RunningForwarder.awayShare(before.threads, after.threads, seconds: seconds)
    return Sample(
      packets: packets, bytes: UInt64(Double(packets) * frame), nanoseconds: seconds * 1e9, away: away)
  }

  private struct Reading {
    var packets: UInt64
    var time: Double
    var threads: [Int: UInt64]
  }

  /// The counters, and when they had these values: between question and answer.
  private func read() throws -> Reading {
    let threads = worker?.processorNanoseconds() ?? [:]
    let begin = Stopwatch.now
    let packets = try count()
    return Reading(packets: packets, time: (begin + Stopwatch.now) / 2, threads: threads)
  }

  /// The part of the time for which the busiest thread did not have its CPU; nil if no thread is known.
  static func awayShare(_ before: [Int: UInt64], _ after: [Int: UInt64], seconds: Double) -> Double? {
    let used = after.compactMap { thread, time in before[thread].map { time - min($0, time) } }.max()
    guard let used, seconds > 0 else { return nil }
    return max(0, 1 - Double(used) / 1e9 / seconds)
  }
}

extension RunningForwarder {
  /// Its turns.
  func subject(_ turn: Turn, frame: Double) -> Subject {
    Subject(name: name, version: version) { _ in try self.measure(turn, frame: frame) }
  }
}

extension Stopwatch {
  /// Sleeps for at least so long.
  static func sleep(_ seconds: Double) { pst_sleep_ns(UInt64(max(0, seconds) * 1e9)) }
}
