extension ShowText {
  /// What telemetry has counted, and the rules of its watch list.
  var telemetry: String {
    guard let counted = snapshot.telemetry else { return "  The configuration has no telemetry.\n" }
    var counters = TextTable([("counter", .left), ("value", .right), ("counts", .left)])
    for (name, help) in TelemetryCounts.names {
      let value = counted.counters[name] ?? 0
      if value > 0 || showsAll { counters.append([.init(name), .init(count(value)), .init(help, .dim)]) }
    }
    let text = render(counters, without: "Telemetry has done nothing yet; --all lists what it counts.")
    if counted.watch.isEmpty { return text }
    var rules = TextTable([("watch rule", .right), ("matched", .right), ("chosen", .right)])
    for (index, rule) in counted.watch.enumerated() {
      rules.append([.init("\(index + 1)"), .init(count(rule.matched)), .init(count(rule.chosen))])
    }
    return text + "\n" + rules.text(isColoured: isColoured)
  }
}
