/// Which ports of a switch are to be up: those that are wanted up and have a link.
struct PortStates: Equatable {
  /// Whether each port is wanted up.
  var isEnabled: [Bool]
  /// What the switch was last told of each; nil: nothing yet.
  private var isUp: [Bool?]

  init(isEnabled: [Bool]) {
    self.isEnabled = isEnabled
    isUp = isEnabled.map { _ in nil }
  }

  /// What the switch has to be told, now that links are as they are. Every change is named once, whoever asks.
  mutating func changes(links: [Bool]) -> [(port: Int, isUp: Bool)] {
    var changes: [(port: Int, isUp: Bool)] = []
    for (port, wanted) in zip(links, isEnabled).map({ $0 && $1 }).enumerated() where isUp[port] != wanted {
      isUp[port] = wanted
      changes.append((port, wanted))
    }
    return changes
  }
}
