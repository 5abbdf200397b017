import Collector

extension CollectorHTML {
  private static let nodes = 64

  /// Nodes in the order of passing, and how much goes from one to the next.
  var pathView: HTML {
    let graph = PathGraph(snapshot, nodes: Self.nodes)
    guard !graph.nodes.isEmpty else { return "" }
    let columns = (graph.nodes.map(\.column).max() ?? 0) + 1
    let (boxWidth, boxHeight, rowHeight) = (min(132, 900 / Double(columns)), 46.0, 62.0)
    let rows = (0..<columns).map { column in graph.nodes.count { $0.column == column } }
    let height = Double(rows.max() ?? 1) * rowHeight + 8
    let step = columns == 1 ? 0 : min(300, (1230 - boxWidth - 20) / Double(columns - 1))
    func place(_ node: PathGraph.Node) -> (x: Double, y: Double) {
      let share = height / Double(max(1, rows[node.column]))
      return (10 + Double(node.column) * step, share * (Double(node.row) + 0.5) - boxHeight / 2)
    }
    var body = HTML()
    let most = Double(max(1, graph.links.map(\.bytes).max() ?? 1))
    for link in graph.links {
      let (from, to) = (place(graph.nodes[link.from]), place(graph.nodes[link.to]))
      let (x1, y1) = (from.x + boxWidth, from.y + boxHeight / 2)
      let (x2, y2) = (to.x, to.y + boxHeight / 2)
      let bend = max(20, abs(x2 - x1) / 2)
      let path =
        "M\(Self.number(x1)) \(Self.number(y1)) C\(Self.number(x1 + bend)) \(Self.number(y1)) "
        + "\(Self.number(x2 - bend)) \(Self.number(y2)) \(Self.number(x2)) \(Self.number(y2))"
      let width = 1 + 9 * (Double(link.bytes) / most).squareRoot()
      body += """
        <path class="link" d="\(path)" stroke-width="\(Self.number(width))"><title>\
        \(graph.nodes[link.from].name) to \(graph.nodes[link.to].name): \(ReportUnits.bytes(link.bytes)), \
        \(link.flows) flows</title></path>

        """
    }
    for node in graph.nodes {
      let (x, y) = place(node)
      let latency = node.latency.map { "\(ReportUnits.time(nanoseconds: $0)) mean" } ?? ReportUnits.bytes(node.bytes)
      body += """
        <g><title>\(node.name): \(ReportUnits.bytes(node.bytes)), \(node.flows) flows</title>\
        <rect class="node\(HTML(markup: node.bursts > 0 ? " hot" : ""))" x="\(Self.number(x))" y="\(Self.number(y))" \
        width="\(Self.number(boxWidth))" height="\(Self.number(boxHeight))" rx="8"/>\
        <text x="\(Self.number(x + boxWidth / 2))" y="\(Self.number(y + 19))" text-anchor="middle">\(node.name)</text>\
        <text class="soft" x="\(Self.number(x + boxWidth / 2))" y="\(Self.number(y + 36))" text-anchor="middle">\
        \(latency)</text></g>

        """
    }
    let more = graph.left > 0 ? "; \(graph.left) nodes with less are left out" : ""
    return """
      <section class="card"><h2>Paths</h2>
      <p class="hint">lines: bytes of reported packets from node to node; framed red: nodes with bursts\(more)</p>
      <svg class="figure" viewBox="0 0 1230 \(Self.number(height))" role="img" aria-label="Paths of flows">
      \(body)</svg></section>
      """
  }
}

/// Nodes and links of all paths. A node has a place in every column that it is passed in: first, second and so on.
struct PathGraph {
  struct Node {
    var name: String
    var column: Int
    var row = 0
    var bytes: UInt64 = 0
    var flows = 0
    /// Nanoseconds on average; nil: not told.
    var latency: Double?
    var bursts: UInt64 = 0
  }

  struct Link {
    var from: Int
    var to: Int
    var bytes: UInt64
    var flows: Int
  }

  private struct Place: Hashable {
    var column: Int
    var node: UInt32?
  }

  private(set) var nodes: [Node] = []
  private(set) var links: [Link] = []
  /// Nodes that are not shown.
  private(set) var left = 0

  /// - Parameter limit: nodes at most, those with most bytes.
  init(_ snapshot: CollectorSnapshot, nodes limit: Int) {
    let paths = PathEntry.paths(of: snapshot.flows)
    var totals: [Place: (bytes: UInt64, flows: Int)] = [:]
    for path in paths {
      for (column, hop) in path.hops.enumerated() {
        let place = Place(column: column, node: hop.node)
        let old = totals[place] ?? (0, 0)
        totals[place] = (old.bytes &+ path.bytes, old.flows + path.flows)
      }
    }
    let order = totals.sorted {
      ($1.value.bytes, $0.key.column, $0.key.node ?? .max) < ($0.value.bytes, $1.key.column, $1.key.node ?? .max)
    }
    left = max(0, order.count - limit)
    let entries = Dictionary(snapshot.nodes.map { ($0.node, $0) }) { first, _ in first }
    var places: [Place: Int] = [:]
    var rows: [Int: Int] = [:]
    let shown = order.prefix(limit).sorted {
      ($0.key.column, $0.key.node ?? .max) < ($1.key.column, $1.key.node ?? .max)
    }
    for (place, total) in shown {
      places[place] = nodes.count
      var node = Node(
        name: place.node.map { "node \($0)" } ?? "unknown node", column: place.column,
        row: rows[place.column, default: 0], bytes: total.bytes, flows: total.flows)
      rows[place.column, default: 0] += 1
      if let entry = entries[place.node], entry.latencies > 0 {
        node.latency = Double(entry.sumLatencyNs) / Double(entry.latencies)
      }
      node.bursts = snapshot.queues.filter { $0.node == place.node }.reduce(0) { $0 + $1.bursts }
      nodes.append(node)
    }
    connect(paths, places)
  }

  private mutating func connect(_ paths: [PathEntry], _ places: [Place: Int]) {
    var known: [[Int]: Int] = [:]
    for path in paths {
      let visited = path.hops.enumerated().compactMap { places[Place(column: $0.offset, node: $0.element.node)] }
      for (from, to) in zip(visited, visited.dropFirst()) {
        if let link = known[[from, to]] {
          links[link].bytes &+= path.bytes
          links[link].flows += path.flows
        } else {
          known[[from, to]] = links.count
          links.append(Link(from: from, to: to, bytes: path.bytes, flows: path.flows))
        }
      }
    }
  }
}
