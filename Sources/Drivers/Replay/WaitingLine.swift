import Dataplane

/// Frames of one priority that a pause holds back, as copies, first come first.
struct WaitingLine: ~Copyable {
  /// A frame that waits; its bytes follow it in memory.
  struct Frame {
    var next: UnsafeMutablePointer<Frame>?
    /// Its place among all frames of the port.
    let sequence: UInt64
    /// When it would have started if the wire had been free.
    let scheduled: Tick
    let captured: Int
    let length: Int
    /// The stream that it came from.
    let stream: Int
  }

  private(set) var first: UnsafeMutablePointer<Frame>?
  private var last: UnsafeMutablePointer<Frame>?

  deinit {
    var rest = first
    while let frame = rest {
      rest = frame.pointee.next
      frame.deallocate()
    }
  }

  /// Memory that a frame takes here.
  static func footprint(captured: Int) -> Int { MemoryLayout<Frame>.stride + captured }

  /// Copies a frame to the end of the line.
  mutating func append(_ frame: Frame, bytes: UnsafeRawPointer) {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: WaitingLine.footprint(captured: frame.captured), alignment: MemoryLayout<Frame>.alignment)
    let copy = memory.initializeMemory(as: Frame.self, to: frame)
    (memory + MemoryLayout<Frame>.stride).copyMemory(from: bytes, byteCount: frame.captured)
    if let last { last.pointee.next = copy } else { first = copy }
    last = copy
  }

  /// Forgets the first frame.
  mutating func removeFirst() {
    guard let frame = first else { return }
    first = frame.pointee.next
    if first == nil { last = nil }
    frame.deallocate()
  }

  /// The bytes of a frame.
  static func bytes(of frame: UnsafeMutablePointer<Frame>) -> UnsafeRawPointer {
    UnsafeRawPointer(frame) + MemoryLayout<Frame>.stride
  }
}
