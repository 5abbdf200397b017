import Foundation

/// Hops of a flow as JSON in a column: SQLite and python read it.
enum StoredHops {
  static func json(of hops: [FlowEntry.Hop]) -> String {
    let parts = hops.map { hop in
      let fields: [(String, String?)] = [
        ("node", text(hop.node)), ("ingress", text(hop.ingress)), ("egress", text(hop.egress)),
        ("queue", text(hop.queue)), ("packets", "\(hop.packets)"),
        ("mean_latency_ns", hop.meanLatencyNs.map { "\($0)" }),
        ("max_latency_ns", text(hop.maxLatencyNs)), ("max_depth_bytes", text(hop.maxDepthBytes)),
      ]
      return "{" + fields.map { "\"\($0.0)\":\($0.1 ?? "null")" }.joined(separator: ",") + "}"
    }
    return "[" + parts.joined(separator: ",") + "]"
  }

  static func hops(of json: String) -> [FlowEntry.Hop] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode([FlowEntry.Hop].self, from: Data(json.utf8))) ?? []
  }

  private static func text(_ number: (some BinaryInteger)?) -> String? { number.map { "\($0)" } }
}
