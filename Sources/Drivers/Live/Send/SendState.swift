import Dataplane
import Synchronization

/// What the threads of one run share: flat memory and atomic words, each written by one of them.
final class SendState: Sendable {
  /// Frames to send, in order.
  private let memory: SharedMemory<StoredFrame>
  var frames: UnsafeMutablePointer<StoredFrame> { memory.pointer }
  let frameCount: Int
  let table: UnsafeShared<SentTable>
  let pause: UnsafeShared<SenderPause>

  /// Frames that the device took.
  let sent = Atomic<UInt64>(0)
  /// Frames that came back.
  let returned = Atomic<UInt64>(0)
  /// The sending thread is through.
  let isSent = Atomic<Bool>(false)
  /// Threads are to end: now, or when they have sent the frame that they are at.
  let isStopping = Atomic<Bool>(false)
  /// The device takes nothing at the moment.
  let isBlocked = Atomic<Bool>(false)
  /// The receiving thread is ready.
  let isReceiving = Atomic<Bool>(false)

  init(_ store: FrameStore, line: BitRate, ticksPerSecond: UInt64) {
    let memory = UnsafeMutablePointer<StoredFrame>.allocate(capacity: store.frames.count)
    memory.initialize(from: store.frames, count: store.frames.count)
    self.memory = SharedMemory(pointer: memory)
    frameCount = store.frames.count
    table = UnsafeShared(SentTable(store))
    pause = UnsafeShared(SenderPause(line: line, ticksPerSecond: ticksPerSecond))
  }

  deinit { memory.pointer.deallocate() }
}

/// A value in memory of its own that several threads may use at a time, because its parts are atomic or belong to one of
/// them each.
final class UnsafeShared<Value: ~Copyable>: Sendable {
  private let memory = SharedMemory<Value>(pointer: .allocate(capacity: 1))
  var pointer: UnsafeMutablePointer<Value> { memory.pointer }

  init(_ value: consuming Value) { pointer.initialize(to: value) }

  deinit {
    pointer.deinitialize(count: 1)
    pointer.deallocate()
  }
}
