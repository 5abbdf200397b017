// A libFuzzer target: whole frames through a switch with every kind of port, route and access rule, and a buffer that is
// soon full, in virtual time. After each input the accounts of the buffer must be what the queues hold; then everything
// must leave the switch, be accounted for, and have given its memory and its share of the buffer back.
//
//   PENSTOCK_FUZZ=1 swift build --build-path .build/fuzz --sanitize fuzzer --product FuzzSwitch
//   SWIFT_BACKTRACE=enable=no .build/fuzz/debug/FuzzSwitch -max_total_time=60 -max_len=2048
//
// The first octet chooses one of two switches, which differ in the model of their buffer; the rest is a series of steps.
// A step is a port, an action, a template, a number of changes, and as many changes: three
// octets, for a position and what to write there. What is behind the last step is the payload of the first template,
// which is empty. The switch lives on from input to input, as building one takes longer than a thousand inputs; a
// finding that depends on what it has learned needs the inputs before it.

import Dataplane
import Glibc
import Wire

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  var input = FuzzInput(data: data, count: size)
  let fuzzer = FuzzSwitch.shared.pointer + Int(input.octet() & 1)
  var steps = 0
  while !input.isEmpty, steps < 64 {
    fuzzer.pointee.step(&input)
    steps += 1
  }
  fuzzer.pointee.finish()
  return 0
}

/// Reads an input from its beginning; what is missing is zero.
private struct FuzzInput {
  let data: UnsafePointer<UInt8>
  let count: Int
  private var position = 0

  init(data: UnsafePointer<UInt8>, count: Int) {
    self.data = data
    self.count = count
  }

  var isEmpty: Bool { position >= count }
  var rest: Int { count - position }

  mutating func octet() -> UInt8 {
    defer { position += 1 }
    return position < count ? data[position] : 0
  }
}

private struct FuzzSwitch: ~Copyable {
  /// The two switches, which are used by the fuzzer's one thread.
  struct Shared: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<FuzzSwitch>
  }

  static let shared: Shared = {
    let pointer = UnsafeMutablePointer<FuzzSwitch>.allocate(capacity: 2)
    for (index, model) in [BufferModel.asic, .hpcc].enumerated() {
      do { (pointer + index).initialize(to: try FuzzSwitch(model)) } catch { fail("no switch: \(error)") }
    }
    return Shared(pointer: pointer)
  }()

  /// What a step does beside sending a frame, one bit each.
  enum Action {
    static let longWire: UInt8 = 1
    static let cutOff: UInt8 = 2
    static let togglePort: UInt8 = 4
    static let wait: UInt8 = 8
    static let learn: UInt8 = 16
    static let keepChecksum: UInt8 = 32
    static let gather: UInt8 = 64
    static let drain: UInt8 = 128
  }

  private var device: Switch
  private let wholeMemory: Int
  private let largestFrames: [Int]
  private var isUp: [Bool]
  private var arrivals: PacketBurst
  private var departures: PacketBurst
  private var arrivalPort = 0
  private var now: UInt64 = 0

  init(_ model: BufferModel) throws {
    // Little memory, so that running out of it is tried as well.
    let memory = try PacketMemory(counts: (96, 16, 8))
    let wholeMemory = memory.available
    let configuration = FuzzConfiguration.everything(model)
    let device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
    self.device = device
    self.device.recordsEndings = true
    self.wholeMemory = wholeMemory
    largestFrames = configuration.ports.map { $0.mtu + 22 }
    isUp = configuration.ports.map { _ in true }
    arrivals = PacketBurst()
    departures = PacketBurst()
  }

  mutating func step(_ input: inout FuzzInput) {
    let port = Int(input.octet()) % isUp.count
    let action = input.octet()
    let template = Int(input.octet()) % (FuzzTemplates.frames.count + 1)
    let changes = Int(input.octet() & 15)
    var frame = template == 0 ? [] : FuzzTemplates.frames[template - 1]
    for _ in 0..<changes {
      let position = Int(input.octet()) * (action & Action.drain != 0 ? 1 : 2)
      let (how, value) = (input.octet(), input.octet())
      change(&frame, at: position, how, value)
    }
    if template == 0 { while !input.isEmpty, frame.count < 2000 { frame.append(input.octet()) } }
    if action & Action.keepChecksum == 0 { FuzzTemplates.mendChecksum(&frame) }
    if action & Action.togglePort != 0 {
      isUp[port].toggle()
      device.setPort(PortID(port), isUp: isUp[port], at: Tick(now))
    }
    now += action & Action.wait != 0 ? 400_000_000_000 : 1000
    if port != arrivalPort || action & Action.gather == 0 { deliver() }
    arrivalPort = port
    receive(frame, action)
    if action & Action.drain != 0 {
      deliver()
      drain()
    }
  }

  private func change(_ frame: inout [UInt8], at position: Int, _ how: UInt8, _ value: UInt8) {
    guard position < frame.count else {
      frame += [UInt8](repeating: value, count: Int(how))
      return
    }
    switch how & 3 {
    case 0: frame[position] = value
    case 1: frame[position] ^= value
    case 2: frame.insert(contentsOf: [UInt8](repeating: value, count: Int(how >> 4)), at: position)
    default: frame.removeSubrange(position..<min(frame.count, position + Int(how >> 2)))
    }
  }

  private mutating func receive(_ frame: [UInt8], _ action: UInt8) {
    let captured = action & Action.cutOff != 0 ? frame.count / 2 : frame.count
    let wire = frame.count + (action & Action.longWire != 0 ? 700 : 0)
    let number = UInt64(wire)
    guard captured > 0, let packet = device.memory.allocate(capacity: captured) else {
      device.dropUnallocated(on: PortID(arrivalPort), wireLength: wire, number: number, at: Tick(now))
      return
    }
    frame.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      packet.fill(base, count: captured)
    }
    packet.arrived(number: number, wireLength: wire, start: Tick(now), end: Tick(now), latencyFrom: Tick(now))
    if action & Action.learn != 0 {
      device.learnNeighbor(fromFrame: packet.bytes, captured: captured, on: PortID(arrivalPort), at: Tick(now))
    }
    if arrivals.isFull { deliver() }
    arrivals.append(packet)
  }

  /// Hands the gathered packets to the switch.
  private mutating func deliver() {
    guard arrivals.count > 0 else { return }
    device.receive(&arrivals, on: PortID(arrivalPort), at: Tick(now))
    if device.endingCount > 1024 { fail("\(device.endingCount) endings") }
    device.forgetEndings()
  }

  /// Lets everything leave that may, the earliest first: what one port tells its neighbour ends when others have sent.
  private mutating func drain() {
    while let port = device.takeTouchedPort() {
      if port.index >= isUp.count { fail("port \(port.index) was touched") }
    }
    var idle = 0
    var steps = 0
    var waiting = device.totals.waitingPackets
    var since = now
    while true {
      var earliest = Tick.never
      var port = 0
      for candidate in isUp.indices {
        let deadline = device.nextDeadline(PortID(candidate))
        if deadline < earliest { (earliest, port) = (deadline, candidate) }
      }
      if earliest == .never { return }
      // What waits for a port that is down waits on, and XOFF is renewed for it. No pause lasts for a tenth of a second.
      if device.totals.waitingPackets != waiting { (waiting, since) = (device.totals.waitingPackets, now) }
      if isUp.contains(false), now > since + 100_000_000_000 { return }
      // Pauses end, and the watchdog acts, without anything being sent, but not again and again at one time.
      if earliest.rawValue > now { idle = 0 }
      now = max(now, earliest.rawValue)
      device.transmit(PortID(port), at: Tick(now), into: &departures)
      idle = departures.count == 0 ? idle + 1 : 0
      steps += 1
      if idle > 64 { fail("port \(port) is due and sends nothing") }
      if steps > 1_000_000 { fail("the switch does not come to rest") }
      for index in 0..<departures.count { check(departures[index], port) }
      departures.removeAll()
      while device.takeTouchedPort() != nil {}
    }
  }

  private func check(_ packet: Packet, _ port: Int) {
    if !isUp[port] { fail("port \(port) is down and sent") }
    if packet.capturedLength < 14 || packet.capturedLength > packet.wireLength {
      fail("\(packet.capturedLength) octets of \(packet.wireLength) left port \(port)")
    }
    // Mirrored frames leave as they came.
    if packet.wireLength > largestFrames[port], port != FuzzConfiguration.mirrorPort {
      fail("\(packet.wireLength) octets left port \(port)")
    }
    PacketMemory.free(packet)
  }

  mutating func finish() {
    deliver()
    if let difference = device.audit() { fail(difference) }
    for port in isUp.indices where !isUp[port] {
      isUp[port] = true
      device.setPort(PortID(port), isUp: true, at: Tick(now))
    }
    drain()
    if let difference = device.audit() { fail(difference) }
    let totals = device.totals
    if !totals.isConserved { fail("not conserved: \(totals)") }
    if totals.waitingPackets != 0 { fail("\(totals.waitingPackets) packets wait") }
    let available = device.memory.available
    if available != wholeMemory { fail("\(wholeMemory - available) packets are lost") }
  }
}

/// Reports a finding to the fuzzer.
private func fail(_ what: String) -> Never {
  var line = "FuzzSwitch: \(what)\n"
  _ = line.withUTF8 { write(2, $0.baseAddress, $0.count) }
  abort()
}
