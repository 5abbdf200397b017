import Dataplane
import Wire

/// What differs between two configurations of one switch, in sentences.
public struct ConfigurationChanges: Equatable, Sendable {
  /// What a running switch takes over at once.
  public private(set) var changes: [String] = []
  /// What takes a new start.
  public private(set) var restarts: [String] = []
  /// Names of ports that only the new one has.
  public private(set) var addedPorts: [String] = []
  /// Names of ports that only the old one has.
  public private(set) var removedPorts: [String] = []

  /// How many entries of a list are named before the rest is only counted.
  private static let named = 5

  /// Compares.
  public init(from old: SwitchConfiguration, to new: SwitchConfiguration) {
    // What refers to ports is the same if it refers to ports of the same names.
    var places: [String: Int] = [:]
    for port in old.ports + new.ports where places[port.name] == nil { places[port.name] = places.count }
    let old = old.placed(at: old.ports.map { places[$0.name] ?? 0 }, of: places.count)
    let new = new.placed(at: new.ports.map { places[$0.name] ?? 0 }, of: places.count)
    comparePorts(old, new)
    compareRoutes(old, new)
    compare(
      "neighbors", old.neighbors.map { "\($0.address) at \($0.mac)" },
      new.neighbors.map { "\($0.address) at \($0.mac)" })
    compare(
      "macs", old.staticMACs.map { "\($0.mac) in VLAN \($0.vlan.rawValue)" },
      new.staticMACs.map { "\($0.mac) in VLAN \($0.vlan.rawValue)" })
    note("switch.mac-ageing", old.macAgeing == new.macAgeing)
    note("ecmp", old.ecmp == new.ecmp)
    note("acl", old.acl == new.acl)
    note("switch.icmp-rate", old.icmpRatePerSecond == new.icmpRatePerSecond)
    note("qos: the traffic class of a DSCP", old.qos.dscpToTrafficClass == new.qos.dscpToTrafficClass)
    note("qos: the traffic class of a PCP", old.qos.pcpToTrafficClass == new.qos.pcpToTrafficClass)
    compareFixed(old, new)
  }

  /// True if nothing differs.
  public var isEmpty: Bool { changes.isEmpty && restarts.isEmpty }

  private mutating func note(_ name: String, _ isSame: Bool) {
    if !isSame { changes.append("\(name) differs") }
  }

  private mutating func fix(_ name: String, _ isSame: Bool) {
    if !isSame { restarts.append(name) }
  }

  private mutating func comparePorts(_ old: SwitchConfiguration, _ new: SwitchConfiguration) {
    for (before, after) in zip(old.ports, new.ports) {
      if before.isVacant {
        addedPorts.append(after.name)
        changes.append("port \(after.name) comes: \(Self.words(after))")
      } else if after.isVacant {
        removedPorts.append(before.name)
        changes.append("port \(before.name) leaves: \(Self.words(before))")
      } else if before.isUp != after.isUp {
        changes.append("port \(before.name): \(after.isUp ? "up" : "down")")
      }
    }
  }

  private static func words(_ port: PortConfiguration) -> String {
    let speed = Quantity.rate.text(port.speed.bitsPerSecond)
    return port.device.map { "\(speed) on \($0)" } ?? speed
  }

  private mutating func compareRoutes(_ old: SwitchConfiguration, _ new: SwitchConfiguration) {
    compare("routes", Self.routes(old), Self.routes(new))
  }

  private static func routes(_ configuration: SwitchConfiguration) -> [String] {
    configuration.routes.map { route in
      guard configuration.nextHopGroups.indices.contains(route.group) else { return "\(route.prefix) discarded" }
      let hops = configuration.nextHopGroups[route.group].members.map { "\($0.address) weight \($0.weight)" }
      return "\(route.prefix) via \(hops.joined(separator: ", "))"
    }
  }

  private mutating func compare(_ name: String, _ old: [String], _ new: [String]) {
    let (before, after) = (Set(old), Set(new))
    let removed = old.filter { !after.contains($0) }
    let added = new.filter { !before.contains($0) }
    if removed.isEmpty, added.isEmpty { return }
    var lines = removed.map { "- \($0)" } + added.map { "+ \($0)" }
    let rest = lines.count - Self.named
    if rest > 0 { lines = lines.prefix(Self.named) + ["and \(rest) more"] }
    changes.append("\(name): \(lines.joined(separator: "; "))")
  }

  private mutating func compareFixed(_ old: SwitchConfiguration, _ new: SwitchConfiguration) {
    fix("switch.name", old.name == new.name)
    fix("switch.id", old.id == new.id)
    fix("switch.mac", old.mac == new.mac)
    fix("switch.mode", old.forwardingMode == new.forwardingMode)
    fix("switch.latency", old.pipelineLatency == new.pipelineLatency)
    fix("switch.seed", old.seed == new.seed)
    for (before, after) in zip(old.ports, new.ports) where !before.isVacant && !after.isVacant {
      var same = after
      same.isUp = before.isUp
      fix("port \(before.name)", same == before)
    }
    fix(
      "ports, as the buffer is of model hpcc", old.buffer.model != .hpcc || addedPorts.isEmpty && removedPorts.isEmpty)
    fix("switch.max-ports", old.maxPorts == new.maxPorts)
    fix("vlans", old.vlans == new.vlans)
    var qos = new.qos
    qos.dscpToTrafficClass = old.qos.dscpToTrafficClass
    qos.pcpToTrafficClass = old.qos.pcpToTrafficClass
    fix("qos", qos == old.qos)
    fix("buffer", old.buffer == new.buffer)
    fix("pfc", old.pause == new.pause)
    fix("telemetry", old.telemetry == new.telemetry)
    fix("watchdog", old.watchdog == new.watchdog)
    fix("workers", old.sliceCount == new.sliceCount)
    var same = new
    // A port stays with its worker unless a file names another: the switch itself says so.
    if !same.owners.isEmpty { same.owners = old.owners }
    if restarts.isEmpty, !old.canBecome(same) { restarts.append("serialization") }
  }
}
