import Dataplane
import Wire

/// A host: its line, and where it is plugged in.
struct FabricHostState {
  var line: HostLine
  let port: FabricPort

  init(_ configuration: FabricConfiguration, host index: Int) {
    let host = configuration.hosts[index]
    let device = configuration.switches[host.port.device]
    port = host.port
    line = HostLine(
      port: device.ports[host.port.port.index], response: host.response, ticksPerSecond: Fabric.ticksPerSecond,
      serialization: device.serialization)
    var seeds = RandomNumbers(seed: configuration.seed)
    for (number, flow) in configuration.flows.enumerated() {
      let seed = seeds.next()
      guard flow.source == index else { continue }
      line.add(
        flow: number, frames: flow.frames, length: flow.length, start: Tick(flow.start.count),
        stop: flow.stop.map { Tick($0.count) } ?? configuration.until.map { Tick($0.count) } ?? .never,
        pace: flow.pace, obeys: configuration.obeyedPriorities(of: flow), seed: seed)
    }
  }
}

extension Fabric {
  /// Both directions of every link, then those of every host.
  static func channels(_ configuration: FabricConfiguration) -> [FabricChannel] {
    var channels: [FabricChannel] = []
    func add(to target: FabricChannel.End, from sender: FabricPort, _ delay: Picoseconds) {
      var isCutThrough = false
      if case .port(let port) = target {
        isCutThrough = configuration.switches[port.device].forwardingMode == .cutThrough
      }
      channels.append(
        FabricChannel(
          to: target, rate: configuration.port(sender).speed, delay: delay,
          serialization: configuration.switches[sender.device].serialization, isCutThrough: isCutThrough))
    }
    for link in configuration.links {
      add(to: .port(link.b), from: link.a, link.delay)
      add(to: .port(link.a), from: link.b, link.delay)
    }
    for (index, host) in configuration.hosts.enumerated() {
      add(to: .port(host.port), from: host.port, host.delay)
      add(to: .host(index), from: host.port, host.delay)
    }
    return channels
  }

  /// The channel that leaves by each port, the ports of all switches in a row; -1 for those with nothing plugged in.
  static func uplinks(_ configuration: FabricConfiguration, firstPort: [Int], count: Int) -> [Int] {
    var uplinks = Array(repeating: -1, count: count)
    for (index, link) in configuration.links.enumerated() {
      uplinks[firstPort[link.a.device] + link.a.port.index] = 2 * index
      uplinks[firstPort[link.b.device] + link.b.port.index] = 2 * index + 1
    }
    for (index, host) in configuration.hosts.enumerated() {
      uplinks[firstPort[host.port.device] + host.port.port.index] = 2 * (configuration.links.count + index) + 1
    }
    return uplinks
  }

  /// The frames of a flow: to the switch where its port is routed, to the other host where it is bridged.
  static func template(of flow: FabricFlow, in configuration: FabricConfiguration) -> FrameTemplate {
    let (source, destination) = (configuration.hosts[flow.source], configuration.hosts[flow.destination])
    var next = destination.mac
    if case .routed = configuration.port(source.port).role { next = configuration.switches[source.port.device].mac }
    let ends = FrameTemplate.Ends(
      source: (source.mac, source.address), destination: (next, destination.address))
    let kind: FrameTemplate.Kind =
      flow.kind == .roce
      ? .roce(source: flow.sourcePort, queuePair: flow.queuePair)
      : .udp(source: flow.sourcePort, destination: flow.destinationPort)
    return FrameTemplate(ends, kind, length: flow.length, dscp: flow.dscp, ecn: flow.ecn)
  }
}
