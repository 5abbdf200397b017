import Dataplane
import Foundation
import Wire

extension CheckReport {
  /// Describes a configuration.
  public init(_ loaded: LoadedConfiguration) {
    let configuration = loaded.configuration
    file = loaded.file
    `switch` = Device(
      name: configuration.name, id: configuration.id, mac: configuration.mac.description,
      mode: configuration.forwardingMode.rawValue, latencyPs: configuration.pipelineLatency.count,
      macAgeingPs: configuration.macAgeing.count, largestFrameBytes: DWRRQuanta.largestFrame(of: configuration),
      seed: configuration.seed,
      maxPorts: configuration.ports.contains { $0.device != nil } ? configuration.placeCount : nil)
    let largestFrame = `switch`.largestFrameBytes
    ports = configuration.ports.map { Port($0, largestFrame: largestFrame) }
    vlans = configuration.vlans.map { vlan in
      VLAN(
        id: vlan.id.rawValue, name: vlan.name, mtu: vlan.mtu, addresses: vlan.addresses.map(\.description),
        ports: configuration.ports.filter { $0.role.carries(vlan.id) }.map(\.name))
    }
    neighbors = configuration.neighbors.map { neighbor in
      Neighbor(
        interface: configuration.name(of: neighbor.interface), address: neighbor.address.description,
        mac: neighbor.mac.description)
    }
    macs = configuration.staticMACs.map { entry in
      StaticMAC(
        vlan: entry.vlan.rawValue, mac: entry.mac.description, port: configuration.ports[entry.port.index].name)
    }
    routes = RouteCount(configuration.routes)
    nextHopGroups = Self.groups(of: configuration)
    ecmp = ECMP(
      mode: configuration.ecmp.mode.rawValue,
      fields: ECMPFields.names.filter { configuration.ecmp.fields.contains($0.field) }.map(\.name),
      seed: configuration.ecmp.seed, flowletGapPs: configuration.ecmp.flowletGap.count)
    qos = QoS(configuration.qos)
    buffer = Buffer(configuration)
    pause = Pause(configuration)
    watchdog = configuration.watchdog.map(Watchdog.init)
    let impaired = zip(configuration.ports, loaded.impairments).flatMap { port, list in
      list.map { Impairment(port: port.name, settings: ImpairmentDocument.yaml($0)) }
    }
    impairments = impaired.isEmpty ? nil : impaired
    workers = Self.workers(of: loaded)
    telemetry = Self.telemetry(of: configuration)
    acl = configuration.acl.map { Rule($0, configuration) }
    icmpRate = configuration.icmpRatePerSecond
    notices = loaded.notices
  }

  /// The report as JSON, with sorted keys.
  ///
  /// - Throws: What `JSONEncoder` throws; no report makes it.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private static func groups(of configuration: SwitchConfiguration) -> [NextHopGroup] {
    var routes = [Int](repeating: 0, count: configuration.nextHopGroups.count)
    for route in configuration.routes where route.group != RouteConfiguration.discard { routes[route.group] += 1 }
    return zip(configuration.nextHopGroups, routes).map { group, routes in
      let weights = group.members.map(\.weight)
      let table = WeightedBuckets(weights: weights, minimumBuckets: WeightedBuckets.leastTable(for: weights))
      let sum = group.members.reduce(0) { $0 + UInt64($1.weight) }
      let via = group.members.enumerated().map { index, member in
        let wanted = sum == 0 ? 0 : Double(member.weight) / Double(sum)
        let achieved = table.achievedShare(of: index)
        return NextHop(
          address: member.address.description, interface: configuration.name(of: member.interface),
          weight: member.weight, buckets: table.counts[index], wantedShare: wanted, achievedShare: achieved,
          error: wanted == 0 ? 0 : achieved / wanted - 1)
      }
      return NextHopGroup(
        prefix: group.prefix.description, routes: routes, buckets: table.bucketCount, worstError: table.worstError,
        via: via)
    }
  }
}

extension CheckReport.Port {
  init(_ port: PortConfiguration, largestFrame frame: Int) {
    name = port.name
    speedBps = port.speed.bitsPerSecond
    device = port.device
    cableMm = port.cable.millimetres
    mtu = port.mtu
    up = port.isUp
    addresses = []
    vlans = []
    switch port.role {
    case .routed(let own): (role, addresses) = ("routed", own.map(\.description))
    case .access(let vlan): (role, vlans) = ("access", [vlan.rawValue])
    case .trunk(let allowed, let native):
      (role, vlans, nativeVlan) = ("trunk", allowed.map(\.rawValue), native?.rawValue)
    }
    trust = port.trust.rawValue
    trafficClass = port.trafficClass.rawValue
    shaper = port.shaper.map(CheckReport.Rate.init)
    let total = EthernetOverhead.total
    smallestFrame = SerializationTime(wireBytes: EthernetOverhead.minimumFrame + total, at: port.speed)
    largestFrame = SerializationTime(wireBytes: port.mtu + 14 + total, at: port.speed)
    let quanta = DWRRQuanta.quanta(for: port.queues, largestFrame: frame)
    let sum = quanta.reduce(0, +)
    queues = port.queues.enumerated().map { number, queue in
      CheckReport.Queue(number, queue, quantum: quanta[number], of: sum)
    }
  }
}

extension CheckReport.Queue {
  init(_ number: Int, _ configuration: QueueConfiguration, quantum: Int, of sum: Int) {
    queue = number
    switch configuration.schedule {
    case .strict: schedule = "strict"
    case .dwrr(let weight):
      schedule = "dwrr"
      self.weight = weight
      quantumBytes = quantum
      share = Double(quantum) / Double(sum)
    }
    lossless = configuration.isLossless
    ecn = configuration.ecn.map {
      CheckReport.ECN(
        kminBytes: $0.kmin.bytes, kmaxBytes: $0.kmax.bytes, pmax: Double($0.pmax.partsPerMillion) / 1_000_000,
        at: $0.moment.rawValue, drop: $0.dropsNotCapable)
    }
    minimum = configuration.minimumRate.map(CheckReport.Rate.init)
    maximum = configuration.maximumRate.map(CheckReport.Rate.init)
  }
}

extension CheckReport.Rate {
  init(_ shaper: Shaper) { self.init(rateBps: shaper.rate.bitsPerSecond, burstBytes: shaper.burst.bytes) }
}

extension CheckReport.RouteCount {
  init(_ routes: [RouteConfiguration]) {
    self.init(total: routes.count, ipv4: 0, ipv6: 0, discard: 0)
    for route in routes {
      if case .v4 = route.prefix.address { ipv4 += 1 } else { ipv6 += 1 }
      if route.group == RouteConfiguration.discard { discard += 1 }
    }
  }
}

extension CheckReport.QoS {
  init(_ qos: QoSConfiguration) {
    self.init(
      trust: qos.trust.rawValue, dscp: qos.dscpToTrafficClass.map(\.rawValue),
      pcp: qos.pcpToTrafficClass.map(\.rawValue), trafficClassToQueue: qos.trafficClassToQueue.map(\.rawValue),
      trafficClassToPriorityGroup: qos.trafficClassToPriorityGroup.map(\.rawValue),
      pfcPriorityToQueue: qos.pfcPriorityToQueue.map(\.rawValue),
      pfcPriorityToPriorityGroup: qos.pfcPriorityToPriorityGroup.map(\.rawValue), overheadBytes: qos.overhead)
  }
}

extension CheckReport.Rule {
  init(_ rule: ACLRule, _ configuration: SwitchConfiguration) {
    func text(_ range: ClosedRange<UInt16>) -> String {
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }
    let conditions = [
      rule.port.map { "port \(configuration.ports[$0.index].name)" },
      rule.etherType.map { type in
        "ethertype \(etherTypeNames.first { $0.value == type }?.name ?? "0x" + String(type, radix: 16))"
      },
      rule.vlan.map { "vlan \($0.rawValue)" }, rule.source.map { "source \($0)" },
      rule.destination.map { "destination \($0)" },
      rule.ipProtocol.map { number in
        "protocol \(ipProtocolNames.first { $0.value == number }?.name ?? String(number))"
      },
      rule.sourcePorts.map { "source-port \(text($0))" }, rule.destinationPorts.map { "destination-port \(text($0))" },
      rule.dscp.map { "dscp \($0)" },
    ].compactMap(\.self)
    let action =
      switch rule.action {
      case .permit: "permit"
      case .deny: "deny"
      case .remark(let dscp): "remark \(dscp)"
      case .mirror(let port): "mirror \(configuration.ports[port.index].name)"
      }
    self.init(
      name: rule.name, action: action, match: conditions.isEmpty ? "everything" : conditions.joined(separator: ", "))
  }
}

extension SwitchConfiguration {
  /// An interface as it is called in reports: the port's name, or `VLAN 10`.
  func name(of interface: InterfaceReference) -> String {
    switch interface {
    case .port(let port): ports[port.index].name
    case .vlan(let vlan): "VLAN \(vlan.rawValue)"
    }
  }
}
