import Collector
import Drivers

/// Reads captures into a collector, all of them in the order of their stamps.
public struct CaptureCollection: ~Copyable {
  /// Frames that were read.
  public private(set) var frames: UInt64 = 0
  /// Captures that break off, with the reason.
  public private(set) var errors: [String] = []
  private let paths: [String]
  private let filter: String?

  /// Captures to read.
  ///
  /// - Parameter filter: a libpcap filter expression; other packets are skipped.
  public init(_ paths: [String], filter: String?) {
    self.paths = paths
    self.filter = filter
  }

  /// Reads all of them, and concludes what waits for more.
  ///
  /// - Parameter progress: told now and then how many frames were read, with the collector; false ends the reading.
  /// - Throws: ``CaptureError`` for a file that cannot be read at all.
  public mutating func read(
    into collector: inout Collector, progress: (inout Collector, UInt64) -> Bool = { _, _ in true }
  ) throws(CaptureError) {
    var readers: [CaptureInput] = []
    for path in paths { readers.append(try CaptureInput(path, filter: filter)) }
    advance(readers)
    while let next = readers.filter(\.isOpen).min(by: { $0.stamp < $1.stamp }) {
      next.give(to: &collector)
      frames += 1
      if frames % 8192 == 0, !progress(&collector, frames) { break }
      advance([next])
    }
    collector.conclude()
  }

  private mutating func advance(_ readers: [CaptureInput]) {
    for reader in readers {
      if let error = reader.advance() { errors.append(error.description) }
    }
  }
}

/// One capture that is being read. A class, because arrays hold no noncopyable values.
private final class CaptureInput {
  private var reader: CaptureReader
  private(set) var isOpen = true

  init(_ path: String, filter: String?) throws(CaptureError) { reader = try CaptureReader(path: path, filter: filter) }

  var stamp: UInt64 { reader.record.stamp_ns }

  /// Goes to the next packet; closed at the end, and where the file is broken.
  func advance() -> CaptureError? {
    do throws(CaptureError) {
      isOpen = try reader.next()
      return nil
    } catch {
      isOpen = false
      return error
    }
  }

  func give(to collector: inout Collector) {
    let frame = UnsafeRawBufferPointer(start: reader.record.bytes, count: Int(reader.record.captured))
    collector.take(frame: frame, arrival: reader.record.stamp_ns)
  }
}
