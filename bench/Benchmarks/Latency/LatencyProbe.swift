import Dataplane
import Drivers

/// Sends frames at moments that were chosen before, and receives them again behind a switch, in one thread.
///
/// The moment at which a frame *should* leave is in its payload, and its latency counts from there: when the sender or the
/// switch is held up, all frames that should have left meanwhile are late, and are counted as late (no coordinated
/// omission).
struct LatencyProbe: ~Copyable {
  private let plan: ProbePlan
  private let source: DevicePort
  private let sink: DevicePort
  private let memory: UnsafePointer<PacketMemory>
  private let templates: FlatTable<UInt8>
  private let order: FlatTable<UInt8>
  private let gaps: FlatTable<UInt32>
  private let classes: FlatTable<ProbeClassState>
  private var outbound = PacketBurst()
  private var inbound = PacketBurst()
  private var faults = DeviceFaults()
  private var lateness = TickHistogram()
  private var recordFrom = Tick.zero
  private var recordUntil = Tick.zero
  /// Which of the gaps and classes is next.
  private var place = 0
  /// Frames that came back while results were recorded, whenever they had left.
  private var returned: UInt64 = 0
  /// Frames that the device did not take.
  private var refused: UInt64 = 0

  private static let length = ProbePlan.frameBytes - EthernetOverhead.frameCheckSequence

  /// - Parameter memory: stays where it is as long as the probe lives.
  init(_ plan: ProbePlan, source: DevicePort, sink: DevicePort, memory: UnsafePointer<PacketMemory>) {
    self.plan = plan
    self.source = source
    self.sink = sink
    self.memory = memory
    var frames: [UInt8] = []
    for one in ProbeClass.allCases {
      for flow in 0..<ProbePlan.flows {
        frames += RoCEFrame(flow: one.flow(flow), isIPv6: false).sendOnly(length: LatencyProbe.length, sequence: 0)
      }
    }
    templates = FlatTable(frames)
    order = FlatTable(ProbePlan.order(seed: plan.seed).map { UInt8($0.rawValue) })
    gaps = FlatTable(ProbePlan.gaps(seed: plan.seed))
    classes = FlatTable(count: ProbeClass.allCases.count) { _ in ProbeClassState() }
  }

  /// Sends and receives for the whole time, and then receives until nothing has come for 50 ms.
  mutating func run() {
    let second = LiveClock.ticksPerSecond
    let gap = plan.rate.map { UInt64((Double(second) / $0).rounded()) } ?? 0
    let start = LiveClock.now + second / 1000
    recordFrom = start + UInt64(plan.warmUp * Double(second))
    recordUntil = recordFrom + UInt64(plan.seconds * Double(second))
    // Since the start, in units of 2^-10 of a tick: at 10 million frames a second a gap is some 200 ticks.
    var due: UInt64 = 0
    var lastReturn = start
    while true {
      let now = LiveClock.now
      if now < recordUntil {
        while start + (due &>> 10) <= now, !outbound.isFull {
          // A sender without a rate is never late.
          guard add(due: gap == 0 ? now : start + (due &>> 10), at: now) else { break }
          due &+= gap &* UInt64(gaps.base[place])
          place = place &+ 1 == ProbePlan.period ? 0 : place &+ 1
        }
        if outbound.count > 0 { handOver() }
      } else if now > lastReturn, now - lastReturn > second / 20, now - recordUntil > second / 20 {
        break
      }
      if receive() { lastReturn = now }
    }
  }

  /// Puts one frame into the burst. False: packet memory is used up.
  @inline(__always)
  private mutating func add(due: Tick, at now: Tick) -> Bool {
    guard let packet = memory.pointee.allocate(capacity: LatencyProbe.length) else { return false }
    let one = Int(order.base[place])
    let state = classes.base + one
    let template = one &* ProbePlan.flows &+ (state.pointee.flow & (ProbePlan.flows - 1))
    packet.fill(templates.base + template &* LatencyProbe.length, count: LatencyProbe.length)
    (packet.bytes + ProbePlan.stampOffset).storeBytes(of: due.rawValue, as: UInt64.self)
    packet.state.pointee.wire_length = UInt32(LatencyProbe.length)
    state.pointee.flow &+= 1
    if due >= recordFrom {
      state.pointee.sent &+= 1
      lateness.record(now - due)
    }
    outbound.append(packet)
    return true
  }

  /// Gives the burst to the device; what it does not take is lost, as on a wire.
  @inline(__always)
  private mutating func handOver() {
    let taken = source.transmit(outbound)
    if taken < outbound.count {
      refused &+= UInt64(outbound.count &- taken)
      for rest in taken..<outbound.count { PacketMemory.free(outbound[rest]) }
    }
    outbound.removeAll()
  }

  /// Takes what came back. False: nothing.
  @inline(__always)
  private mutating func receive() -> Bool {
    let count = sink.receive(into: &inbound, &faults)
    if count == 0 { return false }
    let now = LiveClock.now
    for index in 0..<count {
      let packet = inbound[index]
      guard packet.capturedLength == LatencyProbe.length,
        let one = LatencyProbe.place(ofDSCP: packet.bytes.load(fromByteOffset: 15, as: UInt8.self) >> 2)
      else { continue }
      if now >= recordFrom, now < recordUntil { returned &+= 1 }
      let due = Tick((packet.bytes + ProbePlan.stampOffset).loadUnaligned(as: UInt64.self))
      if due >= recordFrom, due <= now { classes.base[one].record(now - due) }
    }
    PacketMemory.free(&inbound)
    return true
  }

  @inline(__always)
  private static func place(ofDSCP dscp: UInt8) -> Int? {
    switch dscp {
    case 48: ProbeClass.strict.rawValue
    case 26: ProbeClass.lossless.rawValue
    case 0: ProbeClass.bestEffort.rawValue
    default: nil
    }
  }

  /// What came of it.
  var result: ProbeResult {
    let rate = LiveClock.ticksPerSecond
    var result = ProbeResult(
      seconds: plan.seconds, returned: returned, refused: refused,
      lateness: LatencyDistribution(lateness.snapshot, ticksPerSecond: rate))
    for one in ProbeClass.allCases {
      let state = classes.base + one.rawValue
      result.classes.append(
        ProbeResult.Class(
          kind: one, sent: state.pointee.sent, received: state.pointee.received,
          latency: LatencyDistribution(state.pointee.latency.snapshot, ticksPerSecond: rate),
          jitter: LatencyDistribution(state.pointee.jitter.snapshot, ticksPerSecond: rate)))
    }
    return result
  }
}

/// What is recorded of one class.
struct ProbeClassState: ~Copyable {
  /// Counts frames, so that flows take turns.
  var flow = 0
  /// Frames that should have left while results were recorded.
  var sent: UInt64 = 0
  /// Those of them that came back.
  private(set) var received: UInt64 = 0
  private(set) var latency = TickHistogram()
  private(set) var jitter = TickHistogram()
  private var last = UInt64.max

  /// Records a latency, and how it differs from that of the frame before.
  @inline(__always)
  mutating func record(_ ticks: UInt64) {
    received &+= 1
    latency.record(ticks)
    if last != .max { jitter.record(ticks > last ? ticks &- last : last &- ticks) }
    last = ticks
  }
}
