import Glibc

/// A pcapng file of one Ethernet interface being written, with nanosecond stamps, directions, queues and comments
/// (draft-ietf-opsawg-pcapng).
///
/// What is in the file is whole blocks at any time that it is looked at, also when the disk is full. Not for the packet
/// path: see ``CaptureTap``.
struct PCAPNGWriter: ~Copyable {
  private let file: Int32
  private let path: String
  private var block = PCAPNGBlocks()
  /// Bytes of whole blocks in the file.
  private var written = 0
  private var isOpen = true

  /// Bytes that are collected before they are written.
  private static let batch = 1 << 18

  /// Creates a file, or empties it, and describes its section and interface.
  init(path: String, _ interface: PCAPNGInterface) throws(CaptureError) {
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    self.path = path
    guard file >= 0 else {
      throw CaptureError(
        path: path, problem: String(cString: strerror(errno)), remedy: "Name a file that can be written to.")
    }
    block.addSection()
    block.add(interface)
  }

  deinit { if isOpen { close(file) } }

  /// Adds a packet. Cost: 40 ns for 64 bytes.
  mutating func write(_ packet: PCAPNGPacket) throws(CaptureError) {
    block.add(packet)
    if block.bytes.count >= PCAPNGWriter.batch { try flush() }
  }

  /// Writes what was collected.
  mutating func flush() throws(CaptureError) {
    guard isOpen else { return }
    var done = 0
    while done < block.bytes.count {
      let result = block.bytes.withUnsafeBytes { bytes in
        Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if result < 0 {
        if errno == EINTR { continue }
        let code = errno
        // No half of a block may stay behind.
        _ = ftruncate(file, written)
        isOpen = false
        close(file)
        throw CaptureError(
          path: path, problem: String(cString: strerror(code)),
          remedy: code == ENOSPC ? "Free space, or keep less of each frame with --snap." : "Write to another file.")
      }
      done += result
    }
    written += done
    block.removeAll()
  }

  /// Adds the interface's statistics and closes the file.
  mutating func finish(_ statistics: PCAPNGStatistics) throws(CaptureError) {
    guard isOpen else { return }
    block.add(statistics)
    try flush()
    isOpen = false
    close(file)
  }
}

/// The interface that packets of a file were seen on.
struct PCAPNGInterface {
  var name: String
  var description: String
  var bitsPerSecond: UInt64
  /// Bytes of each frame that are kept.
  var snapLength: UInt32
}

/// A packet of a file.
struct PCAPNGPacket {
  /// Which way it went.
  enum Direction: UInt32 {
    case unknown = 0
    case inbound = 1
    case outbound = 2
  }

  var stampNanoseconds: UInt64
  var bytes: UnsafeRawBufferPointer
  var wireLength: UInt32
  var direction = Direction.unknown
  /// The queue it left; nil: unknown.
  var queue: UInt32?
  /// A number by which a packet that came in is found again where it went out.
  var number: UInt64?
  /// Packets between the one before and this one that could not be kept.
  var missed: UInt64 = 0
  var comment: String?
}

/// What is known about an interface at the end.
struct PCAPNGStatistics {
  var endNanoseconds: UInt64
  var startNanoseconds: UInt64
  /// Packets that were to be kept.
  var received: UInt64
  /// Those of them that could not be.
  var missed: UInt64
}
