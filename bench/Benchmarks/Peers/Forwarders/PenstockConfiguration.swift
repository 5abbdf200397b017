import Wire

/// The configuration of a penstock that is measured from outside: a port where packets come in, and some where they leave,
/// over a group of next hops with falling weights.
struct PenstockConfiguration {
  /// The switch's name.
  static let name = "bench"

  /// Device of the port where packets come in.
  var input: String
  /// Devices of the ports where they leave.
  var outputs: [String]
  /// How much of the switch is in use.
  var level: FeatureLevel
  /// Destinations, all of which lead to the group.
  var routes: [IPPrefix]
  /// Line rate of the ports, in bits a second.
  var speed = "1600G"
  /// Line rate of the ports where packets leave, in bits a second, if it is another.
  var outputSpeed: String?
  /// The largest IP packet.
  var mtu = 9216
  /// The shared buffer.
  var buffer = "{size: 64MB}"

  /// The text, YAML.
  ///
  /// - Parameter routeFile: where ``routeLines`` are; nil: none are needed, because there are few.
  func text(routeFile: String?) -> String {
    let isIPv6 = routes.contains { $0.isIPv6 }
    let mode = level == .forward ? ", mode: direct" : ""
    var text = "switch: {name: \(Self.name), mac: \"02:00:00:00:00:01\"\(mode)}\nports:\n"
    text += port("in", input, speed, isIPv6 ? "[10.0.0.1/24, \"fd00::1/64\"]" : "10.0.0.1/24")
    text += "\n"
    for index in outputs.indices {
      let four = "10.128.\(4 * (index + 1)).1/22"
      let address = isIPv6 ? "[\(four), \"fd00:1:0:\(index + 1)::1/64\"]" : four
      text += port("s\(index + 1)", outputs[index], outputSpeed ?? speed, address) + "\n"
    }
    text += "neighbors:\n"
    for index in outputs.indices {
      for address in ["10.128.\(4 * (index + 1)).2"] + (isIPv6 ? ["\"fd00:1:0:\(index + 1)::2\""] : []) {
        text += "  - {port: s\(index + 1), address: \(address), mac: \"02:00:00:01:00:0\(index)\"}\n"
      }
    }
    if let routeFile {
      text += "routes: {file: \(routeFile)}\n"
    } else {
      text += "routes:\n" + routes.map { "  - {prefix: \"\($0)\", via: [\(hops(isIPv6: $0.isIPv6))]}\n" }.joined()
    }
    text += "ecmp: {fields: [source-address, destination-address, protocol, source-port, destination-port, roce-qp]}\n"
    return text + quality + "buffer: \(buffer)\n"
  }

  /// The routes as lines of a file, for more than a configuration should list.
  var routeLines: String {
    routes.map { route in
      let hops = outputs.indices.map { index in "\(hop(index, isIPv6: route.isIPv6))*\(outputs.count - index)" }
      return "\(route) via \(hops.joined(separator: " "))\n"
    }.joined()
  }

  private func port(_ name: String, _ device: String, _ speed: String, _ address: String) -> String {
    "  - {name: \(name), speed: \(speed), mtu: \(mtu), device: \"\(device)\", address: \(address)}"
  }

  private func hop(_ index: Int, isIPv6: Bool) -> String {
    isIPv6 ? "fd00:1:0:\(index + 1)::2" : "10.128.\(4 * (index + 1)).2"
  }

  private func hops(isIPv6: Bool) -> String {
    outputs.indices.map { "{address: \"\(hop($0, isIPv6: isIPv6))\", weight: \(outputs.count - $0)}" }
      .joined(separator: ", ")
  }

  /// Queues: none in use, or the usual ones of a RoCE switch, without or with flow control and marks.
  private var quality: String {
    switch level {
    case .forward: return "qos: {trust: port, queues: {0: {schedule: strict}}}\n"
    case .queues, .lossless, .busy:
      let lossless = level == .queues ? "" : ", lossless: true, ecn: {kmin: 100kB, kmax: 400kB, pmax: 20%}"
      return """
        qos:
          dscp: {26: 3, 48: 6}
          queues:
            0: {schedule: {dwrr: 50}}
            1: {schedule: {dwrr: 1}}
            2: {schedule: {dwrr: 1}}
            3: {schedule: {dwrr: 50}\(lossless)}
            4: {schedule: {dwrr: 1}}
            5: {schedule: {dwrr: 1}}
            6: {schedule: strict}
            7: {schedule: strict}

        """
    }
  }
}
