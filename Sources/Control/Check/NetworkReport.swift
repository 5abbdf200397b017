import Dataplane
import Foundation

/// What `penstock check` says about a file: of one switch its ``CheckReport`` and nothing else, of several those of all,
/// and the links between them.
public struct NetworkReport: Codable, Equatable, Sendable {
  /// A link between two switches.
  public struct Link: Codable, Equatable, Sendable {
    /// Its ends, `leaf1/p5`.
    public var a: String, b: String
    /// Line rate in bits per second.
    public var speedBps: UInt64
    /// Propagation delay each way.
    public var delayPs: UInt64
    /// The cable that it means, which headroom is computed for, in millimetres.
    public var cableMm: UInt64
  }

  /// The switches, in their order.
  public var switches: [CheckReport]
  /// The links, in their order.
  public var links: [Link]

  /// Describes what a file says.
  public init(_ loaded: [LoadedConfiguration]) {
    switches = loaded.map { CheckReport($0) }
    var found: [(number: Int, link: Link)] = []
    for device in loaded {
      for (name, end) in device.links where end.isFirst {
        guard let port = device.configuration.ports.first(where: { $0.name == name }) else { continue }
        found.append(
          (
            end.link,
            Link(
              a: "\(device.configuration.name)/\(name)", b: end.peer, speedBps: port.speed.bitsPerSecond,
              delayPs: end.delay.count, cableMm: port.cable.millimetres)
          ))
      }
    }
    links = found.sorted { $0.number < $1.number }.map(\.link)
  }

  /// The report as JSON: that of a single switch as it always was.
  public func json() throws -> String {
    if switches.count == 1, links.isEmpty { return try switches[0].json() }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The report as text.
  public func text(style: CheckReport.Style = .plain) -> String {
    var text = switches.map { $0.text(style: style) }.joined(separator: "\n")
    guard !links.isEmpty else { return text }
    var table = TextTable([("from", .left), ("to", .left), ("speed", .right), ("delay", .right), ("cable", .right)])
    for link in links {
      table.add([
        link.a, link.b, Quantity.rate.text(link.speedBps), Quantity.time.text(link.delayPs),
        Quantity.length.text(link.cableMm),
      ])
    }
    text += "\nLinks\n" + table.lines(style: style).map { $0 + "\n" }.joined()
    return text
  }
}
