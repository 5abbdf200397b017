import Dataplane

/// One snapshot of a switch from those of its slices.
extension SwitchSnapshot {
  /// Adds up what slices have counted and hold. What only the slice of a port knows, the others have as nothing: queues,
  /// latencies, pauses. A peak of a sum is the sum of the peaks: the slices' peaks can be of different moments, so the
  /// switch as a whole had no more than that at any time.
  ///
  /// - Parameters:
  ///   - slices: by their numbers, one at least, all of the same parts and ports.
  ///   - totals: what all slices have counted together, with what is on its way between them.
  ///   - portNames: in the order of the configuration.
  public init(slices: [SwitchSnapshot], totals: Switch.Totals, portNames: [String]) {
    self = slices[0]
    let others = slices.dropFirst()
    if others.isEmpty { return }
    let ownDrops = slices.reduce(into: [:]) { $0.merge($1.totals.ownDrops, uniquingKeysWith: +) }
    self.totals = Totals(totals, ownDrops: ownDrops)
    for other in others {
      Self.add(other.ports, to: &ports) { $0.add($1) }
      Self.add(other.queues, to: &queues) { $0.add($1) }
      Self.add(other.pfc, to: &pfc) { $0.add($1) }
      Self.add(other.nextHopGroups, to: &nextHopGroups) { group, other in
        Self.add(other.members, to: &group.members) { $0.tx.add($1.tx) }
      }
      if let theirs = other.buffers, var sum = buffers {
        Self.add(theirs.pools, to: &sum.pools) { $0.add($1) }
        Self.add(theirs.groups, to: &sum.groups) { $0.add($1) }
        buffers = sum
      }
      if let theirs = other.telemetry { telemetry?.add(theirs) }
      if let theirs = other.latency { latency?.append(contentsOf: theirs) }
      if let theirs = other.macs { macs?.merge(theirs, by: { "\($0.vlan) \($0.mac)" }, age: { $0.ageSeconds }) }
      if let theirs = other.neighbors {
        neighbors?.merge(
          theirs, by: { "\($0.interface) \($0.address)" }, age: { $0.mac == nil ? .infinity : $0.ageSeconds })
      }
    }
    let order = Dictionary(zip(portNames, portNames.indices), uniquingKeysWith: { first, _ in first })
    latency?.sort { (order[$0.port] ?? 0, $0.queue) < (order[$1.port] ?? 0, $1.queue) }
    macs?.sort { ($0.vlan, $0.mac) < ($1.vlan, $1.mac) }
  }

  /// Adds the entries of one list to those of another one that has them in the same places.
  private static func add<Element>(
    _ theirs: [Element]?, to list: inout [Element]?, _ body: (inout Element, Element) -> Void
  ) {
    guard let theirs, var sum = list else { return }
    add(theirs, to: &sum, body)
    list = sum
  }

  private static func add<Element>(
    _ theirs: [Element], to list: inout [Element], _ body: (inout Element, Element) -> Void
  ) {
    for (index, element) in theirs.enumerated() where index < list.count { body(&list[index], element) }
  }
}

extension SwitchSnapshot.Totals {
  /// What a switch has counted.
  init(_ counted: Switch.Totals, ownDrops: [String: UInt64] = [:]) {
    self.init(
      rxPackets: counted.rxPackets, txPackets: counted.txPackets, droppedPackets: counted.droppedPackets,
      consumedPackets: counted.consumedPackets, originatedPackets: counted.originatedPackets,
      replicatedPackets: counted.replicatedPackets, waitingPackets: counted.waitingPackets, ownDrops: ownDrops)
  }
}

extension SwitchSnapshot.Traffic {
  fileprivate mutating func add(_ other: Self) {
    packets += other.packets
    bytes += other.bytes
  }
}

extension SwitchSnapshot.Port {
  fileprivate mutating func add(_ other: Self) {
    rx.add(other.rx)
    tx.add(other.tx)
    consumedPackets += other.consumedPackets
    waitingPackets += other.waitingPackets
    drops.merge(other.drops, uniquingKeysWith: +)
    macControl.rxPauseFrames += other.macControl.rxPauseFrames
    macControl.txPauseFrames += other.macControl.txPauseFrames
    macControl.linkRxXoff += other.macControl.linkRxXoff
    macControl.linkRxXon += other.macControl.linkRxXon
    macControl.linkTxXoff += other.macControl.linkTxXoff
    macControl.linkTxXon += other.macControl.linkTxXon
    macControl.rxOtherFrames += other.macControl.rxOtherFrames
  }
}

extension SwitchSnapshot.Queue {
  fileprivate mutating func add(_ other: Self) {
    depthPackets += other.depthPackets
    depthBytes += other.depthBytes
    peakBytes += other.peakBytes
    tx.add(other.tx)
    droppedPackets += other.droppedPackets
    marked.add(other.marked)
    arrivedMarkedPackets += other.arrivedMarkedPackets
    notCapablePackets += other.notCapablePackets
    wredDroppedPackets += other.wredDroppedPackets
    trimmedPackets += other.trimmedPackets
    trimmedTxPackets += other.trimmedTxPackets
    trimmedDroppedPackets += other.trimmedDroppedPackets
    pausedSeconds += other.pausedSeconds
    isInStorm = isInStorm || other.isInStorm
    storms += other.storms
    restorations += other.restorations
    stormDroppedPackets += other.stormDroppedPackets
  }
}

extension SwitchSnapshot.Priority {
  fileprivate mutating func add(_ other: Self) {
    isPaused = isPaused || other.isPaused
    asksForPause = asksForPause || other.asksForPause
    rxXoff += other.rxXoff
    rxXon += other.rxXon
    txXoff += other.txXoff
    txXon += other.txXon
    rxQuanta += other.rxQuanta
    pauses += other.pauses
    pausedSeconds += other.pausedSeconds
  }
}

extension SwitchSnapshot.Pool {
  fileprivate mutating func add(_ other: Self) {
    sizeBytes += other.sizeBytes
    usedBytes += other.usedBytes
    peakBytes += other.peakBytes
  }
}

extension SwitchSnapshot.Group {
  fileprivate mutating func add(_ other: Self) {
    isXoff = isXoff || other.isXoff
    reservedBytes += other.reservedBytes
    sharedBytes += other.sharedBytes
    sharedPeakBytes += other.sharedPeakBytes
    let (limit, isOverflow) = limitBytes.addingReportingOverflow(other.limitBytes)
    limitBytes = isOverflow ? .max : limit
    headroomBytes += other.headroomBytes
    headroomPeakBytes += other.headroomPeakBytes
    headroomSizeBytes += other.headroomSizeBytes
  }
}

extension Array {
  /// Adds what only the other list has; of what both have the younger one stays, and a configured one before that.
  fileprivate mutating func merge(_ theirs: [Element], by name: (Element) -> String, age: (Element) -> Double?) {
    var places: [String: Int] = [:]
    for (place, element) in enumerated() { places[name(element)] = place }
    for element in theirs {
      guard let place = places[name(element)] else {
        append(element)
        continue
      }
      if let own = age(self[place]), age(element) ?? -1 < own { self[place] = element }
    }
  }
}
