import Dataplane
import Drivers
import Wire

extension ConfigurationReader {
  /// Reads `ports[].impairments`.
  func readImpairments(_ section: Section) -> [ImpairmentSettings] {
    guard let field = section["impairments"], !field.isNone else { return [] }
    return field.impairments() ?? []
  }
}

/// The times an impairment can last.
private let delays: ClosedRange<Picoseconds> = .zero...ImpairmentSettings.longestDelay
/// The rates a narrower line can have.
private let lineRates: ClosedRange<UInt64> = 1000...1_600_000_000_000

extension Field {
  /// A list of impairments; nil if it is none. Wrong entries are reported and left out.
  func impairments() -> [ImpairmentSettings]? {
    guard let list = list("[{direction: egress, delay: 10us}]") else { return nil }
    var settings: [ImpairmentSettings] = []
    for entry in list {
      guard let section = entry.section(ConfigurationSchema.impairment), let one = section.impairment() else {
        continue
      }
      settings.append(one)
      if settings.filter({ $0.direction == one.direction }).count == ImpairmentSettings.limit + 1 {
        entry.report(
          "there are more than \(ImpairmentSettings.limit) impairments at \(one.direction.rawValue)",
          "join those with the same match")
      }
    }
    return settings
  }

  /// A match of traffic.
  func trafficMatch() -> TrafficMatch? {
    guard let section = section(ConfigurationSchema.trafficMatch) else { return nil }
    var match = TrafficMatch()
    match.dscp = Set(
      (section["dscp"]?.oneOrMore() ?? []).compactMap { $0.integer(0...63, "a DSCP").map { UInt8($0) } })
    match.opcodes = Set(
      (section["opcode"]?.oneOrMore() ?? []).compactMap { $0.number(0...255, "a RoCE opcode").map { UInt8($0) } })
    let pairs = section["qp"]?.oneOrMore() ?? []
    match.queuePairs = Set(pairs.compactMap { $0.number(0...0xFF_FFFF, "a queue pair").map { UInt32($0) } })
    if match.queuePairs.count > TrafficMatch.queuePairLimit {
      section["qp"]?.report(
        "there are \(match.queuePairs.count) queue pairs", "list at most \(TrafficMatch.queuePairLimit)")
    }
    match.sequence = section["psn"]?.sequenceRange()
    if let pause = section["pause"]?.boolean() { match.isPauseOnly = pause }
    if match.isPauseOnly, let other = ["dscp", "opcode", "qp", "psn"].compactMap({ section[$0] }).first {
      other.report("pause frames carry no IP header", "remove this key, or `pause`")
    }
    return match
  }

  /// A packet sequence number, or a range of them as `100-200`.
  private func sequenceRange() -> SequenceRange? {
    let parts = (scalar ?? "").split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      return number(0...0xFF_FFFF, "a sequence number").map { SequenceRange(UInt32($0), UInt32($0)) }
    }
    let bounds = parts.compactMap { Field.number(String($0.trimmingSpaces())) }
    guard bounds.count == 2, bounds.allSatisfy({ $0 <= 0xFF_FFFF }) else {
      report("`\(scalar ?? "")` is not a range of sequence numbers", "write two numbers up to 16777215: `100-200`")
      return nil
    }
    return SequenceRange(UInt32(bounds[0]), UInt32(bounds[1]))
  }

  /// A whole number, in decimal or as `0x81`.
  private func number(_ range: ClosedRange<UInt64>, _ what: String) -> UInt64? {
    guard let text = scalar, text.hasPrefix("0x"), let value = Field.number(text) else { return integer(range, what) }
    guard range.contains(value) else {
      report(
        "\(Field.withoutArticle(what)) `\(text)` is out of range",
        "write a number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return value
  }

  private static func number(_ text: String) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : Quantities.integer(text)
  }
}

extension Section {
  /// One impairment; nil if its direction is not known.
  fileprivate func impairment() -> ImpairmentSettings? {
    let direction = self["direction"]?.choice(ImpairmentDirection.self)
    var settings = ImpairmentSettings(direction ?? .egress)
    if let match = self["match"]?.trafficMatch() { settings.match = match }
    readDelay(into: &settings)
    if let loss = self["loss"]?.probability() { settings.loss = loss }
    settings.burstLoss = self["burst-loss"]?.section(ConfigurationSchema.burstLoss)?.burstLoss()
    settings.corruption = readCorruption()
    if let duplication = self["duplicate"]?.probability() { settings.duplication = duplication }
    settings.reordering = self["reorder"]?.section(ConfigurationSchema.reordering)?.reordering()
    if let rate = self["rate"]?.rate(lineRates) { settings.rate = rate }
    if let queue = self["rate-queue"] {
      if let size = queue.size(0...1_000_000_000) { settings.rateQueue = size }
      if !has("rate") { queue.report("there is no line to wait for", "add `rate: 1G`, or remove this key") }
    }
    let effects = ["delay", "loss", "burst-loss", "corrupt", "duplicate", "reorder", "rate"]
    if !effects.contains(where: has) {
      field.report("the impairment has no effect", "add \(Suggestion.alternatives(effects))")
    }
    return direction == nil ? nil : settings
  }

  private func readDelay(into settings: inout ImpairmentSettings) {
    if let delay = self["delay"]?.time(delays) { settings.delay = delay }
    if let keeps = self["in-order"]?.boolean() { settings.keepsOrder = keeps }
    if let field = self["jitter"], let jitter = field.time(delays) {
      settings.jitter = jitter
      if !has("delay") {
        field.report("there is no delay that could vary", "add `delay: \(Quantity.time.text(jitter.count))`")
      } else if jitter > settings.delay {
        field.report(
          "the jitter is larger than the delay", "write at most `\(Quantity.time.text(settings.delay.count))`")
      }
    }
    if let field = self["distribution"] {
      if let distribution = field.choice(JitterDistribution.self) { settings.distribution = distribution }
      if !has("jitter") { field.report("there is no jitter to spread", "add `jitter`, or remove this key") }
    }
  }

  private func readCorruption() -> Corruption? {
    guard let field = self["corrupt"] else { return nil }
    guard field.isMapping else { return field.probability().map { Corruption(probability: $0) } }
    guard let section = field.section(ConfigurationSchema.corruption) else { return nil }
    var corruption = Corruption(
      probability: section["probability"]?.probability() ?? Probability(partsPerMillion: 0))
    if let bits = section["bits"]?.integer(1...UInt64(Corruption.bitLimit), "a number of bits") {
      corruption.bits = Int(bits)
    }
    if let mends = section["mend"]?.boolean() { corruption.mendsChecksums = mends }
    return corruption
  }

  fileprivate func burstLoss() -> BurstLoss? {
    let (enter, leave) = (self["enter"]?.probability(), self["leave"]?.probability())
    if leave?.partsPerMillion == 0 {
      self["leave"]?.report("the line would stay bad for ever", "write at least `0.0001%`, or use `loss: 100%`")
    }
    guard let enter, let leave else { return nil }
    var loss = BurstLoss(enter: enter, leave: leave)
    if let good = self["good"]?.probability() { loss.good = good }
    if let bad = self["bad"]?.probability() { loss.bad = bad }
    return loss
  }

  fileprivate func reordering() -> Reordering? {
    let choice = reorderedFrames()
    let hold = reorderingHold()
    guard let choice, let hold else { return nil }
    return Reordering(choice, hold)
  }

  private func reorderedFrames() -> Reordering.Choice? {
    if let every = self["every"] {
      self["probability"]?.report("frames are chosen by `every` already", "keep one of `every` and `probability`")
      return every.integer(2...1_000_000_000, "a number of frames").map { .every($0) }
    }
    if let probability = self["probability"] { return probability.probability().map { .probability($0) } }
    field.report("it is not said which frames are held back", "add `every: 10` or `probability: 1%`")
    return nil
  }

  private func reorderingHold() -> Reordering.Hold? {
    if let by = self["by"] {
      self["time"]?.report("frames are held back by `by` already", "keep one of `by` and `time`")
      let patience = self["at-most"].map { $0.time(delays) } ?? Reordering.usualPatience
      guard let distance = by.integer(1...UInt64(Reordering.distanceLimit), "a number of frames"), let patience else {
        return nil
      }
      return .frames(Int(distance), atMost: patience)
    }
    self["at-most"]?.report("a time is given already", "keep `time`, or write `by: 3` instead of it")
    if let time = self["time"] { return time.time(delays).map { .time($0) } }
    field.report("it is not said for how long frames are held back", "add `by: 3` or `time: 50us`")
    return nil
  }
}
