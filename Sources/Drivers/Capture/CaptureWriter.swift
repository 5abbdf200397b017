import CShims
import Dataplane
import Glibc

/// A capture being written, with nanosecond stamps. It has a temporary name until ``commit()``, so that no broken file
/// poses as a whole one, and vanishes if it never gets there.
struct CaptureWriter: ~Copyable {
  private var writer: UnsafeMutableRawPointer?
  private var isCommitted = false
  private let path: String
  private let temporary: String
  private let snapLength: Int
  private var untilCheck = CaptureWriter.checkInterval

  /// Packets between two looks at whether the disk is full.
  private static let checkInterval = 4096

  init(path: String, snapLength: Int) throws(CaptureError) {
    var message = [CChar](repeating: 0, count: 256)
    temporary = path + ".partial"
    writer = pst_writer_open(temporary, Int32(snapLength), &message)
    self.path = path
    self.snapLength = snapLength
    guard writer != nil else {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw CaptureError(path: path, problem: text, remedy: "Choose a directory that can be written to.")
    }
  }

  deinit {
    if let writer { _ = pst_writer_close(writer) }
    if !isCommitted { unlink(temporary) }
  }

  /// Writes a packet. Cost: about 40 ns for 64 bytes.
  @inline(__always)
  mutating func write(_ packet: Packet, stampNanoseconds: UInt64) throws(CaptureError) {
    guard let writer else { return }
    let captured = min(packet.capturedLength, snapLength)
    pst_writer_write(
      writer, stampNanoseconds, packet.bytes, UInt32(truncatingIfNeeded: captured), packet.state.pointee.wire_length)
    untilCheck &-= 1
    if untilCheck == 0 { try check() }
  }

  private mutating func check() throws(CaptureError) {
    untilCheck = CaptureWriter.checkInterval
    guard let writer else { return }
    try fail(on: pst_writer_error(writer))
  }

  /// Completes the file, still under its temporary name.
  mutating func finish() throws(CaptureError) {
    guard let open = writer else { return }
    writer = nil
    try fail(on: pst_writer_close(open))
  }

  /// Gives the finished file its own name.
  mutating func commit() throws(CaptureError) {
    guard rename(temporary, path) == 0 else { return try fail(on: errno) }
    isCommitted = true
  }

  private func fail(on error: Int32) throws(CaptureError) {
    guard error != 0 else { return }
    throw CaptureError(
      path: path, problem: String(cString: strerror(error)),
      remedy: error == ENOSPC
        ? "Free space, or write less with --snap." : "Check the directory and run again.")
  }
}
