import Glibc

/// A thread outside of Swift's concurrency, whose pool has as many threads as CPUs: for what polls, waits or blocks.
package struct PlainThread: Sendable {
  private let thread: pthread_t

  /// What a new thread is handed.
  private final class Start {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Starts one. It runs where the calling thread may, and has the same signals blocked.
  ///
  /// - Parameter context: what it works on, which is the thread's alone until it has been joined.
  /// - Throws: ``PlainThreadError`` if there can be no more threads.
  package init<Context: AnyObject>(
    with context: Context, _ body: @escaping @Sendable (Context) -> Void
  ) throws(PlainThreadError) {
    let start = Unmanaged.passRetained(Start { body(context) })
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      start.release()
      throw PlainThreadError(reason: String(cString: strerror(result)))
    }
    self.thread = thread
  }

  /// Waits until it has ended. Once, and not after ``detach()``.
  package func join() { pthread_join(thread, nil) }

  /// Lets it go: nobody will join it.
  package func detach() { pthread_detach(thread) }
}

/// A thread could not be made.
package struct PlainThreadError: Error {
  /// What the system says.
  package var reason: String
  /// What went wrong and what to do.
  package var description: String { "no thread: \(reason); raise the limit of threads (ulimit -u)" }
}
