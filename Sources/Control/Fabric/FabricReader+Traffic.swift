import Dataplane
import Drivers

/// How the frames of an entry are spaced.
private enum TrafficPattern: String, CaseIterable {
  case constant, poisson, burst
}

extension FabricReader {
  /// Flows that one entry may stand for.
  private static let flowLimit = 100_000

  /// Reads an entry of `traffic`: so many flows for each pair of hosts.
  func readTraffic(_ entry: Field) {
    guard let section = entry.section(FabricSchema.traffic) else { return }
    let index = configuration.traffic.count
    configuration.traffic.append(section["name"]?.name("a name") ?? "traffic\(index + 1)")
    let sources = section["from"].map(hosts) ?? []
    let destinations = section["to"].map(hosts) ?? []
    guard let pattern = readFlow(section, index) else { return }
    let each = section["flows"]?.integer(1...UInt64(Self.flowLimit), "a number of flows") ?? 1
    let pairs = sources.flatMap { source in destinations.filter { $0 != source }.map { (source, $0) } }
    if pairs.isEmpty, !sources.isEmpty, !destinations.isEmpty {
      entry.report("nobody sends to anybody else", "name another host in `to`")
    }
    guard pairs.count * Int(each) <= Self.flowLimit else {
      return entry.report(
        "the entry stands for \(pairs.count * Int(each)) flows", "write at most \(Self.flowLimit)")
    }
    for (source, destination) in pairs {
      for _ in 0..<each {
        var flow = pattern
        flow.source = source
        flow.destination = destination
        flowFields.append(entry)
        configuration.flows.append(flow)
      }
    }
  }

  private func hosts(_ field: Field) -> [Int] {
    (field.oneOrMore() ?? []).compactMap { name in
      guard let text = name.text("a host", example: "h1") else { return nil }
      if let index = configuration.hosts.firstIndex(where: { $0.name == text }) { return index }
      name.report(
        "there is no host `\(text)`", Suggestion.remedy(for: text, among: configuration.hosts.map(\.name)))
      return nil
    }
  }

  /// What all flows of an entry have in common.
  private func readFlow(_ section: Section, _ index: Int) -> FabricFlow? {
    var flow = FabricFlow(from: 0, to: 0, length: 1082, frames: .max)
    flow.entry = index
    if let kind = section["kind"]?.choice(FabricFrameKind.self) { flow.kind = kind }
    if let size = section["size"]?.size(60...9230) { flow.length = Int(size.bytes) }
    flow.start = section["start"]?.time(.zero ... .seconds(8_640_000)) ?? .zero
    flow.stop = section["stop"]?.time(.zero ... .seconds(8_640_000))
    if let stop = flow.stop, stop <= flow.start { section["stop"]?.report("it stops before it starts", "write more") }
    if let dscp = section["dscp"]?.integer(0...63, "a DSCP") { flow.dscp = UInt8(dscp) }
    if section["ecn"]?.boolean() == true { flow.ecn = 2 }
    switch (section["bytes"], section["packets"]) {
    case (let bytes?, nil):
      guard let size = bytes.size(1...1_000_000_000_000_000) else { return nil }
      flow.frames = (size.bytes + UInt64(flow.length) - 1) / UInt64(flow.length)
    case (nil, let packets?):
      guard let count = packets.integer(1...1_000_000_000_000, "a number of packets") else { return nil }
      flow.frames = count
    case (_?, let packets?): packets.report("the entry has `bytes` already", "remove one of the two")
    case (nil, nil): break
    }
    readPace(section, into: &flow)
    return flow
  }

  private func readPace(_ section: Section, into flow: inout FabricFlow) {
    let pattern = section["pattern"]?.choice(TrafficPattern.self) ?? .constant
    let count = section["burst"]?.integer(1...1_000_000, "a number of frames")
    if section.has("burst"), pattern != .burst {
      section["burst"]?.report("only `pattern: burst` has bursts", "remove `burst`, or write that pattern")
    }
    guard let rate = section["rate"]?.rate(1000...portSpeeds.upperBound) else {
      if pattern != .constant, !section.has("rate") {
        section["pattern"]?.report("a pattern needs a mean rate", "add `rate: 10G`")
      }
      return
    }
    switch pattern {
    case .constant: flow.pace = .constant(rate)
    case .poisson: flow.pace = .poisson(rate)
    case .burst: flow.pace = .bursts(of: count ?? 32, rate)
    }
  }
}
