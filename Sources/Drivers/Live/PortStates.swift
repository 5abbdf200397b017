/// Which ports of a switch are to be up: those that are wanted up and have a link.
struct PortStates: Equatable {
  /// One place of the switch.
  private struct Place: Equatable {
    var isEnabled: Bool
    /// What the switch was last told; nil: nothing yet.
    var isUp: Bool?
  }

  /// By place; nil: no port is there.
  private var places: [Place?]

  /// Places without ports.
  init(places count: Int) { places = Array(repeating: nil, count: count) }

  /// A port at every place, wanted up or not.
  init(isEnabled: [Bool]) {
    self.init(places: isEnabled.count)
    for (place, isEnabled) in isEnabled.enumerated() { add(place, isEnabled: isEnabled) }
  }

  /// A port comes to a place.
  mutating func add(_ place: Int, isEnabled: Bool) { places[place] = Place(isEnabled: isEnabled) }

  /// The port leaves its place.
  mutating func remove(_ place: Int) { places[place] = nil }

  /// Whether a port is wanted up.
  func isEnabled(_ place: Int) -> Bool { places[place]?.isEnabled ?? false }

  /// Wants a port up or down.
  mutating func enable(_ place: Int, _ isEnabled: Bool) { places[place]?.isEnabled = isEnabled }

  /// What the switch has to be told, now that links are as they are. Every change is named once, whoever asks.
  mutating func changes(links: [Bool]) -> [(port: Int, isUp: Bool)] {
    var changes: [(port: Int, isUp: Bool)] = []
    for (place, isLinked) in links.enumerated() {
      guard let state = places[place] else { continue }
      let wanted = isLinked && state.isEnabled
      guard state.isUp != wanted else { continue }
      places[place]?.isUp = wanted
      changes.append((place, wanted))
    }
    return changes
  }
}
