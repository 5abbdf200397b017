import Dataplane
import TestSupport
import Testing
import Wire

/// Ports come to a switch that runs, and leave it.
@Suite("Ports that come and go")
struct PortChangeTests {
  /// Ports p1 and p2 for good at places 0 and 1, and others, by their numbers, at the places that follow. All are
  /// lossless in class 3; what is for 10.9/16 leaves by the first of the others, or by p2.
  static func router(_ others: [Int] = [], places: Int = 4, buffer: ByteCount = ByteCount(1_000_000))
    -> SwitchConfiguration
  {
    var configuration = TestConfiguration.router(
      ports: 6, speeds: [.gigabits(100), .gigabits(10), .gigabits(25), .gigabits(40), .gigabits(10), .gigabits(1)])
    configuration.qos = TestConfiguration.roceClasses()
    configuration.buffer = BufferConfiguration()
    configuration.buffer.size = buffer
    configuration.buffer.headroom = ByteCount(40_000)
    configuration.buffer.portReserve = ByteCount(2000)
    for index in configuration.ports.indices { configuration.ports[index].queues = configuration.qos.queues }
    let numbers = [1, 2] + others
    let hop = others.first ?? 2
    TestConfiguration.route(&configuration, "10.9.0.0/16", [("10.0.\(hop).2", numbers.firstIndex(of: hop) ?? 1, 1)])
    let all = configuration
    configuration.ports = numbers.map { all.ports[$0 - 1] }
    configuration.neighbors = numbers.enumerated().flatMap { place, number in
      all.neighbors.filter { $0.interface == .port(PortID(number - 1)) }.map { entry in
        var entry = entry
        entry.interface = .port(PortID(place))
        return entry
      }
    }
    return configuration.placed(at: Array(numbers.indices), of: places)
  }

  /// What a driver does, in every slice: ports that come, then the tables, then ports that leave. Returns what stood
  /// against it.
  @discardableResult
  static func change(
    _ tested: inout VirtualSwitch, from old: SwitchConfiguration, to new: SwitchConfiguration
  ) throws -> Switch.PoolShortage? {
    let changed = old.changedPlaces(to: new)
    let added = changed.filter { old.ports[$0].isVacant }
    let removed = changed.filter { new.ports[$0].isVacant }
    var union = old
    for place in added { union.ports[place] = new.ports[place] }
    let now = Tick(tested.now)
    for slice in 0..<tested.slices.count {
      let shortage = try tested.slices.with(slice, &tested.device) { device -> Switch.PoolShortage? in
        let joining = try Switch.PortChange(union, for: device)
        if let shortage = device.resizePools(to: joining) { return shortage }
        device.install(joining, at: added, by: now)
        return nil
      }
      if let shortage { return shortage }
    }
    for slice in 0..<tested.slices.count {
      try tested.slices.with(slice, &tested.device) { device in
        var generation = try Switch.Generation(new, for: device)
        device.exchange(&generation, at: now)
      }
    }
    for place in added { tested.setPort(new.ports[place].name, isUp: true) }
    for place in removed {
      tested.setPort(old.ports[place].name, isUp: false)
      for slice in 0..<tested.slices.count {
        tested.slices.with(slice, &tested.device) { device in
          device.discardQueued(on: PortID(place), at: now)
          device.discardReceived(on: PortID(place), at: now)
        }
      }
      // What slices want of the neighbour they tell each other.
      tested.releaseRings()
    }
    for slice in 0..<tested.slices.count {
      let difference = try tested.slices.with(slice, &tested.device) { device -> String? in
        guard removed.allSatisfy({ device.holdsNothing(of: PortID($0)) }) else {
          return "slice \(slice) is not rid of a port"
        }
        let leaving = try Switch.PortChange(new, for: device)
        device.install(leaving, at: removed, by: now)
        return device.resizePools(to: leaving) == nil ? device.audit() : "slice \(slice) refuses what it had"
      }
      #expect(difference == nil)
    }
    tested.expectConserved()
    return nil
  }

  private static func frame(from host: Int, to address: String, _ number: Int, size: Int = 500) -> [UInt8] {
    var frame = Frame(from: "10.0.\(host).2", to: address)
    frame.dscp = 26
    return Frame.padded(frame.udp(UInt16(1000 + number), 4791, size: size), to: size)
  }

  @Test("A port that comes carries traffic both ways, and what others send meanwhile is neither lost nor late")
  func comes() throws {
    let (without, with) = (Self.router(), Self.router([3]))
    var results: [[UInt64]] = []
    for isChanged in [false, true] {
      var tested = try VirtualSwitch(Self.named(without, like: with))
      var starts: [UInt64] = []
      var others = 0
      for round in 0..<60 {
        if isChanged, round % 4 == 1 { try Self.change(&tested, from: Self.named(without, like: with), to: with) }
        if isChanged, round % 4 == 3 { try Self.change(&tested, from: with, to: Self.named(without, like: with)) }
        // A little more than p2 takes: something always waits.
        for number in 0..<5 {
          tested.send(Self.frame(from: 1, to: "10.0.2.2", number), on: "p1", at: tested.now)
        }
        if isChanged, round % 4 == 1 {
          tested.send(Self.frame(from: 1, to: "10.9.1.1", 1), on: "p1", at: tested.now)
          tested.send(Self.frame(from: 3, to: "10.0.1.2", 1), on: "p3", at: tested.now)
        }
        for departure in tested.run(until: tested.now + 2_000_000) {
          if departure.port == "p2" { starts.append(departure.start) } else { others += 1 }
        }
      }
      starts += tested.run().filter { $0.port == "p2" }.map(\.start)
      #expect(starts.count == 300)
      #expect(others == (isChanged ? 30 : 0))
      #expect(tested.device.totals.droppedPackets == 0)
      results.append(starts)
    }
    #expect(results[0] == results[1], "p2 sends at the same ticks whatever comes and goes beside it")
  }

  /// The same configuration, with the names that vacant places will have.
  private static func named(_ configuration: SwitchConfiguration, like other: SwitchConfiguration)
    -> SwitchConfiguration
  {
    var named = configuration
    for place in named.ports.indices where named.ports[place].isVacant {
      named.ports[place].name = other.ports[place].name
    }
    return named
  }

  @Test("What is set aside for a port comes out of the pool and goes back, as in a switch that began with it")
  func buffer() throws {
    let (without, with) = (Self.router(), Self.router([3]))
    var tested = try VirtualSwitch(Self.named(without, like: with))
    let fresh = try VirtualSwitch(with)
    let before = tested.device.bufferStatistics
    try Self.change(&tested, from: Self.named(without, like: with), to: with)
    #expect(tested.device.bufferStatistics.shared.sizeBytes == fresh.device.bufferStatistics.shared.sizeBytes)
    #expect(before.shared.sizeBytes - tested.device.bufferStatistics.shared.sizeBytes >= 42_000)
    try Self.change(&tested, from: with, to: Self.named(without, like: with))
    #expect(tested.device.bufferStatistics == before)
  }

  @Test("A port does not come while others have what would be set aside for it, and nothing changes")
  func refused() throws {
    var (without, with) = (
      Self.router(buffer: ByteCount(200_000)), Self.router([3], buffer: ByteCount(200_000))
    )
    // Nothing but the pool limits what waits.
    (with.buffer.lossless.threshold, without.buffer.lossless.threshold) = (.fixed(ByteCount(0)), .fixed(ByteCount(0)))
    let plain = Self.named(without, like: with)
    var tested = try VirtualSwitch(plain)
    for number in 0..<150 {
      tested.send(Self.frame(from: 1, to: "10.0.2.2", number, size: 1000), on: "p1", at: 0)
    }
    _ = tested.run(until: 12_000_000)
    let before = tested.device.bufferStatistics
    let found = try Self.change(&tested, from: plain, to: with)
    let shortage = try #require(found)
    #expect(shortage.usedBytes == before.shared.usedBytes && shortage.usedBytes > shortage.sizeBytes)
    #expect(tested.device.bufferStatistics.shared.sizeBytes == before.shared.sizeBytes)
    _ = tested.run()
    let later = try Self.change(&tested, from: plain, to: with)
    #expect(later == nil, "there is room when the queue is empty")
    let tooLarge = Self.router([3, 4, 5], places: 5, buffer: ByteCount(200_000))
    let none = Self.named(Self.router(places: 5, buffer: ByteCount(200_000)), like: tooLarge)
    let small = try VirtualSwitch(none)
    var refusal: SwitchError?
    do { _ = try Switch.PortChange(tooLarge, for: small.device) } catch { refusal = error }
    guard case .bufferTooSmall = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
  }

  @Test("What came in on a port that is gone leaves, or is dropped; others keep their order")
  func discards() throws {
    let (without, with) = (Self.router(), Self.router([3]))
    let plain = Self.named(without, like: with)
    var tested = try VirtualSwitch(with)
    for number in 0..<20 {
      tested.send(Self.frame(from: 1, to: "10.0.2.2", number), on: "p1", at: UInt64(number) * 200_000)
      tested.send(Self.frame(from: 3, to: "10.0.2.2", 100 + number), on: "p3", at: UInt64(number) * 200_000)
    }
    let early = tested.run(until: 5_000_000)
    try Self.change(&tested, from: with, to: plain)
    let late = tested.run()
    let kept = (early + late).filter { $0.bytes[28] == 1 }.map { UInt16($0.bytes[34]) << 8 | UInt16($0.bytes[35]) }
    #expect(kept == (0..<20).map { 1000 + $0 })
    #expect(late.allSatisfy { $0.bytes[28] == 1 }, "nothing of p3 is left")
    let totals = tested.device.totals
    #expect(totals.rxPackets == 40)
    #expect(totals.droppedPackets == 40 - UInt64(early.count + late.count) && totals.droppedPackets > 5)
    #expect(tested.device.received(on: PortID(2)).packets == 0, "the place counts anew")
  }
}
