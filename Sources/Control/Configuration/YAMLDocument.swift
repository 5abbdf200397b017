import Yams

/// Turns YAML text into nodes, and YAML's own mistakes into ours.
enum YAMLDocument {
  /// Duplicate keys that are looked for before giving up.
  private static let duplicateLimit = 100
  /// First of the private-use code points that stand for the first character of a duplicate key.
  private static let markBase: UInt32 = 0xE000

  /// The document's root with the key characters that were replaced; nil if it is empty or not YAML.
  ///
  /// Yams refuses the first mapping with a duplicate key and says no more about the document. So that every mistake
  /// can be listed, the first of two equal keys is made unequal and the text is parsed again; ``key(_:)`` undoes it.
  ///
  /// - Parameter linesBefore: Lines of the file before the text.
  static func compose(_ text: String, _ diagnostics: Diagnostics, linesBefore: Int = 0) -> (
    root: Node, marks: DuplicateMarks
  )? {
    var marks = DuplicateMarks()
    var lines: [[Unicode.Scalar]] = []
    var text = text
    while true {
      do throws(YamlError) {
        guard let root = try parse(text) else {
          diagnostics.report("the file is empty", remedy: "write at least `ports`", line: 0, column: 0, key: "")
          return nil
        }
        return (root, marks)
      } catch {
        if case .duplicatedKeysInMapping(let keys, let context) = error {
          if lines.isEmpty { lines = split(text) }
          if marks.count < duplicateLimit, replace(at: context.mark, in: &lines, marks: &marks) {
            text = lines.map { String(String.UnicodeScalarView($0)) }.joined(separator: "\n")
            continue
          }
          let key = keys.first ?? ""
          diagnostics.report(
            "duplicate key `\(key)`", remedy: "write it once", line: context.mark.line + linesBefore,
            column: context.mark.column,
            key: "")
        } else {
          report(error, diagnostics, linesBefore)
        }
        return nil
      }
    }
  }

  private static func parse(_ text: String) throws(YamlError) -> Node? {
    do {
      // Without resolution every scalar stays the text that was written: no octal, no sexagesimal, no `on` for true.
      return try Yams.compose(yaml: text, .basic)
    } catch let error as YamlError {
      throw error
    } catch {
      throw .no
    }
  }

  private static func split(_ text: String) -> [[Unicode.Scalar]] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
  }

  /// Replaces the first character of a key; false if the mark does not point at a plain or quoted word.
  private static func replace(at mark: Mark, in lines: inout [[Unicode.Scalar]], marks: inout DuplicateMarks) -> Bool {
    guard lines.indices.contains(mark.line - 1) else { return false }
    var column = mark.column - 1
    let line = lines[mark.line - 1]
    if line.indices.contains(column), line[column] == "\"" || line[column] == "'" { column += 1 }
    guard line.indices.contains(column), line[column].properties.isAlphabetic || ("0"..."9").contains(line[column]),
      let stand = Unicode.Scalar(markBase + UInt32(marks.count))
    else { return false }
    marks.replaced.append(line[column])
    lines[mark.line - 1][column] = stand
    return true
  }

  /// What stands for the first characters of the first of duplicate keys.
  struct DuplicateMarks {
    fileprivate var replaced: [Unicode.Scalar] = []

    fileprivate var count: Int { replaced.count }

    /// A key as it was written.
    func original(of key: String) -> String {
      guard let first = key.unicodeScalars.first, first.value >= markBase,
        replaced.indices.contains(Int(first.value - markBase))
      else { return key }
      return String(replaced[Int(first.value - markBase)]) + String(key.unicodeScalars.dropFirst())
    }
  }

  private static func report(_ error: YamlError, _ diagnostics: Diagnostics, _ linesBefore: Int) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let during = context.map { " \($0.text), begun in line \($0.mark.line + linesBefore)" } ?? ""
      let text = problem.hasPrefix("but found") ? "there is a second document" : "not YAML: \(problem)\(during)"
      diagnostics.report(
        text, remedy: remedy(for: problem), line: mark.line + linesBefore, column: mark.column, key: "")
    case .reader(let problem, _, let value, _):
      let character = value > 0 ? " (0x\(String(value, radix: 16)))" : ""
      diagnostics.report(
        "not YAML: \(problem)\(character)", remedy: "remove the character", line: 0, column: 0, key: "")
    default:
      diagnostics.report("not YAML: \(error)", remedy: "", line: 0, column: 0, key: "")
    }
  }

  private static func remedy(for problem: String) -> String {
    switch problem {
    case "mapping values are not allowed in this context": "quote a value that holds a colon and a space"
    case "could not find expected ':'": "write `key: value`"
    case "found character that cannot start any token": "quote the value, and indent with spaces instead of tabs"
    case "but found another document": "keep one document in the file"
    case "did not find expected ',' or ']'": "close the list with `]`"
    case "did not find expected ',' or '}'": "close the mapping with `}`"
    case "did not find expected key", "did not find expected '-' indicator": "indent the keys of a mapping alike"
    case "found undefined alias": "define the anchor first, or quote a value that begins with `*`"
    default: ""
    }
  }
}
