import TestSupport
import Testing

@testable import Dataplane

/// `buffer: {model: hpcc}` decides as the simulator does: every drop, use of headroom, XOFF, XON and mark.
@Suite struct SimulatorBufferTests {
  /// Hosts at 100G and an uplink at 400G, each a microsecond away; `pool` bytes are left to share.
  private static func configuration(pool: Int, metres: [Int] = [198, 198, 198]) -> SwitchConfiguration {
    var configuration = TestConfiguration.router(
      ports: metres.count, speeds: [.gigabits(100), .gigabits(100), .gigabits(400)])
    configuration.qos.dscpToTrafficClass = (0..<64).map { TrafficClass($0 >> 3) }
    for (index, length) in metres.enumerated() {
      configuration.ports[index].cable = CableLength(millimetres: UInt64(length * 1000))
      for queue in 1..<8 { configuration.ports[index].queues[queue].isLossless = true }
    }
    configuration.buffer = BufferConfiguration()
    configuration.buffer.model = .hpcc
    let aside = metres.enumerated().reduce(0) { $0 + headroom($1.offset, metres: $1.element) + 4096 }
    configuration.buffer.size = ByteCount(UInt64(aside + pool))
    return configuration
  }

  /// 3 x rate x delay, in nanoseconds and bytes.
  private static func headroom(_ port: Int, metres: Int) -> Int {
    let bitsPerSecond = port % 3 == 2 ? 400_000_000_000 : 100_000_000_000
    return bitsPerSecond * (metres * 1_000_000 / 198_000) / 8_000_000_000 * 3
  }

  private static func reference(pool: Int, metres: [Int] = [198, 198, 198]) -> ReferenceMMU {
    let headroom = metres.enumerated().map { Self.headroom($0.offset, metres: $0.element) }
    return ReferenceMMU(
      buffer: headroom.reduce(0, +) + 4096 * headroom.count + pool, reserve: 4096, resumeOffset: 3072,
      headroom: headroom, shift: metres.indices.map { $0 % 3 == 2 ? 1 : 3 })
  }

  @Test("The numbers of the text: headroom at a microsecond, shift, reserve once for a port")
  func numbers() {
    #expect(CableLength(millimetres: 198_000).delay == .microseconds(1))
    var configuration = Self.configuration(pool: 1_000_000)
    var layout = HPCCLayout(configuration)
    #expect(layout.headroom == [37_500, 37_500, 150_000])
    #expect(layout.shift == [3, 3, 1])
    #expect(layout.shared == 1_000_000)
    configuration.buffer.size = ByteCount(32 << 20)
    layout = HPCCLayout(configuration)
    #expect(layout.shared == 33_554_432 - 225_000 - 3 * 4096)
    #expect(layout.excess == 0)
    configuration.buffer.hpcc.nicRate = .gigabits(400)
    #expect(HPCCLayout(configuration).shift == [3, 3, 3])
    configuration.buffer.hpcc.nicRate = .gigabits(25)
    #expect(HPCCLayout(configuration).shift == [1, 1, 0])
    configuration.buffer.size = ByteCount(237_287)
    #expect(HPCCLayout(configuration).excess == 1)
    #expect(throws: SwitchError.bufferTooSmall(needed: ByteCount(237_288), size: ByteCount(237_287))) {
      _ = try SteppedSwitch(configuration)
    }
    // Every delay of whole nanoseconds is a cable of 198 mm for each.
    for nanoseconds in [1, 7, 100, 333, 1000, 5000, 100_000] as [UInt64] {
      #expect(CableLength(millimetres: 198 * nanoseconds).delay == .nanoseconds(nanoseconds))
    }
  }

  /// Every sequence of six arrivals and departures, of packets of two sizes from two ports.
  @Test("All short traces", arguments: [0, 1048, 3000, 9000, 10_000])
  func shortTraces(_ pool: Int) {
    let configuration = Self.configuration(pool: pool, metres: [10, 20])
    let buffer = HPCCBuffer(configuration)
    let reference = Self.reference(pool: pool, metres: [10, 20])
    var queues: [[Int]] = [[], []]
    var steps = 0
    extend(reference, &queues, buffer, depth: 6, &steps)
    #expect(steps > 10_000)
  }

  private func extend(
    _ state: ReferenceMMU, _ queues: inout [[Int]], _ buffer: borrowing HPCCBuffer, depth: Int, _ steps: inout Int
  ) {
    guard depth > 0 else { return }
    for port in 0..<2 {
      for size in [1048, 4096] {
        var next = state
        let before = queues
        set(buffer, state)
        if arrive(&next, buffer, size, port * 8 + 3) { queues[port].append(size) }
        steps += 1
        extend(next, &queues, buffer, depth: depth - 1, &steps)
        queues = before
      }
      if let size = queues[port].first {
        var next = state
        let before = queues
        set(buffer, state)
        queues[port].removeFirst()
        depart(&next, buffer, size, port * 8 + 3)
        steps += 1
        extend(next, &queues, buffer, depth: depth - 1, &steps)
        queues = before
      }
    }
  }

  private func set(_ buffer: borrowing HPCCBuffer, _ state: ReferenceMMU) {
    for index in [3, 11] {
      buffer.groups.base[index].ingress = UInt64(state.ingress[index])
      buffer.groups.base[index].headroomUsed = UInt64(state.headroomUsed[index])
      buffer.groups.base[index].isXOFF = state.isPaused[index]
    }
    buffer.sharedUsed.base[0].used = UInt64(state.sharedUsed)
  }

  private func arrive(_ state: inout ReferenceMMU, _ buffer: borrowing HPCCBuffer, _ size: Int, _ index: Int) -> Bool {
    let isAdmitted = state.enqueue(size, index)
    if buffer.admit(UInt64(size), group: index) != isAdmitted { Issue.record("\(state) + \(size) at \(index)") }
    if isAdmitted {
      let wanted: PauseChange = state.pauses(index) ? .xoff : .none
      if buffer.pauseChangeAfterArrival(group: index) != wanted { Issue.record("\(state) + \(size): \(wanted)") }
    }
    compare(state, buffer, index)
    return isAdmitted
  }

  private func depart(_ state: inout ReferenceMMU, _ buffer: borrowing HPCCBuffer, _ size: Int, _ index: Int) {
    state.dequeue(size, index)
    buffer.release(UInt64(size), group: index)
    let wanted: PauseChange = state.resumes(index) ? .xon : .none
    if buffer.pauseChangeAfterDeparture(group: index) != wanted { Issue.record("\(state) - \(size): \(wanted)") }
    compare(state, buffer, index)
  }

  private func compare(_ state: ReferenceMMU, _ buffer: borrowing HPCCBuffer, _ index: Int) {
    let account = buffer.groups.base[index]
    let values = [account.ingress, account.headroomUsed, buffer.sharedUsed.base[0].used, buffer.limit(group: index)]
    let wanted = [
      state.ingress[index], state.headroomUsed[index], state.sharedUsed, state.threshold(index / 8),
    ]
    if values.map({ Int($0) }) != wanted { Issue.record("\(values), not \(wanted)") }
  }

  @Test("Long random traces", arguments: 0..<8)
  func longTraces(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let pool = [5000, 100_000, 1_000_000, 4_000_000][seed % 4]
    let configuration = Self.configuration(pool: pool)
    let buffer = HPCCBuffer(configuration)
    var state = Self.reference(pool: pool)
    var waiting: [(size: Int, index: Int)] = []
    var (dropped, stopped, most) = (0, 0, 0)
    for step in 0..<10_000 {
      if random.below(100) < (step % 5000 < 3000 ? 65 : 35) {
        let index = random.below(3) * 8 + 1 + random.below(3)
        let size = [60, 1048, 1090, 9216][random.below(4)]
        let before = state.isPaused[index]
        if arrive(&state, buffer, size, index) { waiting.append((size, index)) } else { dropped += 1 }
        if state.isPaused[index] != before { stopped += 1 }
        most = max(most, state.shared(index))
      } else if !waiting.isEmpty {
        waiting.swapAt(random.below(waiting.count), waiting.count - 1)
        let (size, index) = waiting.removeLast()
        depart(&state, buffer, size, index)
      }
      if state.threshold(0) < 0 { Issue.record("the limit is \(state.threshold(0))") }
    }
    #expect(stopped > 20)
    #expect(dropped > 20 || pool > 1_000_000)
    for (size, index) in waiting { depart(&state, buffer, size, index) }
    for index in 0..<24 {
      #expect(buffer.groups.base[index].ingress == 0)
      #expect(buffer.groups.base[index].headroomUsed == 0)
    }
    #expect(buffer.sharedUsed.base[0].used == 0)
  }

  @Test("A whole switch: drops, use, XOFF, XON and marks, packet for packet", arguments: 0..<6)
  func wholeSwitch(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed + 100))
    let pool = [9000, 60_000, 300_000][seed % 3]
    var configuration = Self.configuration(pool: pool)
    let step = ByteCount(10_000)
    for index in 0..<3 {
      for queue in 1..<8 {
        configuration.ports[index].queues[queue].ecn = ECNProfile(
          kmin: step, kmax: step, pmax: Probability(partsPerMillion: 1_000_000))
      }
    }
    var tested = try SteppedSwitch(configuration)
    var state = Self.reference(pool: pool)
    var queued = [Int](repeating: 0, count: 24)
    var (marks, dropped) = (0, 0)
    for number in 0..<3000 {
      if random.below(100) < (number < 2000 ? 70 : 20) {
        let (port, group) = (random.below(3), random.below(3))
        let target = random.below(3)
        let size = [60, 1048, 1090, 9000][random.below(4)]
        let isAdmitted = group == 0 || state.enqueue(size, port * 8 + group)
        let changes = isAdmitted && group != 0 && state.pauses(port * 8 + group)
        if isAdmitted { queued[target * 8 + group] += size } else { dropped += 1 }
        let outcome = tested.receive(group: group, on: port, to: target, wireLength: size)
        #expect(outcome.isAdmitted == isAdmitted, "step \(number)")
        #expect(outcome.event == (changes ? .xoff : .none), "step \(number)")
      } else if let packet = tested.transmit(from: random.below(3)) {
        let index = packet.port * 8 + packet.group
        queued[packet.target * 8 + packet.group] -= packet.wireLength
        let isMarked = packet.group != 0 && queued[packet.target * 8 + packet.group] > 10_000
        #expect(packet.isMarked == isMarked, "step \(number)")
        if isMarked { marks += 1 }
        if packet.group != 0 { state.dequeue(packet.wireLength, index) }
        let changes = packet.group != 0 && state.resumes(index)
        #expect(packet.event == (changes ? .xon : .none), "step \(number)")
      }
      for index in 0..<24 {
        let use = tested.device.use(of: PriorityGroup(index & 7), on: PortID(index / 8))
        let isRight =
          Int(use.reservedBytes) == min(state.ingress[index], 4096) && Int(use.sharedBytes) == state.shared(index)
          && Int(use.headroomBytes) == state.headroomUsed[index] && use.isXOFF == state.isPaused[index]
        if !isRight { Issue.record("step \(number), group \(index): \(use)") }
      }
      if let difference = tested.device.audit() { Issue.record("step \(number): \(difference)") }
    }
    #expect(marks > 100)
    #expect(dropped > 10 || pool > 100_000)
  }

  @Test("What the switch itself sends is not accounted for, and stops nobody")
  func ownPackets() throws {
    // Nothing to share: any account beyond its reserve is at its limit at once.
    var configuration = Self.configuration(pool: 0)
    configuration.icmpRatePerSecond = 1_000_000
    configuration.qos.trafficClassToQueue = Array(repeating: QueueID(5), count: 8)
    var tested = try SteppedSwitch(configuration)
    var expired = Frame(from: "10.0.2.2", to: "10.0.1.2")
    expired.ttl = 1
    for _ in 0..<100 { tested.receive(expired.udp(1, 2, size: 100), on: 1) }
    #expect(tested.device.totals.originatedPackets == 50)
    #expect(tested.device.totals.waitingPackets == 50)
    #expect(tested.device.audit() == nil)
    while tested.transmit(from: 1) != nil {}
    #expect(tested.device.totals.waitingPackets == 0)
    #expect(tested.device.macControl(on: PortID(1)).pauseFramesSent == 0)
  }
}

/// A switch that is told of one packet after the other, without time.
struct SteppedSwitch: ~Copyable {
  struct Outcome {
    var isAdmitted: Bool
    var event: PauseChange
  }

  struct Leaving {
    var port: Int
    var target: Int
    var group: Int
    var wireLength: Int
    var isMarked: Bool
    var event: PauseChange
  }

  var device: Switch
  private var burst: PacketBurst
  private var now: UInt64 = 1000

  init(_ configuration: SwitchConfiguration) throws {
    let memory = try PacketMemory(counts: (8191, 15, 15))
    let device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    self.device = device
    burst = PacketBurst()
    self.device.recordsPauseEvents = true
  }

  mutating func receive(group: Int, on port: Int, to target: Int, wireLength: Int) -> Outcome {
    var frame = Frame(from: "10.0.99.2", to: "10.0.\(target + 1).2")
    frame.dscp = UInt8(group * 8)
    frame.ecn = 2
    let before = device.totals.droppedPackets
    receive(Frame.padded(frame.udp(1000, 2000, size: 60), to: 60), on: port, wireLength: wireLength)
    return Outcome(isAdmitted: device.totals.droppedPackets == before, event: takeEvent())
  }

  mutating func receive(_ frame: [UInt8], on port: Int, wireLength: Int = 0) {
    guard let packet = device.memory.allocate(capacity: frame.count) else { return }
    frame.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
    packet.arrived(
      number: 0, wireLength: max(wireLength, frame.count), start: Tick(now), end: Tick(now), latencyFrom: Tick(now))
    burst.append(packet)
    device.receive(&burst, on: PortID(port), at: Tick(now))
  }

  /// The next packet of a port, behind the pause frames that it owes.
  mutating func transmit(from port: Int) -> Leaving? {
    while true {
      let deadline = device.nextDeadline(PortID(port))
      // Only a refresh would be due.
      if deadline == .never || device.egress.ports.base[port].backlogged == 0 { return nil }
      // At the port's own deadline, though others are further: then it is one packet that leaves.
      now = max(now, deadline.rawValue)
      device.transmit(PortID(port), at: deadline, into: &burst)
      if burst.count == 0 { return nil }
      let packet = burst[0]
      let state = packet.state.pointee
      let leaving = Leaving(
        port: packet.ingressPort == .none ? 0 : packet.ingressPort.index, target: port,
        group: Int(state.priority_group), wireLength: packet.wireLength,
        isMarked: packet.bytes.load(fromByteOffset: 15, as: UInt8.self) & 3 == 3,
        event: packet.isPauseFrame ? .none : takeEvent())
      let isPause = packet.isPauseFrame
      PacketMemory.free(&burst)
      if !isPause { return leaving }
      device.forgetPauseEvents()
    }
  }

  /// What happened to a group since this was last asked.
  private mutating func takeEvent() -> PauseChange {
    var change = PauseChange.none
    for index in 0..<device.pauseEventCount {
      switch device.pauseEvent(index).kind {
      case .threshold, .headroom: change = .xoff
      case .drained: change = .xon
      default: break
      }
    }
    device.forgetPauseEvents()
    return change
  }
}
