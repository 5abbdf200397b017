import Dataplane
import TestSupport
import Testing
import Wire

/// A switch whose packets have a known octet behind what was captured of them, so that two of them with different octets
/// behave differently if anything is read there.
struct PoisonedSwitch: ~Copyable {
  /// A frame that left.
  struct Output: Equatable {
    var port: Int
    var bytes: [UInt8]
    var wireLength: Int
    var queue: Int
  }

  var device: Switch
  private let tail: [UInt8]
  private let portCount: Int
  private let wholeMemory: Int
  private var burst: PacketBurst
  private var now: UInt64 = 0

  init(_ configuration: SwitchConfiguration, poison: UInt8) throws {
    let memory = try PacketMemory(counts: (512, 64, 32))
    let wholeMemory = memory.available
    let device = try Switch(configuration, memory: memory, ticksPerSecond: VirtualSwitch.ticksPerSecond)
    self.device = device
    self.wholeMemory = wholeMemory
    portCount = configuration.ports.count
    tail = [UInt8](repeating: poison, count: 2048)
    burst = PacketBurst()
  }

  /// Sends a frame a microsecond after the last one and hands out all that leaves.
  mutating func exchange(_ frame: [UInt8], on port: Int, wireLength: Int? = nil) -> [Output] {
    now += 1_000_000
    // The larger pools keep their packets for frames that need them.
    guard let packet = device.memory.allocate(capacity: frame.count) else {
      Issue.record("no memory for \(frame.count) bytes")
      return []
    }
    tail.withUnsafeBytes { packet.fill($0.baseAddress!, count: frame.count <= 256 ? 256 : 2048) }
    frame.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
    if frame.isEmpty { tail.withUnsafeBytes { packet.fill($0.baseAddress!, count: 0) } }
    packet.arrived(
      number: 0, wireLength: max(frame.count, wireLength ?? 0), start: Tick(now), end: Tick(now),
      latencyFrom: Tick(now))
    burst.append(packet)
    device.receive(&burst, on: PortID(port), at: Tick(now))
    return drain()
  }

  private mutating func drain() -> [Output] {
    while device.takeTouchedPort() != nil {}
    var outputs: [Output] = []
    for port in 0..<portCount {
      while device.nextDeadline(PortID(port)) != .never {
        now = max(now, device.nextDeadline(PortID(port)).rawValue)
        device.transmit(PortID(port), at: Tick(now), into: &burst)
        for index in 0..<burst.count {
          let packet = burst[index]
          let bytes = Array(UnsafeRawBufferPointer(start: packet.bytes, count: packet.capturedLength))
          outputs.append(
            Output(port: port, bytes: bytes, wireLength: packet.wireLength, queue: packet.queue.index))
          PacketMemory.free(packet)
        }
        burst.removeAll()
      }
    }
    return outputs
  }

  /// What must hold whenever nothing waits; nil if it does.
  var fault: String? {
    let totals = device.totals
    if !totals.isConserved { return "not conserved: \(totals)" }
    if totals.waitingPackets != 0 { return "\(totals.waitingPackets) wait" }
    let missing = wholeMemory - device.memory.available
    return missing == 0 ? nil : "\(missing) packets are lost"
  }
}
