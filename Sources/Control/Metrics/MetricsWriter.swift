/// Writes metrics in Prometheus' text exposition format 0.0.4.
struct MetricsWriter {
  private(set) var text = ""

  /// Upper bounds of the buckets of latency, in seconds.
  static let latencyBounds: [Double] = [
    2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1, 1,
  ]

  /// Writes metrics of several switches. The format wants all values of one metric together.
  mutating func write(_ families: [MetricFamily], of snapshots: [SwitchSnapshot]) {
    for family in families {
      text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for snapshot in snapshots {
        switch family.reading {
        case .values(let read):
          for (labels, value) in read(snapshot) {
            line(family.name, snapshot.name, Array(zip(family.labels, labels)), value.text)
          }
        case .latencies:
          for latency in snapshot.latency ?? [] { write(latency, family, of: snapshot.name) }
        }
      }
    }
  }

  private mutating func write(_ latency: SwitchSnapshot.Latency, _ family: MetricFamily, of device: String) {
    let labels = [("port", latency.port), ("queue", "\(latency.queue)")]
    var buckets = latency.buckets[...]
    var count: UInt64 = 0
    for bound in Self.latencyBounds {
      while let bucket = buckets.first, bucket.upperNanoseconds <= bound * 1e9 {
        count += bucket.count
        buckets.removeFirst()
      }
      line(family.name + "_bucket", device, labels + [("le", "\(bound)")], "\(count)")
    }
    // The worker counts on while buckets are read, so their sum, and not its count, is what agrees with them.
    count = latency.buckets.reduce(0) { $0 + $1.count }
    line(family.name + "_bucket", device, labels + [("le", "+Inf")], "\(count)")
    line(family.name + "_sum", device, labels, "\(latency.meanNanoseconds * Double(count) / 1e9)")
    line(family.name + "_count", device, labels, "\(count)")
  }

  private mutating func line(_ name: String, _ device: String, _ labels: [(String, String)], _ value: String) {
    text += "\(name){switch=\"\(Self.escaped(device, quotes: true))\""
    for (label, value) in labels { text += ",\(label)=\"\(Self.escaped(value, quotes: true))\"" }
    text += "} \(value)\n"
  }

  static func escaped(_ text: String, quotes: Bool) -> String {
    guard text.utf8.contains(where: { $0 == 92 || $0 == 10 || $0 == 34 }) else { return text }
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
