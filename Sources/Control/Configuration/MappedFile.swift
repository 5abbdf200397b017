import Glibc

/// Why a file cannot be read.
struct FileError: Error, Equatable {
  let problem: String
  let remedy: String
}

/// The bytes of a file, mapped into memory for as long as this exists.
struct MappedFile: ~Copyable {
  private let bytes: UnsafeRawBufferPointer

  /// Maps a file.
  ///
  /// - Throws: ``FileError`` if there is no such file, it is not a regular one or may not be read.
  init(path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno)).lowercased()
      let remedy = errno == ENOENT ? "check the path" : "make it readable"
      throw FileError(problem: "cannot read `\(path)`: \(reason)", remedy: remedy)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(problem: "`\(path)` is not a regular file", remedy: "name a text file")
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      let reason = String(cString: strerror(errno)).lowercased()
      throw FileError(problem: "cannot map `\(path)`: \(reason)", remedy: "free memory")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// Lends the bytes.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(bytes) }
}
