import Dataplane

/// Where the ports of a new configuration go.
struct LivePlacement {
  /// The new configuration with its ports at their places.
  let configuration: SwitchConfiguration
  /// The present one, and the new ports.
  let union: SwitchConfiguration
  /// Places that get a port, and places that lose theirs.
  let added: [Int]
  let removed: [Int]
  /// The place of each port of the new configuration, in its order.
  let places: [Int]

  /// Whether all ports stay.
  var isStill: Bool { added.isEmpty && removed.isEmpty }
}

extension LiveSwitch {
  /// Finds places for the ports of a configuration.
  ///
  /// - Throws: ``LiveError`` if there is no room, a port has no device or one that another port still has, or a port would
  ///   change its worker.
  func placement(of plan: LivePlan) throws -> LivePlacement {
    let present = read { $0.configuration }[0]
    let ports = self.ports.withLock { $0 }
    var wanted = plan.configuration
    // A number of ports is compared below, by what they are.
    wanted.maxPorts = present.maxPorts
    guard wanted.sliceCount == sliceCount else {
      throw LiveError("the number of workers would change, which takes a new start")
    }
    let names = Set(wanted.ports.map(\.name))
    let removed = ports.entries.indices.filter { place in ports.entries[place].map { !names.contains($0.name) } ?? false
    }
    for place in removed {
      guard let entry = ports.entries[place], entry.link != nil else { continue }
      throw LiveError("port \(entry.name) is an end of a link, and links stay until the end of the run; keep the port")
    }
    var vacant = ports.entries.indices.filter { ports.entries[$0] == nil }[...]
    var loads = slices.indices.map { slice in ports.entries.count { $0?.owner == slice } }
    for place in removed { loads[ports.entries[place]?.owner ?? 0] -= 1 }
    var (places, added): ([Int], [Int]) = ([], [])
    for (index, port) in wanted.ports.enumerated() {
      if let place = ports.place(of: port.name), let entry = ports.entries[place] {
        try keepOwner(of: entry, index, &wanted, plan)
        places.append(place)
        continue
      }
      guard let place = vacant.popFirst() else {
        throw LiveError(
          "there is no room for port \(port.name): the switch has \(placeCount) places for ports, and those of ports that "
            + "leave are free afterwards; reload twice, or start with a larger `max-ports` under `switch`")
      }
      if sliceCount > 1, plan.freePorts.contains(port.name) {
        wanted.owners[index] = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      }
      loads[wanted.owners.isEmpty ? 0 : wanted.owners[index]] += 1
      places.append(place)
      added.append(place)
    }
    let configuration = wanted.placed(at: places, of: placeCount)
    var union = present
    for place in added {
      union.ports[place] = configuration.ports[place]
      if !union.owners.isEmpty { union.owners[place] = configuration.owners[place] }
    }
    try checkDevices(of: configuration, added, ports, plan)
    return LivePlacement(
      configuration: configuration, union: union, added: added, removed: Array(removed), places: places)
  }

  /// A port stays with its worker, unless a configuration names another one.
  private func keepOwner(
    of entry: LivePorts.Entry, _ index: Int, _ wanted: inout SwitchConfiguration, _ plan: LivePlan
  ) throws(LiveError) {
    guard sliceCount > 1 else { return }
    if plan.freePorts.contains(entry.name) { wanted.owners[index] = entry.owner }
    guard wanted.owners[index] == entry.owner else {
      throw LiveError("port \(entry.name) would change its worker, which takes a new start; name it under the same one")
    }
  }

  private func checkDevices(
    of configuration: SwitchConfiguration, _ added: [Int], _ ports: LivePorts, _ plan: LivePlan
  ) throws {
    for place in added {
      let port = configuration.ports[place]
      let address = try plan.device(of: port)
      guard let resource = address.resource else { continue }
      let users = ports.entries.compactMap { $0 }.filter { $0.device.address.resource?.name == resource.name }
      guard users.count >= resource.ports, let user = users.first else { continue }
      throw LiveError(
        "port \(port.name) would be on \(address), which port \(user.name) has; let that port leave by a reload of its own "
          + "first")
    }
  }
}
