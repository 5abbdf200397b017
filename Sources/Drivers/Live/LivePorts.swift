import Dataplane

/// The ports of a live switch by place, for control threads.
struct LivePorts: Sendable {
  /// One port.
  struct Entry: Sendable {
    let name: String
    /// The slice whose worker moves its packets.
    let owner: Int
    let device: LiveDevice
    /// The port outside of the switch, in memory that its worker writes.
    let port: SharedMemory<LivePort>
    /// The port's end, if it is one of a link.
    let link: LinkState.End?

    /// Whether the port at the other end of a link is wanted up; that of any other device is.
    var isPeerEnabled: Bool { link?.isPeerEnabled ?? true }

    /// Whether frames can pass: something is at the other end, and wanted up.
    fileprivate var isLinked: Bool { device.isLinked && isPeerEnabled }
  }

  /// By place; nil: vacant.
  var entries: [Entry?]
  /// Which of them are to be up.
  var states: PortStates

  /// Places without ports.
  init(places count: Int) {
    entries = Array(repeating: nil, count: count)
    states = PortStates(places: count)
  }

  /// A port comes to a place.
  mutating func add(_ entry: Entry, at place: Int, isEnabled: Bool) {
    entries[place] = entry
    states.add(place, isEnabled: isEnabled)
  }

  /// A port leaves its place.
  mutating func remove(_ place: Int) {
    entries[place] = nil
    states.remove(place)
  }

  /// The place of a name.
  func place(of name: String) -> Int? { entries.firstIndex { $0?.name == name } }

  /// What the switch has to be told of the links of its ports.
  mutating func changes() -> [(port: Int, isUp: Bool)] {
    for (place, entry) in entries.enumerated() { entry?.link?.announce(isEnabled: states.isEnabled(place)) }
    return states.changes(links: entries.map { $0?.isLinked ?? false })
  }
}

/// The ports of a slice as its worker goes through them.
struct LivePortList: ~Copyable {
  private let places: UnsafeMutablePointer<UnsafeMutablePointer<LivePort>>
  private let capacity: Int
  /// How many there are.
  private(set) var count = 0

  /// Room for so many.
  init(capacity: Int) {
    self.capacity = capacity
    places = .allocate(capacity: max(1, capacity))
  }

  deinit { places.deallocate() }

  /// A port by its number in the list.
  @inline(__always)
  subscript(index: Int) -> UnsafeMutablePointer<LivePort> { places[index] }

  /// Adds a port, which lives until it is removed.
  mutating func add(_ port: UnsafeMutablePointer<LivePort>) {
    precondition(count < capacity)
    (places + count).initialize(to: port)
    count += 1
  }

  /// Leaves a port out from now on.
  mutating func remove(_ port: PortID) {
    var kept = 0
    for index in 0..<count where places[index].pointee.port != port {
      places[kept] = places[index]
      kept += 1
    }
    count = kept
  }
}
