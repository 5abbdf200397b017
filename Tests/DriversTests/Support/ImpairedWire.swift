import Dataplane
import Drivers
import TestSupport
import Testing

/// One direction of a port in virtual time: frames go in at ticks, and come out at ticks.
final class ImpairedWire {
  /// A frame that came out. Frames are numbered in the order in which they went in.
  struct Arrival: Equatable {
    var number: UInt64
    var tick: UInt64
    var bytes: [UInt8]
  }

  static let ticksPerSecond: UInt64 = 1_000_000_000_000
  var impairments: PortImpairments
  let memory: PacketMemory
  let wholeMemory: Int
  private var burst = PacketBurst()
  private var sent: UInt64 = 0
  private(set) var arrivals: [Arrival] = []

  init(
    _ settings: [ImpairmentSettings], seed: UInt64 = 1, port: Int = 0, capacity: Int = 1 << 16,
    direction: ImpairmentDirection = .ingress, packets: Int = 65_536
  ) throws {
    memory = try PacketMemory(counts: (packets, 256, 16))
    wholeMemory = memory.available
    impairments = PortImpairments(
      settings, direction: direction, port: PortID(port), seed: seed,
      ticksPerSecond: ImpairedWire.ticksPerSecond, capacity: capacity)
  }

  /// Lets a frame in at a tick that is not before the last one.
  func send(_ frame: [UInt8], at tick: UInt64, wireLength: Int? = nil) throws {
    let allocated = memory.allocate(capacity: frame.count)
    let packet = try #require(allocated)
    frame.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { packet.fill(base, count: bytes.count) }
    }
    packet.arrived(
      number: sent, wireLength: wireLength ?? frame.count, start: Tick(tick), end: Tick(tick),
      latencyFrom: Tick(tick))
    packet.state.pointee.departure = tick
    sent += 1
    burst.append(packet)
    impairments.take(&burst, at: Tick(tick), memory: memory)
    #expect(burst.count == 0)
  }

  /// Takes out what is due up to a tick, each packet at the very tick at which it is.
  func run(until end: UInt64 = .max) {
    while impairments.nextRelease != .never, impairments.nextRelease <= Tick(end) {
      let now = impairments.nextRelease
      impairments.release(at: now, into: &burst, memory: memory)
      for index in 0..<burst.count {
        let packet = burst[index]
        #expect(packet.departure <= now)
        arrivals.append(
          Arrival(
            number: packet.state.pointee.number, tick: packet.departure.rawValue,
            bytes: Array(UnsafeRawBufferPointer(start: packet.bytes, count: packet.capturedLength))))
      }
      PacketMemory.free(&burst)
    }
  }

  /// Lets equal frames in, evenly spaced, and takes out all that comes.
  func sendAll(_ count: Int, every ticks: UInt64, _ frame: [UInt8]) throws {
    for index in 0..<count {
      let tick = UInt64(index) * ticks
      if tick > 0 { run(until: tick - 1) }
      try send(frame, at: tick)
    }
    run()
  }

  var numbers: [UInt64] { arrivals.map(\.number) }

  /// Whether every packet went back to where it came from.
  var isWhole: Bool { memory.available == wholeMemory }
}

/// Impairments of frames that come in.
func impairment(_ change: (inout ImpairmentSettings) -> Void) -> ImpairmentSettings {
  var settings = ImpairmentSettings(.ingress)
  change(&settings)
  return settings
}

/// How far a count of successes may lie from its mean: five standard deviations of the binomial distribution, which
/// chance exceeds once in two million.
func binomialBounds(_ trials: Int, _ probability: Double) -> ClosedRange<Double> {
  let mean = Double(trials) * probability
  let spread = 5 * (mean * (1 - probability)).squareRoot()
  return mean - spread...mean + spread
}
