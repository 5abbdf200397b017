import Glibc

/// Where a capture may be written to.
enum CaptureFile {
  /// The first bytes of a pcapng file (draft-ietf-opsawg-pcapng, section header block), and of pcap files of
  /// microseconds and nanoseconds in both byte orders.
  private static let magics: Set<[UInt8]> = [
    [0x0A, 0x0D, 0x0D, 0x0A], [0xA1, 0xB2, 0xC3, 0xD4], [0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0x3C, 0x4D],
    [0x4D, 0x3C, 0xB2, 0xA1],
  ]

  /// Checks that a path is absolute, and that nothing but a capture would be replaced: the switch may have more rights
  /// than whoever asks.
  static func check(_ path: String) throws(ControlError) {
    guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count < Int(PATH_MAX), !path.utf8.contains(0) else {
      throw wrong(path, "is no absolute path of a file", "write it like `/tmp/capture.pcapng`")
    }
    var status = stat()
    // A link could lead to a file of somebody else.
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw wrong(path, "cannot be looked at: \(String(cString: strerror(errno)))", "choose another directory")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw wrong(path, "exists and is no regular file", "choose another name")
    }
    guard status.st_size == 0 || isCapture(path) else {
      throw wrong(path, "exists and is no capture", "choose another name, or remove the file first")
    }
  }

  private static func isCapture(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return false }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4)
    return read(file, &bytes, bytes.count) == bytes.count && magics.contains(bytes)
  }

  private static func wrong(_ path: String, _ problem: String, _ remedy: String) -> ControlError {
    ControlError(.unprocessable, "\(PrintableText.clean(path)) \(problem)", remedy: remedy)
  }
}
