import Dataplane
import Wire
import Yams

/// A value of the configuration with its place, read as what it should be.
///
/// Every reader returns nil after having reported a mistake, so that reading goes on and finds the others.
struct Field {
  let node: Node
  /// `ports[2].speed`.
  let key: String
  let context: ReadingContext

  /// What reading needs beside the nodes.
  struct ReadingContext {
    let diagnostics: Diagnostics
    let marks: YAMLDocument.DuplicateMarks
    /// Lines before the first of the text that the nodes were made from.
    var linesBefore = 0
  }

  func report(_ problem: String, _ remedy: String) {
    context.diagnostics.report(
      problem, remedy: remedy, line: line, column: node.mark?.column ?? 0, key: key)
  }

  /// The line, for mistakes elsewhere that refer to this value.
  var line: Int { node.mark.map { $0.line + context.linesBefore } ?? 0 }

  /// True for a mapping.
  var isMapping: Bool { node.mapping != nil }
  /// True for a list.
  var isList: Bool { node.sequence != nil }
  /// The text of a scalar, without a report if it is something else.
  var scalar: String? { node.scalar?.string }

  /// What the value is, for messages.
  private var kind: String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "`\(scalar.string)`"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private func reportKind(expected: String, _ remedy: String) {
    if case .scalar(let scalar) = node, scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null" {
      report("the value is missing", remedy)
    } else {
      report("this must be \(expected) and is \(kind)", remedy)
    }
  }

  // MARK: Structure

  /// A mapping with known keys.
  func section(_ schema: ConfigurationSchema.Section) -> Section? {
    guard let mapping = node.mapping else {
      let keys = Suggestion.alternatives(schema.keys)
      reportKind(expected: "a mapping", "write `{key: value}` with the keys \(keys)")
      return nil
    }
    return Section(self, mapping, schema)
  }

  /// A list of anything.
  func list(_ example: String) -> [Field]? {
    guard let sequence = node.sequence else {
      reportKind(expected: "a list", "write `\(example)`")
      return nil
    }
    return sequence.enumerated().map { Field(node: $1, key: "\(key)[\($0)]", context: context) }
  }

  /// A list, or one value as a list of one.
  func oneOrMore() -> [Field]? {
    switch node {
    case .sequence: list("")
    default: [self]
    }
  }

  /// A mapping from whole numbers, as `{26: 3}`.
  func numbered(keys range: ClosedRange<UInt64>, what: String, example: String) -> [(number: Int, value: Field)]? {
    guard let mapping = node.mapping else {
      reportKind(expected: "a mapping", "write `\(example)`")
      return nil
    }
    var lines: [Int: Int] = [:]
    return mapping.compactMap { name, value in
      let text = name.scalar.map { context.marks.original(of: $0.string) } ?? ""
      let place = Field(node: name, key: "\(key).\(text)", context: context)
      guard let number = Quantities.integer(text), range.contains(number) else {
        place.report("`\(text)` is not \(what)", "write \(range.lowerBound) to \(range.upperBound)")
        return nil
      }
      if let first = lines.updateValue(place.line, forKey: Int(number)) {
        place.report("duplicate key `\(text)`, first in line \(first)", "remove one of them")
        return nil
      }
      return (Int(number), Field(node: value, key: place.key, context: context))
    }
  }

  // MARK: Scalars

  /// Any text that is not empty.
  func text(_ what: String, example: String) -> String? {
    guard let scalar = node.scalar, !scalar.string.isEmpty else {
      reportKind(expected: what, "write `\(example)`")
      return nil
    }
    return scalar.string
  }

  /// A whole number within bounds.
  func integer(_ range: ClosedRange<UInt64>, _ what: String, unit: String = "") -> UInt64? {
    let bounds = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let scalar = node.scalar, !scalar.string.isEmpty else {
      reportKind(expected: "a number", bounds)
      return nil
    }
    let text = scalar.string
    guard let value = Quantities.integer(text) else {
      if let plain = Quantities.integer(text.drop { $0 == "0" }), text.hasPrefix("0") {
        report("`\(text)` has leading zeros", "write `\(plain)`")
      } else if !unit.isEmpty, text.hasSuffix(unit), Quantities.integer(text.dropLast(unit.count)) != nil {
        report("`\(text)` has a unit", "write `\(text.dropLast(unit.count))`")
      } else if text.allSatisfy(\.isNumber) {
        report("\(Self.withoutArticle(what)) `\(text)` is out of range", bounds)
      } else {
        report("`\(text)` is not \(what)", bounds)
      }
      return nil
    }
    guard range.contains(value) else {
      report("\(Self.withoutArticle(what)) `\(text)` is out of range", bounds)
      return nil
    }
    return value
  }

  static func withoutArticle(_ what: String) -> String {
    what.split(separator: " ", maxSplits: 1).last.map(String.init) ?? what
  }

  /// `true` or `false`.
  func boolean() -> Bool? {
    switch node.scalar?.string {
    case "true": return true
    case "false": return false
    case "yes", "on", "True", "TRUE": report("\(kind) is not a truth value", "write `true`")
    case "no", "off", "False", "FALSE": report("\(kind) is not a truth value", "write `false`")
    default: reportKind(expected: "a truth value", "write `true` or `false`")
    }
    return nil
  }

  /// One of a few words.
  func choice<Value: RawRepresentable<String> & CaseIterable>(_ type: Value.Type) -> Value? {
    word(of: Value.allCases.map { ($0.rawValue, $0) })
  }

  /// One of a few words with a meaning each.
  func word<Value>(of words: [(name: String, value: Value)]) -> Value? {
    let names = words.map(\.name)
    guard let text = node.scalar?.string, !text.isEmpty else {
      reportKind(expected: "a word", "write \(Suggestion.alternatives(names))")
      return nil
    }
    guard let match = words.first(where: { $0.name == text }) else {
      report("`\(text)` is unknown", Suggestion.remedy(for: text, among: names))
      return nil
    }
    return match.value
  }

  /// A quantity within bounds.
  func quantity<Value>(
    _ parse: (String) throws(QuantityError) -> Value, _ bits: (Value) -> UInt64, in range: ClosedRange<UInt64>,
    _ quantity: Quantity
  ) -> Value? {
    guard let text = text(quantity.name, example: quantity.example) else { return nil }
    do throws(QuantityError) {
      let value = try parse(text)
      guard range.contains(bits(value)) else {
        let bounds = "write `\(quantity.text(range.lowerBound))` to `\(quantity.text(range.upperBound))`"
        report("`\(text)` is out of range", bounds)
        return nil
      }
      return value
    } catch {
      report(error.problem, error.remedy)
      return nil
    }
  }

  func rate(_ range: ClosedRange<UInt64>) -> BitRate? {
    quantity({ (text) throws(QuantityError) in try Quantities.rate(text) }, \.bitsPerSecond, in: range, .rate)
  }

  func size(_ range: ClosedRange<UInt64>) -> ByteCount? {
    quantity({ (text) throws(QuantityError) in try Quantities.size(text) }, \.bytes, in: range, .size)
  }

  func time(_ range: ClosedRange<Picoseconds>) -> Picoseconds? {
    quantity(
      { (text) throws(QuantityError) in try Quantities.time(text) }, \.count,
      in: range.lowerBound.count...range.upperBound.count, .time)
  }

  func length(_ range: ClosedRange<UInt64>) -> CableLength? {
    quantity({ (text) throws(QuantityError) in try Quantities.length(text) }, \.millimetres, in: range, .length)
  }

  /// A probability.
  func probability() -> Probability? {
    guard let text = text("a probability", example: "20%") else { return nil }
    do throws(QuantityError) {
      return try Quantities.probability(text)
    } catch {
      report(error.problem, error.remedy)
      return nil
    }
  }

  /// The exponent of a power of two.
  func powerOfTwo() -> Int? {
    guard let text = text("a power of two", example: "1/8") else { return nil }
    do throws(QuantityError) {
      return try Quantities.powerOfTwo(text)
    } catch {
      report(error.problem, error.remedy)
      return nil
    }
  }
}
