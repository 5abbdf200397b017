import Foundation

/// A program that is installed, or is not.
struct SystemProgram: Equatable, Sendable {
  /// Where it is.
  let path: String

  private static let directories = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"]

  /// Finds a program by its name, in the directories of the system and in PATH, or by its path; nil if there is none.
  init?(_ name: String) {
    let own = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let candidates = name.hasPrefix("/") ? [name] : (Self.directories + own).map { "\($0)/\(name)" }
    guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
    path = found
  }

  /// Finds a program that a measurement cannot do without.
  static func required(_ name: String, package: String) throws(BenchmarkError) -> SystemProgram {
    guard let found = SystemProgram(name) else {
      throw BenchmarkError("\(name) is not installed; `apt install \(package)`")
    }
    return found
  }

  /// penstock itself: this program, or the one beside it.
  static func penstock() throws(BenchmarkError) -> SystemProgram {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if own.hasSuffix("/penstock"), let program = SystemProgram(own) { return program }
    let beside = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard let program = SystemProgram(beside + "/penstock") else {
      throw BenchmarkError("penstock is not beside \(own); build it: `swift build --product penstock`")
    }
    return program
  }
}
