import Dataplane

extension ConfigurationReader {
  /// Reads `pfc`.
  func readPause(_ section: Section) {
    if let mode = section["mode"]?.choice(PauseMode.self) { configuration.pause.mode = mode }
    if let quanta = section["quanta"]?.integer(1...65_535, "a number of quanta") {
      configuration.pause.quanta = UInt16(quanta)
    }
    if let field = section["refresh"], field.scalar != "auto" {
      if let refresh = time(field, .nanoseconds(1) ... .seconds(10), or: ["auto"]) {
        configuration.pause.refresh = refresh
      }
    }
    guard let field = section["response"] else { return }
    switch field.scalar {
    case "immediate": configuration.pause.response = .immediate
    case "standard": configuration.pause.response = .standard
    default:
      if let time = time(field, .zero ... .seconds(1), or: ["immediate", "standard"]) {
        configuration.pause.response = .after(time)
      }
    }
  }

  /// Reads `watchdog`.
  func readWatchdog(_ field: Field) {
    guard !field.isNone, let section = field.section(ConfigurationSchema.watchdog) else { return }
    var watchdog = WatchdogConfiguration()
    if let detection = section["detection"]?.time(.microseconds(1) ... .seconds(60)) { watchdog.detection = detection }
    if let field = section["restoration"] {
      watchdog.restoration = field.isNone ? nil : time(field, .microseconds(1) ... .seconds(600), or: ["none"])
    }
    if let action = section["action"]?.choice(WatchdogAction.self) { watchdog.action = action }
    configuration.watchdog = watchdog
  }

  /// A time in place of which a word may stand.
  private func time(_ field: Field, _ range: ClosedRange<Picoseconds>, or words: [String]) -> Picoseconds? {
    field.isMisspelt(words) ? nil : field.time(range)
  }

  /// Refuses what needs queues in a switch that has none.
  func checkDirect(_ root: Field) {
    guard configuration.forwardingMode == .direct, diagnostics.errors.isEmpty else { return }
    let place = root.nearest(to: "switch.mode")
    for port in configuration.ports {
      let number = port.queues.firstIndex {
        $0.isLossless || $0.ecn != nil || $0.minimumRate != nil || $0.maximumRate != nil
      }
      guard number != nil || port.shaper != nil else { continue }
      let what = number.map { "queue \($0) of port \(port.name)" } ?? "port \(port.name)"
      return place.report(
        "with `mode: direct` ports have no queues, but \(what) is lossless, marks or has a rate of its own",
        "leave those settings out, or the mode")
    }
  }

  /// Refuses what cannot be lossless, and gives notice of what may not be.
  ///
  /// Only of configurations without other mistakes, lest one mistake is reported as several.
  func checkLosslessness(_ root: Field) {
    guard diagnostics.errors.isEmpty else { return }
    let check = LosslessCheck(configuration)
    for finding in check.errors {
      let place = root.nearest(to: finding.key)
      diagnostics.report(
        finding.problem, remedy: finding.remedy, line: place.line, column: place.node.mark?.column ?? 0,
        key: finding.key)
    }
    for finding in check.warnings { diagnostics.notice(finding.description) }
  }
}

extension Field {
  /// Reports what is nearly one of a few words that may stand here in place of a quantity.
  func isMisspelt(_ words: [String]) -> Bool {
    guard let text = scalar, let near = Suggestion.nearest(to: text, among: words) else { return false }
    report("`\(text)` is unknown", "did you mean `\(near)`?")
    return true
  }

  /// The value that a path leads to from here, or the mapping in which it would have to be.
  func nearest(to path: String) -> Field {
    var field = self
    for step in path.split(separator: ".") {
      let parts = step.split(separator: "[")
      guard let mapping = field.node.mapping,
        let next = mapping.first(where: { $0.key.scalar?.string == String(parts[0]) })?.value
      else { return field }
      field = Field(node: next, key: path, context: context)
      guard parts.count == 2 else { continue }
      guard let index = Int(parts[1].dropLast()), let sequence = next.sequence, index < sequence.count else {
        return field
      }
      field = Field(node: sequence[index], key: path, context: context)
    }
    return field
  }
}
