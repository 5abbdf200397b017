extension ShowText {
  var buffers: String {
    guard let buffers = snapshot.buffers else { return "" }
    var pools = TextTable([("pool", .left), ("size", .right), ("used", .right), ("peak", .right)])
    for pool in buffers.pools {
      pools.add([pool.name, bytes(pool.sizeBytes), bytes(pool.usedBytes), bytes(pool.peakBytes)])
    }
    var groups = TextTable([
      ("port", .left), ("group", .right), ("kind", .left), ("state", .left), ("reserved", .right), ("shared", .right),
      ("peak", .right), ("limit", .right), ("headroom", .right), ("peak", .right), ("of", .right),
    ])
    for group in buffers.groups where showsAll || group.isUsed {
      groups.append([
        .init(group.port), .init("\(group.group)"), .init(group.isLossless ? "lossless" : "lossy"),
        group.isXoff ? .init("XOFF", .yellow) : .init("-"), .init(bytes(group.reservedBytes)),
        .init(bytes(group.sharedBytes)), .init(bytes(group.sharedPeakBytes)), .init(bytes(group.limitBytes)),
        .init(bytes(group.headroomBytes)), .init(bytes(group.headroomPeakBytes)),
        .init(bytes(group.headroomSizeBytes)),
      ])
    }
    let title = "  \(bytes(buffers.sizeBytes)) in cells of \(bytes(buffers.cellBytes)), model \(buffers.model)\n\n"
    return title + pools.text(isColoured: isColoured) + "\n"
      + render(groups, without: "No priority group has been used; --all lists all of them.")
  }

  var pfc: String {
    var table = TextTable([
      ("port", .left), ("priority", .right), ("neighbour", .left), ("switch", .left), ("rx XOFF", .right),
      ("rx XON", .right), ("tx XOFF", .right), ("tx XON", .right), ("pauses", .right), ("paused", .right),
    ])
    for one in snapshot.pfc ?? []
    where showsAll || one.rxXoff + one.rxXon + one.txXoff + one.txXon > 0 || one.asksForPause {
      table.append([
        .init(one.port), .init("\(one.priority)"), one.asksForPause ? .init("asked to stop", .yellow) : .init("-"),
        one.isPaused ? .init("paused", .yellow) : .init("-"), .init(count(one.rxXoff)), .init(count(one.rxXon)),
        .init(count(one.txXoff)), .init(count(one.txXon)), .init(count(one.pauses)),
        .init(time(one.pausedSeconds * 1e9)),
      ])
    }
    return render(table, without: "No priority was ever paused; --all lists all of them.")
  }

  var nextHops: String {
    var table = TextTable([
      ("group", .left), ("routes", .right), ("via", .left), ("interface", .left), ("state", .left), ("weight", .right),
      ("wanted", .right), ("achieved", .right), ("packets", .right), ("bytes", .right),
    ])
    for group in snapshot.nextHopGroups ?? [] {
      for (index, hop) in group.members.enumerated() {
        table.append([
          .init(index == 0 ? group.prefix : ""), .init(index == 0 ? count(group.routes) : ""), .init(hop.address),
          .init(hop.interface), hop.isUp ? .init("up", .green) : .init("down", .red), .init("\(hop.weight)"),
          .init(ReportUnits.percent(hop.wantedShare)), .init(ReportUnits.percent(hop.achievedShare)),
          .init(count(hop.tx.packets)), .init(bytes(hop.tx.bytes)),
        ])
      }
    }
    return render(table, without: "There are no next hops.")
  }

  var routes: String {
    var table = TextTable([("prefix", .left), ("via", .left)])
    for route in snapshot.routes ?? [] {
      table.add([route.prefix, route.via.isEmpty ? "discard" : route.via.joined(separator: " ")])
    }
    return render(table, without: "There are no routes beyond the connected subnets.")
  }

  var macs: String {
    var table = TextTable([("vlan", .right), ("mac", .left), ("port", .left), ("age", .right)])
    for station in snapshot.macs ?? [] {
      table.add(["\(station.vlan)", station.mac, station.port, station.ageSeconds.map(Self.duration) ?? "static"])
    }
    return render(table, without: "No station is known.")
  }

  var neighbors: String {
    var table = TextTable([("interface", .left), ("address", .left), ("mac", .left), ("age", .right)])
    for one in snapshot.neighbors ?? [] {
      let age = one.isStatic ? "static" : one.ageSeconds.map(Self.duration) ?? "-"
      table.append([
        .init(one.interface), .init(one.address), one.mac.map { .init($0) } ?? .init("asked for", .yellow), .init(age),
      ])
    }
    return render(table, without: "No neighbour is known.")
  }
}
