import CShims
import Dataplane
import Synchronization

/// How a worker spends the time in which nothing arrives.
public enum PollMode: String, CaseIterable, Codable, Sendable {
  /// It never sleeps: least latency, and a whole CPU.
  case busy
  /// It sleeps when nothing has come for a while, for 50 us at a time or until something is due. The first frame after a
  /// sleep waits that much longer.
  case adaptive
}

/// A thread that owns switches and moves their packets. A plain thread on a CPU of its own, if there is one.
final class Worker: Sendable {
  /// What the thread is told: bits of ``Order``.
  private let orders = Atomic<Int>(0)
  private let hasEnded = Atomic<Bool>(true)
  /// Whether it has received its last packet.
  private let receivesNoMore = Atomic<Bool>(false)
  /// Rounds in which nothing moved, rounds, and sleeps; written by the thread, read by anyone.
  let idleRounds = Atomic<UInt64>(0)
  let rounds = Atomic<UInt64>(0)
  let sleeps = Atomic<UInt64>(0)

  let name: String
  /// The CPU that it is pinned to, if to one.
  let cpu: Int?
  private let poll: PollMode
  private let state: WorkerState

  private enum Order {
    static let drain = 1
    static let finish = 2
    static let stop = 3
  }

  /// How long nothing must come before an adaptive worker sleeps.
  private static let patience: UInt64 = 20_000
  /// How long it sleeps at most, in nanoseconds.
  private static let nap: UInt64 = 50_000

  init(name: String, cpu: Int?, poll: PollMode, state: WorkerState) {
    self.name = name
    self.cpu = cpu
    self.poll = poll
    self.state = state
  }

  /// Starts the thread.
  func start() throws(LiveError) {
    state.mailbox.open()
    hasEnded.store(false, ordering: .releasing)
    do throws(PlainThreadError) {
      try PlainThread(with: self) { $0.run() }.detach()
    } catch {
      state.mailbox.close()
      hasEnded.store(true, ordering: .releasing)
      throw LiveError("worker \(name): \(error.description)")
    }
  }

  /// Tells it to receive nothing more.
  func drain() { orders.store(Order.drain, ordering: .releasing) }

  /// Waits until it does, and has handed what it received to the workers that it was for.
  func waitForDraining() {
    while !receivesNoMore.load(ordering: .acquiring), !hasEnded.load(ordering: .acquiring) { pst_sleep_ns(50_000) }
  }

  /// Tells it to send what waits, and to end; at the latest after `patience` nanoseconds. All workers have drained.
  func stop(within patience: UInt64) {
    orders.store(Order.finish, ordering: .releasing)
    let end = LiveClock.nanoseconds(LiveClock.now.rawValue) + patience
    while !hasEnded.load(ordering: .acquiring) {
      if LiveClock.nanoseconds(LiveClock.now.rawValue) > end { orders.store(Order.stop, ordering: .releasing) }
      pst_sleep_ns(200_000)
    }
  }

  private func run() {
    // A worker that cannot be pinned works where the kernel puts it.
    _ = pst_thread_enter(name, Int32(cpu ?? -1))
    work()
    pst_thread_leave()
    state.mailbox.close()
    hasEnded.store(true, ordering: .releasing)
  }

  /// The loop: rounds over all switches until told to end.
  private func work() {
    let units = state.units.pointer
    let count = state.unitCount
    let mailbox = state.mailbox
    let ticksPerMicrosecond = max(1, LiveClock.ticksPerSecond / 1_000_000)
    let patience = ticksPerMicrosecond * Worker.patience / 1000
    var lastMoved = LiveClock.now
    var (round, idle, slept): (UInt64, UInt64, UInt64) = (0, 0, 0)
    while true {
      let order = orders.load(ordering: .relaxed)
      if order != 0 {
        if order == Order.stop { return }
        for index in 0..<count { units[index].isDraining = true }
        receivesNoMore.store(true, ordering: .releasing)
        var isEmpty = order == Order.finish
        for index in 0..<count { isEmpty = isEmpty && units[index].isEmpty }
        if isEmpty { return }
      }
      if mailbox.hasMail { mailbox.perform() }
      var moved = 0
      var next = Tick.never
      for index in 0..<count {
        var due = Tick.never
        moved &+= units[index].poll(next: &due)
        next = min(next, due)
      }
      round &+= 1
      if moved != 0 {
        lastMoved = LiveClock.now
      } else {
        idle &+= 1
        let now = LiveClock.now
        if poll == .adaptive, now > lastMoved, now - lastMoved > patience, next > now {
          let wait = next == .never ? Worker.nap : min(Worker.nap, (next - now) * 1000 / ticksPerMicrosecond)
          if wait > 1000 {
            slept &+= 1
            pst_sleep_ns(wait)
          }
        }
      }
      if round & 1023 == 0 || slept != sleeps.load(ordering: .relaxed) {
        rounds.store(round, ordering: .relaxed)
        idleRounds.store(idle, ordering: .relaxed)
        sleeps.store(slept, ordering: .relaxed)
      }
    }
  }
}

/// What a worker's thread works on.
struct WorkerState: Sendable {
  let units: SharedMemory<WorkerUnit>
  let unitCount: Int
  let mailbox: Mailbox
}
