import Control
import Glibc

/// What the program says to a person, apart from results.
enum Terminal {
  /// Whether standard output is a terminal that wants colour (see no-color.org).
  static var isColoured: Bool {
    isatty(STDOUT_FILENO) == 1 && value(of: "NO_COLOR").isEmpty && value(of: "TERM") != "dumb"
  }

  /// Whether standard error is a terminal, on which progress may be shown.
  static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes a result to standard output, whole.
  static func say(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        throw ReportWriteError(path: "standard output", problem: "cannot be written", code: errno)
      }
    }
  }

  /// Writes a line to standard error.
  static func complain(_ text: String) {
    let line = text.hasSuffix("\n") ? text : text + "\n"
    put(line)
  }

  /// Draws a progress bar over the present line of standard error.
  static func progress(_ fraction: Double, _ text: String) {
    let width = 30
    let filled = Int((fraction * Double(width)).rounded())
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    let percent = Int((fraction * 100).rounded())
    put("\r[\(bar)] \(percent) % \(text)\u{1B}[K")
  }

  /// Says on the present line of standard error what is going on.
  static func activity(_ text: String) {
    put("\r\(text)\u{1B}[K")
  }

  /// Removes the progress bar.
  static func clearProgress() {
    put("\r\u{1B}[K")
  }

  private static func value(of variable: String) -> String { getenv(variable).map { String(cString: $0) } ?? "" }

  private static func put(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
