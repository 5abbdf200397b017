import Foundation
import Testing

@testable import Control

/// A wrong configuration and everything that must be said about it.
struct MistakeCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let yaml: String
  let expected: String

  /// - Parameters:
  ///   - expected: One mistake a line, with `DIRECTORY/` for where route files are.
  init(_ name: String, _ yaml: String, _ expected: String) {
    testDescription = name
    self.yaml = yaml
    self.expected = expected
  }

  /// Loads the text beside the route file and compares all messages.
  func check() throws {
    let directory = try TemporaryDirectory()
    try directory.write(wrongRouteFile, to: "bad.txt")
    let messages = mistakes(in: yaml, directory: directory.path).map {
      $0.replacing(directory.path, with: "DIRECTORY/")
    }
    #expect(messages == expected.split(separator: "\n").map(String.init))
  }
}

/// A route file with one mistake in almost every line.
private let wrongRouteFile = """
  # comment only

  10.0.0.0/8
  10.0.0.1/8 via 10.0.1.2
  10.0.0/8 via 10.0.1.2
  10.20.0.0/16 via 10.0.1.2*70000
  10.21.0.0/16 via 10.9.9.9
  10.22.0.0/16 via 10.0.1.2 10.0.1.2
  10.23.0.0/16 via fd00::1
  10.24.0.0/16 vai 10.0.1.2
  10.25.0.0/16 via
  10.26.0.0/16 via 10.0.1.2 # fine
  10.26.0.0/16 discard
  10.0.1.0/24 discard
  fd01::/16 via 10.0.1.2
  10.27.0.0/16 via 10.0.1.2*x
  10.28.0.0/16 via 10.0.1.1

  """
