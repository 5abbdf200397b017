import CShims
import Glibc

/// A capture file being read, packet by packet: pcap or pcapng, with micro- or nanosecond stamps.
package struct CaptureReader: ~Copyable {
  private var capture: UnsafeMutableRawPointer
  private let filter: UnsafeMutableRawPointer?
  let path: String
  /// The packet that was read last; its bytes are valid until the next is read.
  package private(set) var record = pst_record()
  /// How many packets have been read since the file was (re)opened, those that the filter skipped included.
  private(set) var packets: UInt64 = 0
  /// How many bytes of the file have been read, roughly, over all times that it was (re)opened.
  private(set) var bytes: UInt64 = 24

  /// Opens a file.
  ///
  /// - Parameter filter: a libpcap filter expression; packets that it does not match are skipped.
  package init(path: String, filter: String?) throws(CaptureError) {
    let capture = try CaptureReader.open(path)
    do throws(CaptureError) {
      self.filter = try filter.map { expression throws(CaptureError) in
        try CaptureReader.compile(expression, for: capture, path)
      }
    } catch {
      pst_capture_close(capture)
      throw error
    }
    self.capture = capture
    self.path = path
  }

  deinit {
    pst_filter_free(filter)
    pst_capture_close(capture)
  }

  private static func open(_ path: String) throws(CaptureError) -> UnsafeMutableRawPointer {
    let remedy = "Give a readable pcap or pcapng file."
    // A replay reads its captures more than once, and opening a pipe would wait for somebody to write into it.
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw CaptureError(path: path, problem: String(cString: strerror(errno)), remedy: remedy)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let problem = status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file"
      throw CaptureError(path: path, problem: problem, remedy: remedy)
    }
    var message = [CChar](repeating: 0, count: 256)
    guard let capture = pst_capture_open(path, &message) else {
      throw CaptureError(path: path, problem: text(message), remedy: remedy)
    }
    let linkType = pst_capture_link_type(capture)
    guard linkType == 1 else {
      pst_capture_close(capture)
      throw CaptureError(
        path: path, problem: "link type \(linkType) (\(linkTypeName(linkType))) is not Ethernet",
        remedy: "Capture on an Ethernet interface, or convert the file; a switch needs MAC addresses.")
    }
    return capture
  }

  private static func compile(
    _ expression: String, for capture: UnsafeMutableRawPointer, _ path: String
  ) throws(CaptureError) -> UnsafeMutableRawPointer {
    var message = [CChar](repeating: 0, count: 256)
    guard let filter = pst_filter_create(capture, expression, &message) else {
      throw CaptureError(
        path: path, problem: "filter `\(expression)`: \(text(message))", remedy: "See pcap-filter(7) for the syntax.")
    }
    return filter
  }

  /// Starts again at the first packet.
  mutating func rewind() throws(CaptureError) {
    let fresh = try CaptureReader.open(path)
    pst_capture_close(capture)
    capture = fresh
    packets = 0
    bytes &+= 24
  }

  /// Reads the next packet. False at the end of the file.
  @inline(__always)
  package mutating func next() throws(CaptureError) -> Bool {
    while true {
      let result = pst_capture_next(capture, &record)
      if result == 0 { return false }
      guard result == 1 else { throw broken }
      packets &+= 1
      bytes &+= UInt64(record.captured) &+ 16
      // A frame is at least as long as what was captured of it, whatever the file says.
      record.length = max(record.length, record.captured)
      if let filter, pst_filter_matches(filter, &record) == 0 { continue }
      return true
    }
  }

  private var broken: CaptureError {
    CaptureError(
      path: path, problem: "broken at packet \(packets + 1): \(String(cString: pst_capture_error(capture)))",
      remedy: "Everything before it was processed. Capture again, or repair the file.", packet: packets + 1)
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func linkTypeName(_ type: Int32) -> String {
    switch type {
    case 0: "loopback"
    case 12, 14, 101: "raw IP"
    case 105, 127: "802.11"
    case 113, 276: "Linux cooked capture"
    case 247: "InfiniBand"
    default: "see pcap-linktype(7)"
    }
  }
}

/// A capture file could not be read or written.
public struct CaptureError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file.
  public let path: String
  /// What is wrong.
  public let problem: String
  /// What to do about it.
  public let remedy: String
  /// The number of the packet at which a file broke, from 1; nil if it could not be used at all.
  public let packet: UInt64?

  init(path: String, problem: String, remedy: String, packet: UInt64? = nil) {
    self.path = path
    self.problem = problem
    self.remedy = remedy
    self.packet = packet
  }

  /// File, problem and remedy on one line.
  public var description: String { "\(path): \(problem). \(remedy)" }
}
