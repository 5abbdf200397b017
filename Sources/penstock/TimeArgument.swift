import ArgumentParser
import Control
import Dataplane

/// A time on the command line, with its unit: `10s`, `500ms`.
struct TimeArgument {
  let span: Picoseconds

  /// In seconds.
  var seconds: Double { Double(span.count) / 1e12 }

  /// Reads one; for `transform:` of an option.
  ///
  /// - Throws: `ValidationError` that says what to write. `ExpressibleByArgument` could not.
  static func parse(_ text: String) throws -> TimeArgument {
    do {
      return TimeArgument(span: try Quantities.time(text))
    } catch {
      throw ValidationError("\(error.problem); \(error.remedy).")
    }
  }
}
