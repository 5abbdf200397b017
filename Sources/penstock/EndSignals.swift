import ArgumentParser
import Drivers
import Glibc
import Synchronization

/// Holds back the signals that ask a program to end (SIGINT, SIGTERM, SIGHUP), so that it can remove unfinished files
/// first. The second one ends it at once.
///
/// Signals that were ignored when the program began stay ignored, as `nohup` wants it.
final class EndSignals: Sendable {
  /// 0 while nothing came; then the number of the signal, or ``released``.
  private let state = Atomic<Int32>(0)
  private static let released: Int32 = -1
  private let signals: sigset_t
  private let reloadsOnHangup: Bool
  private let wantsReload = Atomic<Bool>(false)

  /// Holds signals back from now on. Threads that are made later hold them too, so this comes before them.
  ///
  /// - Parameter reloadsOnHangup: SIGHUP does not end the program; ``takeReload()`` tells of it.
  init(reloadsOnHangup: Bool = false) {
    self.reloadsOnHangup = reloadsOnHangup
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !EndSignals.isIgnored(signal) { sigaddset(&signals, signal) }
    self.signals = signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    do throws(PlainThreadError) {
      try PlainThread(with: self) { $0.wait() }.detach()
    } catch {
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
  }

  /// Whether the program has been asked to end.
  var areWaiting: Bool { state.load(ordering: .relaxed) > 0 }

  /// Whether SIGHUP came since this was last asked.
  func takeReload() -> Bool { wantsReload.exchange(false, ordering: .relaxed) }

  /// Lets a signal have its way: at once, if one came already.
  func release() {
    let signal = state.exchange(EndSignals.released, ordering: .relaxed)
    if signal > 0 { EndSignals.end(by: signal) }
  }

  /// Carries out what a command does, with signals held back. What fails is said, and the program ends with `code`, or by
  /// the signal that came meanwhile.
  func guarding(code: (any Error) -> Int32 = { _ in 1 }, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let code as ExitCode {
      throw code
    } catch {
      if Terminal.showsProgress { Terminal.clearProgress() }
      Terminal.complain("error: \(error)")
      release()
      throw ExitCode(code(error))
    }
  }

  /// Waits for signals, on a thread of its own.
  private func wait() -> Never {
    var signals = signals
    while true {
      var signal: Int32 = 0
      guard sigwait(&signals, &signal) == 0 else { continue }
      if signal == SIGHUP, reloadsOnHangup {
        wantsReload.store(true, ordering: .relaxed)
        continue
      }
      let isFirst = state.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged
      if !isFirst { EndSignals.end(by: signal) }
    }
  }

  /// Ends the program as the signal would have: whoever started it learns why.
  private static func end(by signal: Int32) {
    Glibc.signal(signal, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, signal)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(signal)
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
