import CShims
import Dataplane

/// Ports that come and go while the switch runs, step by step.
extension LiveSwitch {
  /// How long pools may be too full for what is set aside for a new port, and old packets of a place may wait, in
  /// nanoseconds.
  private static let patience: UInt64 = 200_000_000
  /// How long packets that came in on a port have to leave once it is gone, in nanoseconds.
  private static let farewell: UInt64 = 1_000_000_000

  /// Everything that can fail comes first.
  func replacePorts(_ plan: LivePlan, _ placement: LivePlacement) throws {
    let joining = try compile(placement.union)
    let leaving = try compile(placement.configuration)
    let generations = try compileTables(placement.configuration)
    let opened = try openDevices(of: placement, plan)
    do {
      try makeRoom(joining, at: placement.added)
    } catch {
      opened.forEach { $0.close() }
      throw error
    }
    install(joining, at: placement.added)
    exchange(generations)
    for (place, device) in zip(placement.added, opened) { add(place, device, plan, placement) }
    watchLinks()
    remove(placement.removed)
    install(leaving, at: placement.removed)
    for (index, slice) in slices.enumerated() {
      let change = SharedMemory(pointer: leaving.base + index)
      // Pools get back what was set aside: they only grow.
      slice.mailbox.post { _ = slice.device.pointer.pointee.resizePools(to: change.pointer.pointee) }
    }
  }

  /// Opens and starts the devices of new ports, or none.
  private func openDevices(of placement: LivePlacement, _ plan: LivePlan) throws -> [LiveDevice] {
    var opened: [LiveDevice] = []
    do {
      for place in placement.added {
        let port = placement.configuration.ports[place]
        let device = try LiveDevice(try plan.device(of: port), mtu: port.mtu, of: slices[0].device)
        opened.append(device)
        try device.start()
      }
    } catch {
      opened.forEach { $0.close() }
      throw error
    }
    return opened
  }

  /// Takes what is set aside for new ports out of the pools, in all slices or in none.
  private func makeRoom(_ joining: borrowing FlatTable<Switch.PortChange>, at places: [Int]) throws {
    let end = LiveClock.now + LiveClock.ticks(nanoseconds: LiveSwitch.patience)
    while true {
      var shortage: Switch.PoolShortage?
      var isClear = true
      for slice in slices {
        isClear = isClear && slice.mailbox.ask { places.allSatisfy { slice.holdsNothing(of: PortID($0)) } }
      }
      if isClear {
        shortage = try resizePools(joining)
        if shortage == nil { return }
      }
      if LiveClock.now > end {
        guard let shortage else {
          throw LiveError("packets of a port that left are still on their way; reload again in a moment")
        }
        throw LiveError(
          "\(shortage.usedBytes) bytes of a pool of the buffer are in use, and what is set aside for the new ports would "
            + "leave it \(shortage.sizeBytes); reload when less waits, or make `buffer.size` larger")
      }
      watchLinks()
      pst_sleep_ns(2_000_000)
    }
  }

  private func resizePools(_ joining: borrowing FlatTable<Switch.PortChange>) throws -> Switch.PoolShortage? {
    for (index, slice) in slices.enumerated() {
      let change = SharedMemory(pointer: joining.base + index)
      guard let shortage = slice.mailbox.ask({ slice.device.pointer.pointee.resizePools(to: change.pointer.pointee) })
      else { continue }
      let present = try compile(read { $0.configuration }[0])
      for earlier in 0..<index {
        let change = SharedMemory(pointer: present.base + earlier)
        let slice = slices[earlier]
        slice.mailbox.post { _ = slice.device.pointer.pointee.resizePools(to: change.pointer.pointee) }
      }
      return shortage
    }
    return nil
  }

  private func install(_ changes: borrowing FlatTable<Switch.PortChange>, at places: [Int]) {
    if places.isEmpty { return }
    tables.withLock { _ in
      for (index, slice) in slices.enumerated() {
        let change = SharedMemory(pointer: changes.base + index)
        slice.mailbox.post {
          slice.device.pointer.pointee.install(change.pointer.pointee, at: places, by: LiveClock.now)
        }
      }
    }
  }

  /// Hands a new port to its worker.
  private func add(_ place: Int, _ device: LiveDevice, _ plan: LivePlan, _ placement: LivePlacement) {
    let configured = placement.configuration.ports[place]
    let owner = sliceCount > 1 ? placement.configuration.owners[place] : 0
    let number = placement.places.firstIndex(of: place) ?? 0
    let port = plan.port(number, at: place, of: placement.configuration, device.port)
    let slice = slices[owner]
    slice.mailbox.post { slice.unit.pointer.pointee.ports.add(port.pointer) }
    let entry = LivePorts.Entry(name: configured.name, owner: owner, device: device, port: port, link: nil)
    ports.withLock { $0.add(entry, at: place, isEnabled: configured.isUp) }
  }

  /// Takes ports from the switch until nothing in it is theirs any more.
  private func remove(_ places: [Int]) {
    if places.isEmpty { return }
    ports.withLock { ports in
      for place in places { ports.states.enable(place, false) }
    }
    // What waits to leave by them is dropped.
    watchLinks()
    for place in places {
      guard let entry = entry(PortID(place)) else { continue }
      let slice = slices[entry.owner]
      slice.mailbox.post { slice.unit.pointer.pointee.ports.remove(PortID(place)) }
      entry.device.close()
    }
    passRings()
    empty(places)
    impairmentLists.withLock { _ in
      ports.withLock { ports in
        for place in places {
          guard let entry = ports.entries[place] else { continue }
          entry.port.pointer.deinitialize(count: 1)
          entry.port.pointer.deallocate()
          ports.remove(place)
        }
      }
    }
  }

  /// Waits until everything that lay in rings between workers has come out of them, and every message has.
  private func passRings() {
    if slices.count == 1 { return }
    // In a round a worker tells all it has to tell, and hears it all in the next.
    for _ in 0..<3 { for slice in slices { slice.mailbox.post {} } }
    let put = slices.map { slice in slice.links.map { ($0.slice, $0.packetsPut) } }
    for (source, links) in put.enumerated() {
      for (target, count) in links {
        while !(slices[target].links.first { $0.slice == source }.map { $0.packetsTaken >= count } ?? true) {
          pst_sleep_ns(50_000)
        }
      }
    }
  }

  /// Waits until packets that came in on ports which are gone have left all queues; drops those that do not.
  private func empty(_ places: [Int]) {
    let end = LiveClock.now + LiveClock.ticks(nanoseconds: LiveSwitch.farewell)
    while true {
      let isPatient = LiveClock.now < end
      var isEmpty = true
      for slice in slices {
        let holdsNothing = slice.mailbox.ask {
          for place in places where !isPatient {
            slice.device.pointer.pointee.discardReceived(on: PortID(place), at: LiveClock.now)
          }
          return places.allSatisfy { slice.holdsNothing(of: PortID($0)) }
        }
        isEmpty = isEmpty && holdsNothing
      }
      if isEmpty { return }
      watchLinks()
      pst_sleep_ns(1_000_000)
    }
  }
}

extension LiveSlice {
  /// Whether nothing of a port is in this slice. To be called by its worker.
  fileprivate func holdsNothing(of port: PortID) -> Bool { device.pointer.pointee.holdsNothing(of: port) }

  /// What the worker has to do with others, as it stands.
  fileprivate var links: [SliceLink] {
    (0..<unit.pointer.pointee.links.count).map { unit.pointer.pointee.links.base[$0] }
  }
}
