import Dataplane
import Drivers

/// Impairments as text: the keys and values of `ports[].impairments`, in YAML and in JSON.
///
/// JSON is read as the subset of YAML that it is, by the code that reads configurations: a request is checked as
/// strictly as a file, and mistakes are reported in the same words.
public enum ImpairmentDocument {
  /// Reads a list of impairments.
  ///
  /// - Parameters:
  ///   - text: JSON or YAML, as `[{"direction": "egress", "loss": "0.1%"}]`.
  ///   - name: what the text is called in messages, such as `request`.
  /// - Throws: ``ConfigurationErrors`` with every mistake found: unknown keys, values out of range, settings that
  ///   contradict each other.
  public static func read(_ text: String, name: String) throws(ConfigurationErrors) -> [ImpairmentSettings] {
    try parse(text, name: name, key: "impairments") { $0.impairments() } ?? []
  }

  /// Reads a match, as `dscp: 26, qp: [7, 8]`: the keys of `match` without braces.
  ///
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public static func readMatch(_ text: String, name: String) throws(ConfigurationErrors) -> TrafficMatch {
    try parse("{\(text)}", name: name, key: "") { $0.trafficMatch() } ?? .all
  }

  private static func parse<Value>(
    _ text: String, name: String, key: String, _ read: (Field) -> Value?
  ) throws(ConfigurationErrors) -> Value? {
    let diagnostics = Diagnostics(file: name)
    var value: Value?
    if let document = YAMLDocument.compose(text, diagnostics) {
      let context = Field.ReadingContext(diagnostics: diagnostics, marks: document.marks)
      value = read(Field(node: document.root, key: key, context: context))
    }
    guard diagnostics.errors.isEmpty else { throw ConfigurationErrors(errors: diagnostics.sorted) }
    return value
  }

  /// Impairments as JSON that ``read(_:name:)`` reads back; what is at its default is left out.
  public static func json(_ settings: [ImpairmentSettings]) -> String {
    "[" + settings.map { value($0).text(isJSON: true) }.joined(separator: ", ") + "]"
  }

  /// An impairment in one line of YAML.
  public static func yaml(_ settings: ImpairmentSettings) -> String { value(settings).text(isJSON: false) }

  /// A document that is being written.
  private enum Value {
    case word(String)
    case number(UInt64)
    case truth(Bool)
    case list([Value])
    case mapping([(key: String, value: Value)])

    func text(isJSON: Bool) -> String {
      // No word holds a character that JSON or YAML would have to escape.
      switch self {
      case .word(let word): isJSON ? "\"\(word)\"" : word
      case .number(let number): "\(number)"
      case .truth(let truth): "\(truth)"
      case .list(let values): "[" + values.map { $0.text(isJSON: isJSON) }.joined(separator: ", ") + "]"
      case .mapping(let entries):
        "{"
          + entries.map { (isJSON ? "\"\($0.key)\"" : $0.key) + ": " + $0.value.text(isJSON: isJSON) }
          .joined(separator: ", ") + "}"
      }
    }

    static func time(_ time: Picoseconds) -> Value { .word(Quantity.time.text(time.count)) }
    static func numbers(_ numbers: some Sequence<some BinaryInteger>) -> Value {
      let values = numbers.map { UInt64($0) }.sorted().map { Value.number($0) }
      return values.count == 1 ? values[0] : .list(values)
    }
    /// A percentage with up to four decimals, exactly.
    static func probability(_ probability: Probability) -> Value {
      let parts = probability.partsPerMillion
      var fraction = String(parts % 10_000)
      fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
      while fraction.hasSuffix("0") { fraction.removeLast() }
      return .word("\(parts / 10_000)\(fraction.isEmpty ? "" : ".")\(fraction)%")
    }
  }

  private static func value(_ settings: ImpairmentSettings) -> Value {
    let plain = ImpairmentSettings(settings.direction)
    var entries: [(key: String, value: Value)] = [("direction", .word(settings.direction.rawValue))]
    if !settings.match.isAll { entries.append(("match", value(settings.match))) }
    if settings.delay != plain.delay { entries.append(("delay", .time(settings.delay))) }
    if settings.jitter != plain.jitter { entries.append(("jitter", .time(settings.jitter))) }
    if settings.distribution != plain.distribution {
      entries.append(("distribution", .word(settings.distribution.rawValue)))
    }
    if settings.keepsOrder != plain.keepsOrder { entries.append(("in-order", .truth(settings.keepsOrder))) }
    if settings.loss != plain.loss { entries.append(("loss", .probability(settings.loss))) }
    if let burst = settings.burstLoss {
      entries.append(
        (
          "burst-loss",
          .mapping([
            ("enter", .probability(burst.enter)), ("leave", .probability(burst.leave)),
            ("good", .probability(burst.good)), ("bad", .probability(burst.bad)),
          ])
        ))
    }
    if let corruption = settings.corruption {
      entries.append(
        (
          "corrupt",
          .mapping([
            ("probability", .probability(corruption.probability)), ("bits", .number(UInt64(corruption.bits))),
            ("mend", .truth(corruption.mendsChecksums)),
          ])
        ))
    }
    if settings.duplication != plain.duplication { entries.append(("duplicate", .probability(settings.duplication))) }
    if let reordering = settings.reordering { entries.append(("reorder", value(reordering))) }
    if let rate = settings.rate {
      entries.append(("rate", .word(Quantity.rate.text(rate.bitsPerSecond))))
      entries.append(("rate-queue", .word(Quantity.size.text(settings.rateQueue.bytes))))
    }
    return .mapping(entries)
  }

  private static func value(_ match: TrafficMatch) -> Value {
    var entries: [(key: String, value: Value)] = []
    if !match.dscp.isEmpty { entries.append(("dscp", .numbers(match.dscp))) }
    if !match.opcodes.isEmpty { entries.append(("opcode", .numbers(match.opcodes))) }
    if !match.queuePairs.isEmpty { entries.append(("qp", .numbers(match.queuePairs))) }
    if let range = match.sequence { entries.append(("psn", .word("\(range.first)-\(range.last)"))) }
    if match.isPauseOnly { entries.append(("pause", .truth(true))) }
    return .mapping(entries)
  }

  private static func value(_ reordering: Reordering) -> Value {
    var entries: [(key: String, value: Value)] = []
    switch reordering.choice {
    case .every(let count): entries.append(("every", .number(count)))
    case .probability(let probability): entries.append(("probability", .probability(probability)))
    }
    switch reordering.hold {
    case .frames(let distance, let patience):
      entries += [("by", .number(UInt64(distance))), ("at-most", .time(patience))]
    case .time(let time): entries.append(("time", .time(time)))
    }
    return .mapping(entries)
  }
}
