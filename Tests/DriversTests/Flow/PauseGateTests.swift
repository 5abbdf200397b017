import Dataplane
import Testing

@testable import Drivers

/// When a sender may start frames, against sums done here by hand: at 100G a byte takes 80 ps and a quantum 5120 ps.
@Suite("The gate that pause frames close")
struct PauseGateTests {
  /// The last bit of a pause frame leaves 8 + 64 bytes after its first.
  private static let frame: UInt64 = 72 * 80
  private static let quantum: UInt64 = 5120

  private static func gate(metres: UInt64 = 0, response: PauseResponse = .immediate) -> PauseGate {
    var port = PortConfiguration(name: "p1", speed: .gigabits(100))
    port.cable = CableLength(millimetres: metres * 1000)
    return PauseGate(port: port, response: response, ticksPerSecond: 1_000_000_000_000)
  }

  /// Quanta for some priorities.
  private static func times(_ quanta: [Int: UInt16]) -> SIMD8<UInt16> {
    var times = SIMD8<UInt16>.zero
    for (priority, time) in quanta { times[priority] = time }
    return times
  }

  private static func start(_ gate: PauseGate, _ priorities: UInt8, from tick: UInt64) -> UInt64 {
    gate.start(of: priorities, notBefore: Tick(tick)).rawValue
  }

  @Test("an XOFF counts from its last bit and two cable delays on, for its quanta, and for its priorities alone")
  func timer() {
    // 198 m are 1 us of light.
    for metres in [0, 198, 1980] as [UInt64] {
      var gate = Self.gate(metres: metres)
      let counts = 1_000_000 + Self.frame + 2 * metres * 1_000_000 / 198
      let tick = gate.receive(vector: 0b1000, times: Self.times([3: 100, 4: 100]), departure: Tick(1_000_000))
      #expect(tick.rawValue == counts)
      let end = counts + 100 * Self.quantum
      #expect(Self.start(gate, 8, from: 0) == 0)
      #expect(Self.start(gate, 8, from: counts - 1) == counts - 1)
      #expect(Self.start(gate, 8, from: counts) == end)
      #expect(Self.start(gate, 8, from: end - 1) == end)
      #expect(Self.start(gate, 8, from: end) == end)
      // Bit 4 of the vector is clear, and the others are not spoken of.
      #expect(Self.start(gate, 0xF7, from: counts) == counts)
      #expect(Self.start(gate, 0, from: counts) == counts)
      #expect(!gate.isOpen(from: Tick(0)))
    }
  }

  @Test("a response delays the beginning and not the end; the standard's is 394 quanta at 100G")
  func response() {
    for (response, late) in [(.standard, 394 * Self.quantum), (.after(.nanoseconds(7)), 7000)]
      as [(PauseResponse, UInt64)]
    {
      var gate = Self.gate(response: response)
      _ = gate.receive(vector: 1, times: Self.times([0: 1000]), departure: Tick(0))
      #expect(Self.start(gate, 1, from: Self.frame + late - 1) == Self.frame + late - 1)
      #expect(Self.start(gate, 1, from: Self.frame + late) == Self.frame + 1000 * Self.quantum)
      // An XON within the response lets everything through.
      _ = gate.receive(vector: 1, times: .zero, departure: Tick(100))
      #expect(Self.start(gate, 1, from: Self.frame + late) == Self.frame + late)
    }
  }

  @Test("an XON on its way ends the pause when it counts; an XOFF on its way renews it, and replaces its end")
  func replaced() {
    var gate = Self.gate()
    _ = gate.receive(vector: 1, times: Self.times([0: 1000]), departure: Tick(0))
    _ = gate.receive(vector: 1, times: .zero, departure: Tick(100_000))
    #expect(Self.start(gate, 1, from: Self.frame) == 100_000 + Self.frame)
    _ = gate.receive(vector: 1, times: Self.times([0: 10]), departure: Tick(200_000))
    // Between XON and the next XOFF frames may start.
    #expect(Self.start(gate, 1, from: Self.frame) == 100_000 + Self.frame)
    #expect(Self.start(gate, 1, from: 200_000 + Self.frame - 1) == 200_000 + Self.frame - 1)
    #expect(Self.start(gate, 1, from: 200_000 + Self.frame) == 200_000 + Self.frame + 10 * Self.quantum)
    // A shorter time replaces what was left of a longer one.
    var shorter = Self.gate()
    _ = shorter.receive(vector: 1, times: Self.times([0: 65_535]), departure: Tick(0))
    _ = shorter.receive(vector: 1, times: Self.times([0: 1]), departure: Tick(50_000))
    #expect(Self.start(shorter, 1, from: Self.frame) == 50_000 + Self.frame + Self.quantum)
    // One that comes with the last tick of a pause leaves no gap.
    var renewed = Self.gate()
    _ = renewed.receive(vector: 1, times: Self.times([0: 10]), departure: Tick(0))
    _ = renewed.receive(vector: 1, times: Self.times([0: 10]), departure: Tick(10 * Self.quantum))
    #expect(Self.start(renewed, 1, from: Self.frame) == Self.frame + 20 * Self.quantum)
  }

  @Test("a frame of several priorities waits for all of them")
  func several() {
    var gate = Self.gate()
    _ = gate.receive(vector: 0b11, times: Self.times([0: 10, 1: 20]), departure: Tick(0))
    #expect(Self.start(gate, 0b01, from: Self.frame) == Self.frame + 10 * Self.quantum)
    #expect(Self.start(gate, 0b11, from: Self.frame) == Self.frame + 20 * Self.quantum)
  }

  @Test("settling changes no answer, and knows how long a priority has been paused")
  func settled() {
    var gate = Self.gate()
    var whole = Self.gate()
    let orders: [(UInt64, UInt16)] = [(0, 100), (300_000, 0), (400_000, 50), (500_000, 50), (2_000_000, 1)]
    for (departure, time) in orders {
      _ = gate.receive(vector: 4, times: Self.times([2: time]), departure: Tick(departure))
      _ = whole.receive(vector: 4, times: Self.times([2: time]), departure: Tick(departure))
    }
    for tick in stride(from: 0, to: 2_100_000, by: 7919) as StrideTo<UInt64> {
      gate.settle(upTo: Tick(tick))
      #expect(Self.start(gate, 4, from: tick) == Self.start(whole, 4, from: tick))
    }
    // 300 000 until XON; from 400 000 on 100 000 and then 50 quanta; 1 quantum.
    gate.settle(upTo: Tick(3_000_000))
    let paused: UInt64 = 300_000 + 100_000 + 51 * Self.quantum
    #expect(gate.pausedTicks(of: 2, at: Tick(3_000_000)) == paused)
    #expect(gate.isOpen(from: Tick(3_000_000)))
  }

  @Test("a clock of whole nanoseconds cuts the frame's own time off")
  func truncated() {
    let port = PortConfiguration(name: "p1", speed: .gigabits(100))
    var gate = PauseGate(
      port: port, response: .immediate, ticksPerSecond: 1_000_000_000_000, serialization: .truncatedToNanoseconds)
    let cable = port.cable.delay.count
    #expect(gate.receive(vector: 1, times: .zero, departure: Tick(0)).rawValue == 5000 + 2 * cable)
  }
}
