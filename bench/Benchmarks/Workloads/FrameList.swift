import CShims
import Dataplane
import Drivers
import Glibc
import Wire

/// Frames one behind the other in one piece of memory, without check sequences.
public struct FrameList: Equatable, Sendable {
  /// All octets.
  public private(set) var bytes: [UInt8] = []
  /// Where each frame ends in ``bytes``.
  public private(set) var ends: [Int] = []

  /// No frames.
  public init() {}

  /// How many frames there are.
  public var count: Int { ends.count }

  /// The octets of one frame.
  public subscript(index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  /// Octets of the largest frame; 0 if there is none.
  public private(set) var largest = 0

  /// Mean octets of a frame on the wire, check sequence included.
  public var meanFrameBytes: Double {
    count == 0 ? 0 : Double(bytes.count) / Double(count) + Double(EthernetOverhead.frameCheckSequence)
  }

  /// Adds a frame.
  public mutating func append(_ frame: some Collection<UInt8>) {
    bytes.append(contentsOf: frame)
    ends.append(bytes.count)
    largest = max(largest, frame.count)
  }

  /// The same frames in all eight classes by turns: DSCP 0 to 7, able to be marked (ECT(0)).
  public func inAllClasses() -> FrameList {
    var list = self
    list.bytes.withUnsafeMutableBytes { all in
      var start = 0
      for (index, end) in ends.enumerated() {
        if let base = all.baseAddress, end - start > 34 {
          let network = base + start + 14
          let available = end - start - 14
          if let header = IPv4Header(at: network, available: available) {
            header.setDSCP(UInt8(index & 7))
            header.setECN(ECN.capable0)
          } else if let header = IPv6Header(at: network, available: available) {
            header.setDSCP(UInt8(index & 7))
            header.setECN(ECN.capable0)
          }
        }
        start = end
      }
    }
    return list
  }

  /// Writes the frames as a capture, 10 ns apart.
  ///
  /// - Parameter packets: how many to write, from the first one again after the last; nil: each once.
  public func write(to path: String, packets: Int? = nil) throws(BenchmarkError) {
    var message = [CChar](repeating: 0, count: 256)
    guard let writer = pst_writer_open(path, Int32(max(largest, 60)), &message) else {
      let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw BenchmarkError("\(path): cannot be written: \(reason)")
    }
    bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return }
      for number in 0..<(packets ?? count) {
        let index = number % count
        let start = index == 0 ? 0 : ends[index - 1]
        let length = UInt32(ends[index] - start)
        pst_writer_write(writer, UInt64(number) * 10, base + start, length, length)
      }
    }
    let failure = pst_writer_error(writer)
    let closing = pst_writer_close(writer)
    guard failure == 0, closing == 0 else {
      unlink(path)
      throw BenchmarkError("\(path): cannot be written: \(String(cString: strerror(failure != 0 ? failure : closing)))")
    }
  }

  /// Reads the frames of a capture; those that it holds only in part are filled up with zeros, and short ones to 60.
  ///
  /// - Parameter limit: frames to read at most.
  public init(capture path: String, limit: Int = 1 << 20) throws(BenchmarkError) {
    do throws(CaptureError) {
      var reader = try CaptureReader(path: path, filter: nil)
      while count < limit, try reader.next() {
        let record = reader.record
        guard record.length <= 9600, let base = record.bytes else { continue }
        let captured = UnsafeBufferPointer(start: base, count: Int(record.captured))
        let missing = max(60, Int(record.length)) - captured.count
        append(Array(captured) + Array(repeating: 0, count: missing))
      }
    } catch {
      throw BenchmarkError(error.description)
    }
    if count == 0 { throw BenchmarkError("\(path): holds no frames that a port could receive") }
  }
}
