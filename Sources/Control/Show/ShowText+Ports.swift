extension ShowText {
  var ports: String {
    var table = TextTable([
      ("port", .left), ("state", .left), ("speed", .right), ("mtu", .right), ("device", .left), ("rx packets", .right),
      ("rx bytes", .right), ("tx packets", .right), ("tx bytes", .right), ("dropped", .right), ("pause rx", .right),
      ("pause tx", .right),
    ])
    for port in snapshot.ports ?? [] {
      table.append([
        .init(port.name), Self.state(port), .init(ReportUnits.speed(port.speedBitsPerSecond)), .init("\(port.mtu)"),
        .init(port.driver.device), .init(count(port.rx.packets)), .init(bytes(port.rx.bytes)),
        .init(count(port.tx.packets)), .init(bytes(port.tx.bytes)), alarm(port.droppedPackets),
        .init(count(port.macControl.rxPauseFrames)), .init(count(port.macControl.txPauseFrames)),
      ])
    }
    var text = render(table, without: "There are no ports.")
    text += section("Drops", drops) + section("Impairments", impairments)
    text += section("Latency, pacing and pauses", timing) + section("Workers", workers)
    return text
  }

  private func section(_ title: String, _ table: TextTable) -> String {
    table.rows.isEmpty ? "" : "\n\(title)\n" + table.text(isColoured: isColoured)
  }

  private var drops: TextTable {
    var table = TextTable([("port", .left), ("reason", .left), ("packets", .right)])
    for port in snapshot.ports ?? [] {
      for (reason, packets) in port.drops.sorted(by: { $0.key < $1.key }) {
        table.add([port.name, reason, count(packets)])
      }
    }
    for (reason, packets) in snapshot.totals.ownDrops.sorted(by: { $0.key < $1.key }) {
      table.add(["(own)", reason, count(packets)])
    }
    return table
  }

  private var impairments: TextTable {
    let names = ImpairmentFacts.Entry().named.map { $0.name.replacing("_", with: " ") } + ["held", "overflow"]
    var table = TextTable(
      [("port", .left), ("direction", .left), ("entry", .right)] + names.map { ($0, TextTable.Side.right) })
    for port in snapshot.ports ?? [] {
      for one in port.driver.impairments {
        for (place, entry) in one.entries.enumerated() {
          table.add([port.name, one.direction, "\(place)"] + entry.named.map { count($0.packets) })
        }
        // What is held is not said by entry: it waits behind all of them.
        let blanks = Array(repeating: TextTable.Cell(""), count: names.count - 2)
        table.append(
          [.init(port.name), .init(one.direction), .init("all")] + blanks
            + [.init(count(one.heldPackets)), alarm(one.overflowDroppedPackets)])
      }
    }
    return table
  }

  private var timing: TextTable {
    var table = TextTable([
      ("port", .left), ("what", .left), ("measured", .right), ("p50", .right), ("p99", .right), ("p99.9", .right),
      ("max", .right),
    ])
    for port in snapshot.ports ?? [] {
      for (what, summary) in [
        ("rx to tx", port.driver.rxToTx), ("pacing error", port.driver.pacing),
        ("pause reaction", port.driver.pauseReaction),
      ] {
        guard let summary else { continue }
        table.add([
          port.name, what, count(summary.count), time(summary.p50Nanoseconds), time(summary.p99Nanoseconds),
          time(summary.p999Nanoseconds), time(summary.maxNanoseconds),
        ])
      }
      if !port.driver.passesPauseFrames {
        table.append([.init(port.name), .init("does not see the neighbour's pause frames", .yellow)])
      }
    }
    return table
  }

  private var workers: TextTable {
    var table = TextTable([
      ("worker", .right), ("cpu", .right), ("polls", .right), ("busy", .right), ("sleeps", .right), ("ports", .left),
    ])
    for worker in snapshot.workers ?? [] {
      let busy = worker.polls == 0 ? nil : Double(worker.busyPolls) / Double(worker.polls)
      table.add([
        "\(worker.worker)", worker.cpu < 0 ? "-" : "\(worker.cpu)", count(worker.polls), ReportUnits.percent(busy),
        count(worker.sleeps), worker.ports.joined(separator: " "),
      ])
    }
    return table
  }

  var queues: String {
    var table = TextTable([
      ("port", .left), ("queue", .right), ("depth", .right), ("packets", .right), ("peak", .right),
      ("sent packets", .right), ("sent bytes", .right), ("dropped", .right), ("marked", .right), ("trimmed", .right),
      ("paused", .right), ("storms", .right),
    ])
    for queue in snapshot.queues ?? [] where showsAll || queue.isUsed {
      table.append([
        .init(queue.port), .init("\(queue.queue)"), .init(bytes(queue.depthBytes)), .init(count(queue.depthPackets)),
        .init(bytes(queue.peakBytes)), .init(count(queue.tx.packets)), .init(bytes(queue.tx.bytes)),
        queue.isLossless ? alarm(queue.droppedPackets) : .init(count(queue.droppedPackets)),
        .init(count(queue.marked.packets)), .init(count(queue.trimmedPackets)),
        .init(time(queue.pausedSeconds * 1e9)), alarm(queue.storms),
      ])
    }
    return render(table, without: "No queue has been used; --all lists all of them.")
  }

  var latency: String {
    var table = TextTable([
      ("port", .left), ("queue", .right), ("packets", .right), ("min", .right), ("mean", .right), ("p50", .right),
      ("p99", .right), ("p99.9", .right), ("max", .right),
    ])
    for one in snapshot.latency ?? [] {
      table.add(
        [one.port, "\(one.queue)", count(one.count)]
          + [
            one.minNanoseconds, one.meanNanoseconds, one.p50Nanoseconds, one.p99Nanoseconds, one.p999Nanoseconds,
            one.maxNanoseconds,
          ].map(time))
    }
    return render(table, without: "Nothing has left yet.")
  }
}
