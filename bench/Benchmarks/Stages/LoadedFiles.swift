import Foundation

/// The files whose code this process runs, and where they lie.
struct LoadedFiles: Equatable {
  /// A file, from its first piece in memory to its last.
  struct File: Equatable {
    var range: Range<UInt>
    var path: String
  }

  private(set) var files: [File] = []

  /// Reads the text of /proc/self/maps, which has the pieces of a file one behind the other.
  init(maps: String) {
    for line in maps.split(separator: "\n") {
      let columns = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let bounds = columns.first?.split(separator: "-") ?? []
      guard columns.count == 6, bounds.count == 2, let start = UInt(bounds[0], radix: 16),
        let end = UInt(bounds[1], radix: 16), start < end
      else { continue }
      let path = columns[5].trimmingCharacters(in: .whitespaces)
      if let last = files.last, last.path == path {
        files[files.count - 1].range = last.range.lowerBound..<end
      } else {
        files.append(File(range: start..<end, path: path))
      }
    }
  }

  /// What is loaded now.
  static var now: LoadedFiles {
    let maps = FileManager.default.contents(atPath: "/proc/self/maps") ?? Data()
    return LoadedFiles(maps: String(decoding: maps, as: UTF8.self))
  }

  /// The file that an address lies in, and the address as the file has it: counted from where it was loaded. Nil for
  /// code of no file.
  func place(of address: UInt) -> (path: String, address: UInt64)? {
    files.first { $0.range.contains(address) }.map { ($0.path, UInt64(address - $0.range.lowerBound)) }
  }

  /// The stage that calls a library: each of those that the packet path uses serves one.
  static func stage(ofLibrary path: String) -> Stage {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if ["librte_fib", "librte_rib", "librte_hash", "librte_acl"].contains(where: name.hasPrefix) { return .forward }
    // The C library copies octets into packets.
    if ["librte_mempool", "librte_mbuf", "librte_ring", "libc."].contains(where: name.hasPrefix) { return .source }
    return .other
  }
}
