import CShims
import Drivers
import Glibc
import Synchronization

/// Finds out where a program spends its time: another thread interrupts the main one some thousand times a second, and
/// the address that it was at is noted.
///
/// Unlike instructions, time includes waiting for memory. The main thread loses about one part in a hundred to it.
final class StageSampler: Sendable {
  /// What the handler of the signal writes. Only the thread that is interrupted touches it meanwhile.
  private struct Log {
    var count = 0
    let capacity: Int
    let addresses: UnsafeMutablePointer<UInt>
  }

  private let isOver = Atomic<Bool>(false)
  private let hasEnded = Atomic<Bool>(false)
  /// Where the log is, as a number, because the other thread only passes it on.
  private let log: UInt
  private let cpu: Int?

  /// Microseconds from one interruption to the next; the kernel adds some 50.
  private static let pause: UInt32 = 150

  private init(log: UInt, cpu: Int?) {
    self.log = log
    self.cpu = cpu
  }

  /// Runs `body` on the main thread, and returns the addresses at which it was interrupted.
  ///
  /// - Parameters:
  ///   - cpu: the one that `body` runs on, where the other thread would come too late.
  ///   - limit: addresses that are noted at most.
  static func sample(awayFrom cpu: Int?, limit: Int, _ body: () throws -> Void) throws -> [UInt] {
    let addresses = UnsafeMutablePointer<UInt>.allocate(capacity: limit)
    defer { addresses.deallocate() }
    let log = UnsafeMutablePointer<Log>.allocate(capacity: 1)
    log.initialize(to: Log(capacity: limit, addresses: addresses))
    defer { log.deallocate() }
    var action = sigaction()
    action.sa_flags = SA_SIGINFO | SA_RESTART
    action.__sigaction_handler.sa_sigaction = { _, info, context in StageSampler.note(info, context) }
    var before = sigaction()
    sigaction(SIGPROF, &action, &before)
    let sampler = StageSampler(log: UInt(bitPattern: log), cpu: cpu)
    do throws(PlainThreadError) {
      try PlainThread(with: sampler) { $0.interrupt() }.detach()
    } catch {
      sigaction(SIGPROF, &before, nil)
      throw BenchmarkError(error.description)
    }
    defer {
      sampler.isOver.store(true, ordering: .relaxed)
      while !sampler.hasEnded.load(ordering: .acquiring) { usleep(100) }
      // The last signal may be on its way still, and without the handler it would end the program.
      usleep(1000)
      sigaction(SIGPROF, &before, nil)
    }
    try body()
    return (0..<log.pointee.count).map { addresses[$0] }
  }

  /// The other thread: the kernel gives a signal for the whole process to the main thread, if it takes it.
  private func interrupt() {
    var own = sigset_t()
    sigemptyset(&own)
    sigaddset(&own, SIGPROF)
    pthread_sigmask(SIG_BLOCK, &own, nil)
    if let cpu {
      var others: [UInt64] = [0, 0]
      pst_allowed_cpus(&others)
      others[cpu / 64] &= ~(1 << UInt64(cpu % 64))
      _ = pst_allow_cpus(others)
    }
    let process = getpid()
    var value = sigval()
    value.sival_ptr = UnsafeMutableRawPointer(bitPattern: log)
    while !isOver.load(ordering: .relaxed) {
      usleep(StageSampler.pause)
      sigqueue(process, SIGPROF, value)
    }
    hasEnded.store(true, ordering: .releasing)
  }

  /// The handler: nothing but memory that was there before.
  private static func note(_ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?) {
    guard let context, let pointer = info?.pointee._sifields._rt.si_sigval.sival_ptr else { return }
    let log = pointer.assumingMemoryBound(to: Log.self)
    guard log.pointee.count < log.pointee.capacity else { return }
    let machine = context.assumingMemoryBound(to: ucontext_t.self).pointee.uc_mcontext
    #if arch(x86_64)
      let address = UInt(bitPattern: Int(machine.gregs.16))
    #else
      let address = UInt(machine.pc)
    #endif
    log.pointee.addresses[log.pointee.count] = address
    log.pointee.count += 1
  }
}
