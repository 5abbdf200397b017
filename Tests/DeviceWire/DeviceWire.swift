import Dataplane
import Drivers
import Glibc

/// A wire between two devices, for tests: every frame that comes out of one goes into the other, in both directions.
///
///     device-wire DEVICE DEVICE [MTU]
///
/// Says `ready` once both are started, and ends with a line of counters on SIGTERM or SIGINT. Exit: 0 ended as asked;
/// 1 a device could not be opened; 64 wrong arguments.
@main
enum DeviceWire {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard (2...3).contains(arguments.count) else { complain("device-wire DEVICE DEVICE [MTU]", status: 64) }
    let mtu = arguments.count == 3 ? Int(arguments[arguments.startIndex + 2]) ?? 0 : 1500
    // Held back from all threads, DPDK's included, and asked for between bursts.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    do {
      try Environment.start(.live())
      let memory = try PacketMemory(counts: (64, 16384, 8192))
      let devices = try arguments.prefix(2).map { text in
        let device = try Device(try DeviceAddress(text), mtu: mtu, memory: memory)
        try device.start()
        return device
      }
      say("ready\n")
      var wire = Wire(ports: (devices[0].port, devices[1].port))
      var rounds = 0
      while !isAskedToEnd(rounds) {
        let moved = wire.forward()
        rounds += 1
        if rounds % 2048 == 0, devices.contains(where: \.needsReconnection) {
          // Its failure is that the peer is not back yet.
          for device in devices { try? device.reconnect() }
          wire.ports = (devices[0].port, devices[1].port)
        }
        if moved == 0 { usleep(20) }
      }
      let counts = devices.map { "\($0.counters.rxPackets) in, \($0.counters.txPackets) out" }.joined(separator: "; ")
      devices.forEach { $0.close() }
      say("\(counts); \(wire.dropped) dropped, \(wire.faults.joined) joined, \(wire.faults.oversize) oversize\n")
    } catch {
      complain("\(error)", status: 1)
    }
  }

  private static func isAskedToEnd(_ rounds: Int) -> Bool {
    guard rounds % 64 == 0 else { return false }
    var pending = sigset_t()
    sigpending(&pending)
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1
  }

  private static func say(_ text: String) { _ = text.withCString { write(STDOUT_FILENO, $0, strlen($0)) } }

  private static func complain(_ text: String, status: Int32) -> Never {
    _ = (text + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(status)
  }
}

/// The loop between two ports.
private struct Wire: ~Copyable {
  var ports: (DevicePort, DevicePort)
  var burst = PacketBurst()
  var faults = DeviceFaults()
  var dropped = 0

  init(ports: (DevicePort, DevicePort)) { self.ports = ports }

  /// One burst each way; returns how many packets there were.
  mutating func forward() -> Int { move(ports.0, ports.1) + move(ports.1, ports.0) }

  private mutating func move(_ source: DevicePort, _ sink: DevicePort) -> Int {
    let count = source.receive(into: &burst, &faults)
    guard count > 0 else { return 0 }
    var taken = 0
    // A peer that is slow for a moment must not cost frames; one that is gone may.
    var patience = 1000
    while taken < count, patience > 0 {
      taken += sink.transmit(burst, from: taken)
      patience -= 1
    }
    for index in taken..<count { PacketMemory.free(burst[index]) }
    dropped += count - taken
    burst.removeAll()
    return count
  }
}
