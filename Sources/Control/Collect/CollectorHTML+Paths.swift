import Collector

extension CollectorHTML {
  private static let nodes = 64

  /// Nodes in the order of passing, and how much goes from one to the next.
  var pathView: HTML {
    let graph = PathGraph(snapshot, nodes: Self.nodes)
    guard !graph.nodes.isEmpty else { return "" }
    let (boxWidth, boxHeight, rowHeight) = (132.0, 46.0, 62.0)
    let columns = (graph.nodes.map(\.column).max() ?? 0) + 1
    let rows = (0..<columns).map { column in graph.nodes.count { $0.column == column } }
    let height = Double(rows.max() ?? 1) * rowHeight + 8
    let step = columns == 1 ? 0 : min(300, (1230 - boxWidth - 20) / Double(columns - 1))
    func place(_ node: PathGraph.Node) -> (x: Double, y: Double) {
      let share = height / Double(rows[node.column])
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

/// Nodes and links of all paths.
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

  private(set) var nodes: [Node] = []
  private(set) var links: [Link] = []
  /// Nodes that are not shown.
  private(set) var left = 0

  /// - Parameter limit: nodes at most, those with most bytes.
  init(_ snapshot: CollectorSnapshot, nodes limit: Int) {
    var bytes: [UInt32?: UInt64] = [:]
    let paths = PathEntry.paths(of: snapshot.flows)
    for path in paths {
      for hop in path.hops { bytes[hop.node, default: 0] &+= path.bytes }
    }
    let order = bytes.sorted { ($1.value, $0.key ?? .max) < ($0.value, $1.key ?? .max) }
    left = max(0, order.count - limit)
    var places: [UInt32?: Int] = [:]
    let entries = Dictionary(snapshot.nodes.map { ($0.node, $0) }) { first, _ in first }
    for (number, total) in order.prefix(limit).sorted(by: { ($0.key ?? .max) < ($1.key ?? .max) }) {
      places[number] = nodes.count
      var node = Node(name: number.map { "node \($0)" } ?? "unknown node", column: 0, bytes: total)
      if let entry = entries[number], entry.latencies > 0 {
        node.latency = Double(entry.sumLatencyNs) / Double(entry.latencies)
      }
      node.bursts = snapshot.queues.filter { $0.node == number }.reduce(0) { $0 + $1.bursts }
      nodes.append(node)
    }
    connect(paths, places)
    for column in 0...(nodes.map(\.column).max() ?? 0) {
      for (row, index) in nodes.indices.filter({ nodes[$0].column == column }).enumerated() { nodes[index].row = row }
    }
  }

  private mutating func connect(_ paths: [PathEntry], _ places: [UInt32?: Int]) {
    var known: [[Int]: Int] = [:]
    for path in paths {
      let visited = path.hops.compactMap { places[$0.node] }
      for (position, index) in visited.enumerated() {
        nodes[index].column = max(nodes[index].column, position)
        nodes[index].flows += path.flows
        guard position > 0 else { continue }
        let ends = [visited[position - 1], index]
        if let link = known[ends] {
          links[link].bytes &+= path.bytes
          links[link].flows += path.flows
        } else {
          known[ends] = links.count
          links.append(Link(from: ends[0], to: index, bytes: path.bytes, flows: path.flows))
        }
      }
    }
  }
}
