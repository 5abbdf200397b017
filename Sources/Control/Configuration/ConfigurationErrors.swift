/// One mistake in a configuration: where it is, what is wrong and what would be right.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file as it was named to the loader, or a file that the configuration names.
  public var file: String
  /// Line from 1; 0 if the mistake concerns the file as a whole.
  public var line: Int
  /// Column from 1, in Unicode scalars; 0 if only the line is known.
  public var column: Int
  /// Path of the key, `ports[2].speed`; list positions count from 0. Empty outside of any key.
  public var key: String
  /// What is wrong.
  public var problem: String
  /// What would be right; empty where nothing can be proposed.
  public var remedy: String

  /// Describes a mistake.
  public init(file: String, line: Int, column: Int, key: String, problem: String, remedy: String) {
    self.file = file
    self.line = line
    self.column = column
    self.key = key
    self.problem = problem
    self.remedy = remedy
  }

  /// ``problem`` and ``remedy`` as one sentence.
  public var message: String { remedy.isEmpty ? problem : "\(problem), \(remedy)" }

  /// `FILE:LINE: KEY: PROBLEM, REMEDY`, without what is unknown.
  public var description: String {
    let place = line > 0 ? "\(file):\(line)" : file
    return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
  }
}

/// Every mistake found in a configuration, in the order of the files and lines.
public struct ConfigurationErrors: Error, Equatable, Sendable, CustomStringConvertible {
  /// The mistakes; never empty.
  public var errors: [ConfigurationError]

  /// Collects mistakes.
  public init(errors: [ConfigurationError]) { self.errors = errors }

  /// One mistake a line.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Collects mistakes and notices while one configuration is read.
final class Diagnostics {
  let file: String
  private(set) var errors: [ConfigurationError] = []
  private(set) var notices: [String] = []

  init(file: String) { self.file = file }

  func report(_ problem: String, remedy: String, line: Int, column: Int, key: String, file: String? = nil) {
    let error = ConfigurationError(
      file: file ?? self.file, line: line, column: column, key: key, problem: problem, remedy: remedy)
    // A value reached through a YAML alias is read once for each use, and wrong in the same way each time.
    if errors.last != error { errors.append(error) }
  }

  /// Adds mistakes that were found elsewhere.
  func add(_ errors: [ConfigurationError]) { self.errors += errors }

  func notice(_ text: String) { notices.append(text) }

  /// The mistakes, those of the configuration itself first, in the order of its lines.
  var sorted: [ConfigurationError] {
    errors.enumerated().sorted { left, right in
      let (first, second) = (left.element, right.element)
      return (first.file == file ? "" : first.file, first.line, first.column, left.offset)
        < (second.file == file ? "" : second.file, second.line, second.column, right.offset)
    }.map(\.element)
  }
}
