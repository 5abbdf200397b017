import Glibc

/// Small files of the kernel's, in /proc and /sys.
enum SystemFile {
  /// The text of a file, without the newline at its end; nil if it cannot be read.
  static func text(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 16384)
    let count = fread(&buffer, 1, buffer.count, file)
    guard count > 0 || ferror(file) == 0 else { return nil }
    var text = String(decoding: buffer.prefix(count), as: UTF8.self)
    while text.last == "\n" { text.removeLast() }
    return text
  }

  /// The last part of what a symbolic link names; nil if it is none.
  static func linkName(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
    }
    guard count > 0 else { return nil }
    return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "/").last.map(String.init)
  }

  /// The names in a directory, sorted; empty if it cannot be read.
  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
