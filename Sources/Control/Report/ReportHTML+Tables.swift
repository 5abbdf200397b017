extension ReportHTML {
  /// A column: its heading, and whether it holds numbers.
  struct Column {
    var title: String
    var isNumber = true
  }

  /// A cell: what it shows, and the value by which its column is sorted.
  struct Cell {
    var html: HTML
    var key: Double?

    init(_ text: String, key: Double? = nil) {
      html = "\(text)"
      self.key = key
    }

    init(html: HTML, key: Double) {
      self.html = html
      self.key = key
    }

    static func count(_ value: UInt64) -> Cell { Cell(ReportUnits.count(value), key: Double(value)) }
    static func bytes(_ value: UInt64) -> Cell { Cell(ReportUnits.bytes(value), key: Double(value)) }
    static func time(_ nanoseconds: Double?) -> Cell {
      Cell(nanoseconds.map { ReportUnits.time(nanoseconds: $0) } ?? "-", key: nanoseconds ?? -1)
    }
  }

  /// Every port of the switch.
  var portTable: HTML {
    let duration = report.durationPicoseconds
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Speed"), Column(title: "Rx packets"),
      Column(title: "Rx bytes"), Column(title: "Rx rate"), Column(title: "Tx packets"), Column(title: "Tx bytes"),
      Column(title: "Tx rate"), Column(title: "Tx line use"), Column(title: "Drops"),
    ]
    let rows = report.ports.map { port in
      let rx = ReportUnits.meanRate(bytes: port.rx.bytes, picoseconds: duration)
      let tx = ReportUnits.meanRate(bytes: port.tx.bytes, picoseconds: duration)
      let use = port.lineUse(picoseconds: duration)
      let meter: HTML = """
        <span class="meter"><i style="width:\(Int((min(use, 1) * 100).rounded()))%"></i></span>\
        \(ReportUnits.percent(use))
        """
      return [
        Cell(port.name), Cell(ReportUnits.speed(port.speedBitsPerSecond), key: Double(port.speedBitsPerSecond)),
        .count(port.rx.packets), .bytes(port.rx.bytes), Cell(ReportUnits.rate(rx), key: rx),
        .count(port.tx.packets), .bytes(port.tx.bytes), Cell(ReportUnits.rate(tx), key: tx),
        Cell(html: meter, key: use), .count(port.dropped),
      ]
    }
    return table(
      "Ports", note: "Rates are means over the whole run. Line use counts preamble, check sequence and gap.",
      columns, rows)
  }

  /// Every queue that held or sent a packet.
  var queueTable: HTML {
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Queue"), Column(title: "Packets"),
      Column(title: "Bytes"), Column(title: "Peak depth"), Column(title: "ECN marked"), Column(title: "min"),
      Column(title: "p50"), Column(title: "p90"), Column(title: "p99"), Column(title: "p99.9"), Column(title: "max"),
      Column(title: "mean"),
    ]
    let rows = report.ports.flatMap { port in
      port.queues.enumerated().filter(\.element.isUsed).map { number, queue in
        let latency = queue.latency
        return [
          Cell(port.name), .count(UInt64(number)), .count(queue.txPackets), .bytes(queue.txBytes),
          .bytes(queue.maxBytes), .count(queue.marking.markedPackets), .time(latency.min), .time(latency.p50),
          .time(latency.p90), .time(latency.p99), .time(latency.p999), .time(latency.max), .time(latency.mean),
        ]
      }
    }
    if rows.isEmpty { return "<section class=\"card\"><h2>Queues</h2><p>No queue held a packet.</p></section>" }
    let note = "Queues that held a packet, and how long packets took through the switch."
    return table("Queues", note: note, columns, rows)
  }

  /// The captures that were replayed.
  var inputTable: HTML {
    if report.inputs.isEmpty { return "" }
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Capture", isNumber: false), Column(title: "Packets"),
      Column(title: "Bytes"), Column(title: "Times played"), Column(title: "Read", isNumber: false),
    ]
    let rows = report.inputs.map { input in
      [
        Cell(input.port), Cell(input.file), .count(input.packets), .bytes(input.bytes), .count(input.loops),
        Cell(input.error ?? "to its end"),
      ]
    }
    return table("Inputs", note: "", columns, rows)
  }

  func table(_ title: String, note: String, _ columns: [Column], _ rows: [[Cell]]) -> HTML {
    Self.table(title, note: note, columns, rows)
  }

  /// A table that a click on a heading orders.
  static func table(_ title: String, note: String, _ columns: [Column], _ rows: [[Cell]]) -> HTML {
    let head = columns.map { column in
      "<th scope=\"col\"\(column.isNumber ? " class=\"num\"" : "" as HTML)>\(column.title)</th>" as HTML
    }.joined()
    let body = rows.map { row in
      let cells = zip(columns, row).enumerated().map { index, pair in
        let (column, cell) = pair
        if index == 0 { return "<th scope=\"row\">\(cell.html)</th>" as HTML }
        let key: HTML = cell.key.map { " data-key=\"\("\($0)")\"" } ?? ""
        return column.isNumber ? "<td class=\"num\"\(key)>\(cell.html)</td>" : "<td\(key)>\(cell.html)</td>"
      }.joined()
      return "<tr>\(cells)</tr>\n" as HTML
    }.joined()
    let hint: HTML = note.isEmpty ? "" : "<p class=\"hint\">\(note)</p>"
    return """
      <section class="card">
      <h2>\(title)</h2>\(hint)
      <div class="scroll"><table class="sortable">
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)</tbody></table></div>
      </section>
      """
  }
}

extension PortReport {
  /// Preamble, check sequence and gap around every frame, in bytes.
  private static let overhead: UInt64 = 24

  /// The part of the line rate that was used for sending, from 0 to 1.
  func lineUse(picoseconds: UInt64) -> Double {
    let bits = ReportUnits.meanRate(bytes: tx.bytes + Self.overhead * tx.packets, picoseconds: picoseconds)
    return speedBitsPerSecond == 0 ? 0 : bits / Double(speedBitsPerSecond)
  }
}
