import CShims
import Dataplane

extension LiveSwitch {
  /// Goes over to another configuration while packets flow. Tables are compiled and devices opened here; everything is put
  /// in place between two rounds of each worker. Ports that both configurations have keep queues, counters and what has
  /// been learned. Ports that only the new one has come to vacant places; what is set aside for them comes out of the
  /// shared pools. Ports that only the old one has are taken down, what waits for them is dropped, and what came from
  /// them has a second to leave.
  ///
  /// - Throws: an error with a remedy; then nothing has changed.
  public func reload(_ plan: LivePlan) throws {
    try changes.withLock { _ in
      let placement = try placement(of: plan)
      if placement.isStill {
        try exchangeTables(for: placement.configuration)
      } else {
        try replacePorts(plan, placement)
      }
      setPorts(isUp: placement.configuration.ports.map(\.isUp))
    }
  }

  /// Whether the switch could go over to a configuration now, as far as can be said without opening devices.
  ///
  /// - Throws: what ``reload(_:)`` would.
  public func check(_ plan: LivePlan) throws {
    try changes.withLock { _ in
      let placement = try placement(of: plan)
      if !placement.isStill { _ = try compile(placement.union) }
      _ = try compile(placement.configuration)
    }
  }

  /// Compiles what the switch has for each port, for every slice.
  func compile(_ configuration: SwitchConfiguration) throws -> FlatTable<Switch.PortChange> {
    try FlatTable(count: slices.count) { index throws in
      try Switch.PortChange(configuration, for: slices[index].device.pointer.pointee)
    }
  }

  /// Compiles tables for every slice.
  func compileTables(_ configuration: SwitchConfiguration) throws -> FlatTable<Switch.Generation> {
    try FlatTable(count: slices.count) { index throws in
      try Switch.Generation(configuration, for: slices[index].device.pointer.pointee)
    }
  }

  private func exchangeTables(for configuration: SwitchConfiguration) throws {
    let generations = try compileTables(configuration)
    exchange(generations)
  }

  /// Puts tables in place of those in use, in each slice between two rounds of its worker. All are made before the first
  /// is put in place, and those that were in use are the caller's to free.
  func exchange(_ generations: borrowing FlatTable<Switch.Generation>) {
    tables.withLock { _ in
      for (index, slice) in slices.enumerated() {
        let generation = SharedMemory(pointer: generations.base + index)
        slice.mailbox.post { slice.device.pointer.pointee.exchange(&generation.pointer.pointee, at: LiveClock.now) }
      }
    }
  }

  /// Wants all ports up or down, by place.
  private func setPorts(isUp: [Bool]) {
    ports.withLock { ports in
      for (place, isUp) in isUp.enumerated() { ports.states.enable(place, isUp) }
    }
    watchLinks()
  }
}
