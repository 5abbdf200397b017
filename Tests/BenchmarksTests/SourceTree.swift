import Foundation
import TestSupport

/// The sources of the program.
enum SourceTree {
  static func dataplaneFiles() throws -> [String] { try files(in: "Sources/Dataplane") }

  static func allFiles() throws -> [String] {
    try ["Sources", "CShims", "bench/Benchmarks"].flatMap { try files(in: $0) }
  }

  private static func files(in directory: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: Program.packageDirectory + "/" + directory).map {
      "\(directory)/\($0)"
    }
  }
}
