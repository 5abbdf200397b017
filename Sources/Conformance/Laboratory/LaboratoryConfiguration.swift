import Dataplane
import Wire

/// How a user's switch is put on the bench: its ports, queues, buffer and flow control stay, and everything that has
/// nothing to do with them is replaced by the plainest there is.
enum LaboratoryConfiguration {
  /// Port n, counted from 1, is routed and has 10.x.y.1/24 where x.y is n; its neighbour is 10.x.y.2. DSCP n is traffic
  /// class n. There are no access rules, VLANs, shapers, rate limits, latency or watchdog; the mode is
  /// store-and-forward, and the switch obeys pauses at once.
  static func make(_ user: SwitchConfiguration) -> SwitchConfiguration {
    var bench = user
    bench.vlans = []
    bench.routes = []
    bench.nextHopGroups = []
    bench.staticMACs = []
    bench.acl = []
    bench.neighbors = []
    bench.watchdog = nil
    bench.forwardingMode = .storeAndForward
    bench.pipelineLatency = .zero
    bench.pause.response = .immediate
    bench.qos.trust = .dscp
    bench.qos.dscpToTrafficClass = (0..<64).map { TrafficClass($0 < 8 ? $0 : 0) }
    for index in bench.ports.indices {
      bench.ports[index].isUp = true
      bench.ports[index].trust = .dscp
      bench.ports[index].trafficClass = TrafficClass(0)
      bench.ports[index].shaper = nil
      for queue in bench.ports[index].queues.indices {
        bench.ports[index].queues[queue].minimumRate = nil
        bench.ports[index].queues[queue].maximumRate = nil
        // A quota of 1 to 1000 in DWRR does not matter here, and neither does WRED, but to ECN's own cases.
        bench.ports[index].queues[queue].ecn?.dropsNotCapable = false
      }
      let address = IPAddress.v4(IPv4Address(bits: neighborAddress(index).bits - 1))
      bench.ports[index].role = .routed(addresses: [IPPrefix(address: address, length: 24)].compactMap { $0 })
      bench.neighbors.append(
        NeighborConfiguration(
          interface: .port(PortID(index)), address: .v4(neighborAddress(index)), mac: neighborMAC(index)))
    }
    return bench
  }

  /// The address of the neighbour of a port, counted from 0.
  static func neighborAddress(_ port: Int) -> IPv4Address {
    IPv4Address(bits: 0x0A00_0002 | UInt32(truncatingIfNeeded: port + 1) << 8)
  }

  /// Its MAC address.
  static func neighborMAC(_ port: Int) -> MACAddress { MACAddress(bits: 0x0200_0010_0000 | UInt64(port + 1)) }
}
