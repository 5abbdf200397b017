/// Memory that a worker's thread owns while it runs, and that control threads know of: the one hand-over between them.
///
/// What control wants changed in a switch that runs, the worker does for it between two rounds (``Mailbox``). What
/// control only wants to look at, counters and tables in flat memory, it reads as it stands: each word is whole, and a
/// moment later than its neighbour at most. Before the worker starts and after it has ended, the memory is control's.
struct SharedMemory<Element: ~Copyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
}
