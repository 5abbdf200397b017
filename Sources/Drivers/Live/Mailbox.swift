import CShims
import Synchronization

/// What control threads want a worker to do between two rounds.
final class Mailbox: Sendable {
  private let flag = Atomic<Bool>(false)
  private let contents = Mutex(Contents())

  private struct Contents {
    var isClosed = true
    var waiting: [(number: UInt64, body: @Sendable () -> Void)] = []
    var posted: UInt64 = 0
    var performed: UInt64 = 0
  }

  /// Whether something waits. Cost for the worker: one load a round.
  @inline(__always)
  var hasMail: Bool { flag.load(ordering: .acquiring) }

  /// Has a body carried out on the worker's thread, and waits for that. While the mailbox is closed it is carried out
  /// here: there is no worker yet, or no more.
  func post(_ body: @escaping @Sendable () -> Void) {
    let number: UInt64? = contents.withLock { contents in
      guard !contents.isClosed else { return nil }
      contents.posted += 1
      contents.waiting.append((contents.posted, body))
      flag.store(true, ordering: .releasing)
      return contents.posted
    }
    guard let number else { return body() }
    while contents.withLock({ $0.performed < number }) { pst_sleep_ns(50_000) }
  }

  /// Has something found out on the worker's thread.
  func ask<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) -> Answer {
    let answer = MailboxAnswer<Answer>()
    post { answer.value.withLock { $0 = body() } }
    guard let value = answer.value.withLock({ $0 }) else {
      preconditionFailure("mail is carried out before post returns")
    }
    return value
  }

  /// From now on a worker looks into it.
  func open() { contents.withLock { $0.isClosed = false } }

  /// Carries out what waits; the worker calls it between rounds.
  func perform() {
    flag.store(false, ordering: .releasing)
    let mail = contents.withLock { contents in
      let mail = contents.waiting
      contents.waiting = []
      return mail
    }
    for (number, body) in mail {
      body()
      contents.withLock { $0.performed = number }
    }
  }

  /// Carries out what still waits, and lets everything that comes later be carried out by those who post it.
  func close() {
    perform()
    contents.withLock { $0.isClosed = true }
    perform()
  }
}

/// Where a worker leaves what it has found out.
private final class MailboxAnswer<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
