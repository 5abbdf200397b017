import Dataplane

/// A switch in virtual time as a device under test: exact, and the same on every machine.
///
/// Ports, queues, buffer, flow control and pipeline latency are those of the configuration; tables are replaced by one
/// subnet a port (``LaboratoryConfiguration``), shapers and the watchdog are left out, and frames are stored before they
/// are forwarded.
public struct VirtualDevice: DeviceUnderTest {
  private let configuration: SwitchConfiguration
  private let lossy: TrafficClass
  private let lossless: TrafficClass?

  /// - Parameters:
  ///   - user: at least two ports, and a class that is lossy on all of them.
  ///   - ports: only these, in this order; empty: all.
  public init(_ user: SwitchConfiguration, ports: [String] = []) throws(ProcedureError) {
    var chosen = user
    if !ports.isEmpty {
      chosen.ports = []
      for name in ports {
        guard let port = user.ports.first(where: { $0.name == name }) else {
          let names = user.ports.map(\.name).joined(separator: ", ")
          throw ProcedureError("no port is named \(name); there are \(names)")
        }
        chosen.ports.append(port)
      }
    }
    guard chosen.ports.count > 1 else { throw ProcedureError("it takes two ports or more") }
    var configuration = LaboratoryConfiguration.make(chosen)
    configuration.pipelineLatency = user.pipelineLatency
    configuration.pause.response = user.pause.response
    let classes = (0..<8).map { TrafficClass($0) }
    func group(_ one: TrafficClass) -> Int { configuration.qos.trafficClassToPriorityGroup[one.index].index }
    func isLossless(_ one: TrafficClass, _ port: PortConfiguration) -> Bool {
      port.queues[configuration.qos.trafficClassToQueue[one.index].index].isLossless
    }
    let found = classes.first { one in
      configuration.ports.allSatisfy {
        !isLossless(one, $0) && !Lossless.groups(of: $0, configuration.qos).contains(group(one))
      }
    }
    guard let found else { throw ProcedureError("no traffic class is lossy on all ports; these procedures need one") }
    lossy = found
    lossless =
      configuration.pause.mode == .off
      ? nil : classes.first { one in configuration.ports.allSatisfy { isLossless(one, $0) } }
    self.configuration = configuration
  }

  /// See ``DeviceUnderTest``.
  public var rates: [BitRate] { configuration.ports.map(\.speed) }

  /// See ``DeviceUnderTest``.
  public var largestFrame: Int { (configuration.ports.map(\.mtu).min() ?? 1500) + 18 }

  /// See ``DeviceUnderTest``.
  public var takesSeveralStreams: Bool { true }

  /// See ``DeviceUnderTest``.
  public var isLossless: Bool { lossless != nil }

  /// See ``DeviceUnderTest``.
  public var conditions: [Condition] {
    let speeds = PortRank.all(configuration).map { "\($0.ports.count) x \($0.name)" }.joined(separator: "; ")
    return [
      Condition("device under test", "switch \(configuration.name) in virtual time, store-and-forward"),
      Condition("ports", speeds),
      Condition("buffer", "\(configuration.buffer.size.bytes) B in cells of \(configuration.buffer.cell.bytes) B"),
      Condition("pipeline latency", "\(Check.text(Double(configuration.pipelineLatency.count) / 1000)) ns"),
      Condition(
        "traffic",
        "UDP over IPv4, one flow a pair of ports, class \(lossy.rawValue)"
          + (lossless.map { ", lossless class \($0.rawValue)" } ?? "")),
    ]
  }

  /// See ``DeviceUnderTest``.
  public func offer(_ streams: [TestStream]) throws -> [StreamResult] {
    let cells = Int(configuration.buffer.size.bytes / configuration.buffer.cell.bytes)
    let frames = streams.reduce(0) { $0 + Int($1.frames) }
    // What is on the cables besides.
    var laboratory = try Laboratory(configuration, packets: min(frames, cells) + 16_384)
    for stream in streams { laboratory.add(flow(stream)) }
    laboratory.run()
    var results: [StreamResult] = []
    for (stream, record) in zip(streams, laboratory.records) {
      let queue = configuration.qos.trafficClassToQueue[trafficClass(stream).index]
      let latency = laboratory.device.latency(of: queue, on: PortID(stream.to))
      var result = StreamResult()
      result.sent = record.sent
      result.received = record.departed
      result.lastLost = record.lastDropped
      if record.departed > 0 {
        result.span = record.lastDeparture - record.firstDeparture
        result.lastDeparture = record.lastDeparture.rawValue
      }
      result.leastLatency = latency.minimumTicks
      result.meanLatency = latency.meanTicks
      result.mostLatency = latency.maximumTicks
      results.append(result)
    }
    guard laboratory.isEmpty else { throw ProcedureError("packets stayed in the switch; please report this") }
    return results
  }

  private func trafficClass(_ stream: TestStream) -> TrafficClass {
    stream.isLossless ? lossless ?? lossy : lossy
  }

  private func flow(_ stream: TestStream) -> Flow {
    let bench = Bench(
      configuration: configuration, egress: PortID(stream.to), ingress: [PortID(stream.from)],
      trafficClass: trafficClass(stream))
    var flow = bench.flow(
      PortID(stream.from), length: stream.frame - EthernetOverhead.frameCheckSequence, count: stream.frames,
      start: Int(stream.start.count), obeys: stream.isLossless)
    flow.rate = stream.rate
    return flow
  }

  /// See ``DeviceUnderTest``.
  public func reaction(on port: Int, frame: Int, phase: Picoseconds) throws -> Picoseconds? {
    guard let lossless, let from = rates.indices.first(where: { $0 != port && rates[$0] >= rates[port] }) else {
      return nil
    }
    let bench = Bench(
      configuration: configuration, egress: PortID(port), ingress: [PortID(from)], trafficClass: lossless)
    var laboratory = try Laboratory(configuration, packets: 20_000)
    laboratory.recordsDepartures = true
    let length = frame - EthernetOverhead.frameCheckSequence
    let slot = WireTheory.picoseconds(bytes: WireTheory.slot(length), at: rates[port])
    // By frame 64 the port sends back to back, and long enough for any response time.
    let response = Int(configuration.pause.response.time(at: rates[port]).count)
    let count = UInt64(64 + response / slot + 64)
    laboratory.add(bench.flow(bench.ingress[0], length: length, count: count, start: 0))
    let begin = WireTheory.arrival(1, length: length, start: 0, port: configuration.ports[from])
    let first = begin + Int(configuration.pipelineLatency.count)
    let xoff = first + WireTheory.picoseconds(bytes: 32 * WireTheory.slot(length), at: rates[port]) + Int(phase.count)
    let end = Tick(UInt64(xoff + response + 4 * slot))
    laboratory.hold(bench.egress, bench.holding, from: Tick(UInt64(xoff)), until: end + UInt64(slot))
    laboratory.run(until: end)
    guard let last = laboratory.departures.last else { return nil }
    let over = last.tick.rawValue + UInt64(slot)
    return Picoseconds(over > UInt64(xoff) ? over - UInt64(xoff) : 0)
  }
}
