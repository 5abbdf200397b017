import Dataplane
import Drivers
import Synchronization
import TestSupport

@testable import Control

/// A switch that has had traffic in virtual time, and stands still since: what a server answers about it is known.
///
/// Hosts h1 and h2 sent 40 RoCE packets each at once to h3, which is four times slower; the buffer is small, so pause
/// frames were sent. h3's link went down while packets waited. 30 packets went to the spines, two had no route, and a
/// stranger on b1 was heard.
final class RestingSwitch: ControlledSwitch {
  let name: String
  private let hosted: Mutex<HostedSwitch>
  private let notes = Mutex(Notes())
  private let configuration: SwitchConfiguration
  /// Captures of a switch that stands still: real files without packets.
  let captures: PortCaptures

  /// What was asked of the switch.
  struct Notes {
    var readiness = Readiness.ready
    var adminUp: [String: Bool] = [:]
    var impairments: [String: String] = [:]
    var weights: [WeightChange] = []
    var reloads: [ReloadRequest] = []
    var isOnTrial = false
    var ticks: UInt64 = 0
  }

  init(name: String = "leaf1") throws {
    var leaf = TestConfiguration.leaf()
    leaf.name = name
    leaf.buffer.size = ByteCount(500_000)
    leaf.buffer.headroom = ByteCount(40_000)
    self.name = name
    configuration = leaf
    let clock = CaptureClock(tick: .zero, nanoseconds: 0, ticksPerSecond: 1_000_000_000_000)
    let names = leaf.ports.map(\.name)
    captures = PortCaptures(portNames: names, clock: { clock }) { _, _ in }
    hosted = Mutex(try Self.afterTraffic(leaf))
  }

  private static func afterTraffic(_ leaf: SwitchConfiguration) throws -> sending HostedSwitch {
    var hosted = try HostedSwitch(leaf)
    let begin: UInt64 = 1_000_000
    for number in 0..<40 {
      for host in 0..<2 {
        var frame = Frame(from: "10.0.\(host + 1).2", to: "10.0.3.2")
        frame.dscp = 26
        let bytes = Frame.padded(frame.udp(49_152 + UInt16(number), 4791, size: 128), to: 128)
        hosted.send(bytes, wireLength: 1048, priority: 3, on: host, at: begin + UInt64(number) * 100_000)
      }
    }
    for _ in 0..<2 {
      let frame = Frame(from: "10.0.1.2", to: "192.0.2.1")
      hosted.send(Frame.padded(frame.udp(1, 2, size: 60), to: 60), wireLength: 60, priority: nil, on: 0, at: begin)
    }
    for number in 0..<30 {
      var frame = Frame(from: "10.0.1.2", to: "10.9.0.\(number + 1)")
      frame.dscp = 26
      let bytes = Frame.padded(frame.udp(UInt16(number) + 1000, 4791, size: 200), to: 200)
      hosted.send(bytes, wireLength: 200, priority: 3, on: 0, at: begin + 8_000_000)
    }
    let stranger: [UInt8] = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 9, 9, 0x88, 0xB5]
    hosted.send(Frame.padded(stranger, to: 60), wireLength: 60, priority: nil, on: 3, at: begin)
    hosted.setLink(2, isUp: false, at: begin + 24_000_000)
    hosted.run()
    return hosted
  }

  /// As if two impairments were on h1.
  static let impairments = [
    ImpairmentFacts(
      direction: "ingress", heldPackets: 2, overflowDroppedPackets: 7,
      entries: [.init(seenPackets: 50, matchedPackets: 40, lostPackets: 3), .init(seenPackets: 47, delayedPackets: 5)])
  ]

  /// What was asked so far.
  var asked: Notes { notes.withLock { $0 } }

  /// Says whether the switch does its work.
  func setReadiness(_ readiness: Readiness) { notes.withLock { $0.readiness = readiness } }

  var readiness: Readiness { notes.withLock { $0.readiness } }

  func snapshot(of parts: Set<SwitchSnapshot.Part>, ports: [String]) throws(ControlError) -> SwitchSnapshot {
    let notes = notes.withLock { notes in
      // A clock that goes on, as a live one does.
      notes.ticks += 1_000_000_000_000
      return notes
    }
    do {
      return try hosted.withLock { hosted in
        let facts = configuration.ports.indices.map { index in
          PortFacts(
            device: "null:\(index)", driver: "net_null", mac: "02:00:00:00:00:0\(index)",
            isAdminUp: notes.adminUp[configuration.ports[index].name] ?? true, isLinkUp: index != 2,
            pacing: ErrorSummary(
              count: 10, p50Nanoseconds: 40, p99Nanoseconds: 90, p999Nanoseconds: 100, maxNanoseconds: 120),
            rxToTx: ErrorSummary(
              count: 12, p50Nanoseconds: 1500, p99Nanoseconds: 2500, p999Nanoseconds: 3500, maxNanoseconds: 9500),
            counters: ["rx_missed": UInt64(index)], impairments: index == 0 ? Self.impairments : [])
        }
        return try SwitchSnapshot(
          of: hosted.device,
          DriverFacts(
            now: Tick(hosted.now + notes.ticks), uptimeSeconds: Double(notes.ticks) / 1e12, ports: facts,
            workers: [WorkerFacts(worker: 0, cpu: 1, ports: ["h1"], polls: 100, busyPolls: 25, sleeps: 3)],
            configurationText: "switch: {name: leaf1}\n", configurationPath: "/etc/penstock/leaf1.yaml"),
          parts: parts, ports: ports)
      }
    } catch let error as ControlError {
      throw error
    } catch {
      throw ControlError(.failed, "\(error)", remedy: "")
    }
  }

  func setPort(_ port: String, isUp: Bool) throws(ControlError) {
    try check(port)
    notes.withLock { $0.adminUp[port] = isUp }
  }

  func setWeight(_ change: WeightChange) throws(ControlError) {
    guard configuration.nextHopGroups.contains(where: { $0.prefix.description == change.prefix }) else {
      throw .unknown("next-hop group", change.prefix, among: ["10.9.0.0/16"])
    }
    notes.withLock { $0.weights.append(change) }
  }

  func resetWatermarks() throws(ControlError) { hosted.withLock { $0.device.resetWatermarks() } }

  func impairments(of port: String) throws(ControlError) -> String {
    try check(port)
    return notes.withLock { $0.impairments[port] ?? "[]" }
  }

  func setImpairments(of port: String, json: String) throws(ControlError) {
    try check(port)
    guard json.hasPrefix("[") else { throw ControlError(.invalid, "no list", remedy: "send a list") }
    notes.withLock { $0.impairments[port] = json }
  }

  func startCapture(of port: String, _ request: CaptureRequest) throws(ControlError) -> CaptureStatus {
    try captures.start(port, request) { _ in .gigabits(100) }
  }

  func captureStatus(of port: String, id: UInt64?) throws(ControlError) -> CaptureStatus {
    try captures.status(port, id: id)
  }

  func stopCapture(of port: String, id: UInt64?) throws(ControlError) -> CaptureStatus {
    try captures.stop(port, id: id)
  }

  func reload(_ request: ReloadRequest) throws(ControlError) -> ReloadReport {
    notes.withLock { $0.reloads.append(request) }
    if let text = request.text {
      do throws(ConfigurationErrors) {
        let loaded = try ConfigurationLoader().load(yaml: text, file: request.path ?? "(text)")
        if loaded.configuration.name == name { return ReloadReport(isApplied: false, changes: []) }
      } catch {
        throw ControlError(
          .unprocessable, "the configuration is wrong", remedy: "correct it; nothing was changed",
          details: error.errors.map(\.description))
      }
    }
    let isDry = request.isDryRun ?? false
    notes.withLock { $0.isOnTrial = request.rollbackAfterSeconds != nil && !isDry }
    return ReloadReport(
      isApplied: !isDry, changes: ["port h1: speed 100G -> 50G"], rollbackAfterSeconds: request.rollbackAfterSeconds)
  }

  func confirmReload() throws(ControlError) {
    guard notes.withLock({ $0.isOnTrial }) else {
      throw ControlError(.conflict, "no configuration is on trial", remedy: "reload with a time to roll back after")
    }
    notes.withLock { $0.isOnTrial = false }
  }

  private func check(_ port: String) throws(ControlError) {
    let names = configuration.ports.map(\.name)
    if !names.contains(port) { throw .unknown("port", port, among: names) }
  }
}
