import Dataplane
import Testing
import Wire

/// Bridges in a row, each with a port `in` and a port `out` in one VLAN: hosts are in front of the first and behind the
/// last one. As bridges they leave frames as they are, so that whatever differs behind them is telemetry's doing.
public struct TelemetryPath {
  /// The bridges, from the first on.
  public var switches: [SwitchConfiguration]

  /// - Parameters:
  ///   - count: how many bridges.
  ///   - isTagged: the links between them carry tags.
  ///   - change: what is different in the telemetry of all.
  public init(_ count: Int, isTagged: Bool = false, _ change: (inout TelemetryConfiguration) -> Void = { _ in }) {
    switches = (0..<count).map { index in
      var bridge = SwitchConfiguration()
      bridge.id = UInt32(index + 1)
      let link = PortRole.trunk(allowed: [VLANID(10)], native: isTagged ? nil : VLANID(10))
      let (first, last) = (index == 0, index == count - 1)
      bridge.ports = [
        TestConfiguration.bridgedPort("in", 100, first ? .access(VLANID(10)) : link),
        TestConfiguration.bridgedPort("out", 100, last ? .access(VLANID(10)) : link),
      ]
      var telemetry = TelemetryConfiguration()
      telemetry.hostPorts = (first ? [PortID(0)] : []) + (last ? [PortID(1)] : [])
      telemetry.int.watch = [WatchRule()]
      telemetry.int.roce = .metadata
      change(&telemetry)
      bridge.telemetry = telemetry
      return bridge
    }
  }

  /// What leaves each switch on its port `out`, in its order, when frames come to the first one.
  public func run(_ frames: [(bytes: [UInt8], tick: UInt64)]) throws -> [[Departure]] {
    var arrivals = frames
    var all: [[Departure]] = []
    for configuration in switches {
      var device = try VirtualSwitch(configuration)
      for frame in arrivals { device.send(frame.bytes, on: "in", at: frame.tick) }
      let departures = device.run().on("out")
      all.append(departures)
      arrivals = departures.map { ($0.bytes, $0.start) }
    }
    return all
  }

  /// The same for one frame: its bytes behind each switch; nil if it does not come that far.
  public func pass(_ frame: [UInt8]) throws -> [[UInt8]?] { try run([(frame, 0)]).map { $0.first?.bytes } }

  /// Frames of all kinds, with a name and whether each announcement can be used with it.
  public static func frames(payload count: Int) -> [(name: String, bytes: [UInt8], takes: Set<INTAnnouncement>)] {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
    let all: Set<INTAnnouncement> = [.port, .header, .dscp]
    var frames: [(name: String, bytes: [UInt8], takes: Set<INTAnnouncement>)] = []
    for isIPv6 in [false, true] {
      let version = isIPv6 ? "IPv6" : "IPv4"
      var frame = Frame(from: isIPv6 ? "fd00:1::2" : "10.0.1.2", to: isIPv6 ? "fd00:2::2" : "10.0.2.2")
      frame.destinationMAC = 0x0200_0000_0B01
      frame.identification = 0x1234
      frame.dscp = 26
      frame.ecn = 2
      frames.append(("UDP \(version)", frame.udp(1000, 2000, payload), all))
      frames.append(("UDP without checksum \(version)", withoutChecksum(frame.udp(1000, 2000, payload)), all))
      frames.append(("TCP \(version)", frame.tcp(1000, 2000, payload), [.header, .dscp]))
      frames.append(("RoCE \(version)", frame.roce(queuePair: 7, payload), all))
      frames.append(("VXLAN \(version)", frame.vxlan(identifier: 3, frame.udp(1, 2, payload)), all))
      frames.append(("short \(version)", Frame.padded(frame.udp(1000, 2000, payload), to: 60), all))
      frames.append(("ICMP \(version)", frame.icmp(type: isIPv6 ? 128 : 8, payload), []))
      frame.fragmentOffset = 0
      frame.moreFragments = true
      frames.append(("fragment \(version)", frame.udp(1000, 2000, payload), []))
    }
    var options = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01)
    options.options = [0x94, 4, 0, 0]
    frames.append(("UDP with IPv4 options", options.udp(1000, 2000, payload), all))
    return frames
  }

  private static func withoutChecksum(_ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    guard let header = ReferenceINT.network(frame) else { return frame }
    frame.replaceSubrange(header.transport + 6..<header.transport + 8, with: [0, 0])
    return frame
  }
}
