import Dataplane
import TestSupport

/// A switch that is told of one packet after the other, without time: for tests that look at the buffer in between.
struct HostlessSwitch: ~Copyable {
  var device: Switch
  private var burst: PacketBurst
  private(set) var now: UInt64 = 1000

  init(_ configuration: SwitchConfiguration) throws {
    let memory = try PacketMemory(counts: (4096, 16, 16))
    let device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    self.device = device
    burst = PacketBurst()
  }

  /// A frame has arrived on a port, which its sender knows by its number.
  mutating func receive(_ frame: [UInt8], on port: Int, wireLength: Int) {
    guard let packet = device.memory.allocate(capacity: frame.count) else { return }
    frame.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
    packet.arrived(number: 0, wireLength: wireLength, start: Tick(now), end: Tick(now), latencyFrom: Tick(now))
    burst.append(packet)
    device.receive(&burst, on: PortID(port), at: Tick(now))
  }

  /// Time passes.
  mutating func advance(by ticks: UInt64) { now += ticks }

  /// The next packet leaves a port, pause frames not counted. False: there was none.
  mutating func transmit(from port: Int) -> Bool {
    var hasData = false
    while !hasData {
      let deadline = device.nextDeadline(PortID(port))
      if deadline == .never { return false }
      now = max(now, deadline.rawValue)
      device.transmit(PortID(port), at: Tick(now), into: &burst)
      if burst.count == 0 { return false }
      for index in 0..<burst.count where !burst[index].isPauseFrame { hasData = true }
      PacketMemory.free(&burst)
    }
    return true
  }
}
