import CShims
import Wire

extension Switch {
  /// The tables of a configuration, ready to take the place of those that a running switch uses; after
  /// ``Switch/exchange(_:at:)``, those that it used before, to be freed by whoever made it.
  public struct Generation: ~Copyable {
    var tables: CompiledTables
    var classifier: Classifier
    var errorLimit: ErrorLimit
    /// What the tables were made from.
    public private(set) var configuration: SwitchConfiguration
    /// Next-hop members that both configurations have, at their positions.
    private let sameMembers: [(old: Int, new: Int)]

    /// Compiles a configuration for a switch that runs, and takes over what that has learned. Neither changes.
    ///
    /// It may be called beside the worker: what is learned meanwhile is learned again.
    ///
    /// - Throws: ``SwitchError`` if tables do not fit; ``SwitchError/notReloadable`` if ``SwitchConfiguration/canBecome(_:)``
    ///   says no.
    public init(_ configuration: SwitchConfiguration, for device: borrowing Switch) throws(SwitchError) {
      guard device.configuration.canBecome(configuration) else { throw .notReloadable }
      var tables = try CompiledTables(configuration, ticksPerSecond: device.ticksPerSecond)
      let changed = Set(device.configuration.changedPlaces(to: configuration))
      tables.stations.learn(from: device.tables.stations, except: changed)
      tables.neighbors.learn(from: device.tables.neighbors, except: changed)
      self.tables = tables
      classifier = Classifier(configuration.qos)
      errorLimit = ErrorLimit(
        perSecond: device.slices.slice.share(of: configuration.icmpRatePerSecond),
        ticksPerSecond: device.ticksPerSecond)
      self.configuration = configuration
      sameMembers = Generation.sameMembers(device.configuration, configuration)
    }

    private struct MemberName: Hashable {
      let prefix: IPPrefix
      let address: IPAddress
      let interface: InterfaceReference
    }

    private static func names(_ configuration: SwitchConfiguration) -> [MemberName] {
      configuration.nextHopGroups.flatMap { group in
        group.members.map { MemberName(prefix: group.prefix, address: $0.address, interface: $0.interface) }
      }
    }

    private static func sameMembers(_ old: SwitchConfiguration, _ new: SwitchConfiguration) -> [(old: Int, new: Int)] {
      var positions: [MemberName: Int] = [:]
      for (position, name) in names(old).enumerated() { positions[name] = position }
      return names(new).enumerated().compactMap { position, name in positions[name].map { ($0, position) } }
    }

    /// Changes places with what a switch uses.
    mutating func exchange(
      _ tables: inout CompiledTables, _ classifier: inout Classifier, _ errorLimit: inout ErrorLimit,
      _ configuration: inout SwitchConfiguration
    ) {
      self.tables.groups.takeCounters(from: tables.groups, sameMembers)
      swap(&self.tables, &tables)
      swap(&self.classifier, &classifier)
      swap(&self.errorLimit, &errorLimit)
      swap(&self.configuration, &configuration)
    }
  }

  /// Goes over to other tables between two bursts. Packets in queues keep their place and the neighbour that they are
  /// sent to; every packet that comes is forwarded by the new tables alone.
  ///
  /// - Complexity: linear in the packets that wait, the ports and the next hops.
  public mutating func exchange(_ generation: inout Generation, at now: Tick) {
    generation.exchange(&tables, &classifier, &errorLimit, &configuration)
    for port in 0..<egress.ports.count {
      tables.groups.setPort(PortID(port), isUp: egress.ports.base[port].isUp)
      // Without queues, what waits has its addresses.
      for queue in 0..<QueueID.count where mode != .direct {
        var next = egress.queues.base[port * QueueID.count + queue].first?.state
        while let state = next {
          readdress(Packet(state), generation.tables.neighbors, at: now)
          next = state.pointee.next
        }
      }
    }
  }

  /// Finds the neighbour of a packet that waits in the new table.
  private func readdress(_ packet: Packet, _ old: borrowing NeighborTable, at now: Tick) {
    guard !packet.flags.isDisjoint(with: .forwardedAtLayer3) else { return }
    let neighbor = old.entries.base[Int(packet.state.pointee.adjacency)]
    let position = tables.neighbors.adopt(neighbor, at: now)
    // A table that is full has a last entry that is nobody's: what is sent there is lost, but not sent to another.
    packet.state.pointee.adjacency = UInt32(
      truncatingIfNeeded: position >= 0 ? position : tables.neighbors.entries.count - 1)
  }
}
