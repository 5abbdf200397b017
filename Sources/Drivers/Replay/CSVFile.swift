import Glibc

/// A file of comma-separated values (RFC 4180) being written. It has a temporary name until ``commit()``, and vanishes
/// if it never gets there.
struct CSVFile: ~Copyable {
  private let file: UnsafeMutablePointer<FILE>
  private let path: String
  private let temporary: String
  private let option: String
  private var line: [UInt8] = []
  private var isLineEmpty = true
  private var isOpen = true
  private var isCommitted = false
  /// Why the first write that failed did, as an `errno` value.
  private var failure: Int32 = 0

  /// Opens a file and writes its header.
  ///
  /// - Parameter option: what to do without when there is no room, for messages.
  init(path: String, columns: String, option: String) throws(CaptureError) {
    temporary = path + ".partial"
    self.path = path
    self.option = option
    guard let file = fopen(temporary, "w") else {
      throw CaptureError(
        path: path, problem: String(cString: strerror(errno)), remedy: "Choose a directory that can be written to.")
    }
    self.file = file
    setvbuf(file, nil, _IOFBF, 1 << 20)
    fputs(columns + "\n", file)
  }

  deinit {
    if isOpen { fclose(file) }
    if !isCommitted { unlink(temporary) }
  }

  /// Adds a field without a value.
  mutating func appendEmpty() { separate() }

  /// Adds a field; names that others chose are ``quoted(_:)`` first.
  mutating func append(_ text: String) {
    separate()
    line.append(contentsOf: text.utf8)
  }

  /// Adds a field.
  mutating func append(_ number: UInt64) {
    separate()
    let start = line.count
    var rest = number
    repeat {
      line.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest != 0
    line[start...].reverse()
  }

  /// Writes the line.
  mutating func endLine() {
    line.append(UInt8(ascii: "\n"))
    let written = line.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
    if written != line.count, failure == 0 { failure = errno }
    line.removeAll(keepingCapacity: true)
    isLineEmpty = true
  }

  /// Completes the file, still under its temporary name.
  mutating func finish() throws(CaptureError) {
    isOpen = false
    if fclose(file) != 0, failure == 0 { failure = errno }
    try check()
  }

  /// Gives the finished file its own name.
  mutating func commit() throws(CaptureError) {
    if rename(temporary, path) == 0 { isCommitted = true } else { failure = errno }
    try check()
  }

  /// Throws if a write has failed.
  func check() throws(CaptureError) {
    guard failure != 0 else { return }
    throw CaptureError(
      path: path, problem: String(cString: strerror(failure)),
      remedy: failure == ENOSPC ? "Free space, or do without \(option)." : "Check the directory and run again.")
  }

  private mutating func separate() {
    if !isLineEmpty { line.append(UInt8(ascii: ",")) }
    isLineEmpty = false
  }

  /// A name as a field.
  static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
