import Dataplane
import Foundation
import TestSupport
import Testing

@testable import Drivers

/// Devices that need neither root nor a peer: rings, captures, nothing.
@Suite("Devices within the process", .serialized) struct DeviceTests {
  /// Sends frames through a device; returns how many it took.
  private func send(_ frames: [[UInt8]], through port: DevicePort, _ memory: borrowing PacketMemory) throws -> Int {
    var burst = PacketBurst()
    for frame in frames {
      let allocated = memory.allocate(capacity: frame.count)
      let packet = try #require(allocated)
      packet.fill(frame, count: frame.count)
      burst.append(packet)
    }
    let taken = port.transmit(burst)
    for index in taken..<burst.count { PacketMemory.free(burst[index]) }
    return taken
  }

  /// Receives what is there, up to one burst.
  private func receive(_ port: DevicePort) -> [[UInt8]] {
    var burst = PacketBurst()
    var faults = DeviceFaults()
    let count = port.receive(into: &burst, &faults)
    #expect(count == burst.count && faults == DeviceFaults())
    let frames = (0..<count).map { index in
      #expect(burst[index].wireLength == burst[index].capturedLength)
      return Array(UnsafeRawBufferPointer(start: burst[index].bytes, count: burst[index].capturedLength))
    }
    PacketMemory.free(&burst)
    return frames
  }

  private func frame(_ size: Int, _ number: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 + number) }
  }

  @Test("the ends of a ring are joined, both ways, byte for byte, for every size") func ring() throws {
    let memory = try PacketMemory(counts: (1024, 4096, 4096))
    let before = memory.available
    do {
      let left = try Device(try DeviceAddress("ring:pair,ring=64"), mtu: 9216, memory: memory)
      let right = try Device(try DeviceAddress("ring:pair"), mtu: 9216, memory: memory)
      #expect(left.driver == "net_ring" && left.holding == .ring(64) && left.flowControl == .none)
      try left.start()
      try right.start()
      #expect(left.link.isUp && right.link.isUp)
      for size in [14, 60, 64, 128, 1514, 2048, 2049, 9238, 9600] {
        let (there, back) = (frame(size, 1), frame(size, 2))
        #expect(try send([there], through: left.port, memory) == 1)
        #expect(try send([back], through: right.port, memory) == 1)
        #expect(receive(right.port) == [there] && receive(left.port) == [back], "\(size)")
      }
      #expect(left.counters.txPackets == 9 && right.counters.rxPackets == 9)
      // A third end, and what is left in a ring that is closed.
      #expect(throws: DeviceError.self) { _ = try Device(try DeviceAddress("ring:pair"), memory: memory) }
      let many = (0..<32).map { frame(100, $0) }
      #expect(try send(many, through: left.port, memory) == 32)
      // 64 places hold 63 packets: the rest stays the sender's.
      #expect(try send(many, through: left.port, memory) == 31)
      left.close()
      left.close()
      #expect(!left.link.isUp && left.counters == DeviceCounters())
      #expect(receive(right.port) == many)
      let again = try Device(try DeviceAddress("ring:pair"), memory: memory)
      try again.start()
      #expect(try send([frame(60, 9)], through: again.port, memory) == 1)
      #expect(receive(right.port).count == 32)
    }
    #expect(memory.available == before)
  }

  @Test("a burst is filled behind what is in it, and sent from a position on") func bursts() throws {
    let memory = try PacketMemory(counts: (1024, 4096, 64))
    let left = try Device(try DeviceAddress("ring:bursts"), memory: memory)
    let right = try Device(try DeviceAddress("ring:bursts"), memory: memory)
    try left.start()
    try right.start()
    #expect(try send((0..<32).map { frame(60, $0) }, through: left.port, memory) == 32)
    var burst = PacketBurst()
    var faults = DeviceFaults()
    for number in 0..<5 {
      let allocated = memory.allocate(capacity: 60)
      let packet = try #require(allocated)
      packet.fill(frame(60, 100 + number), count: 60)
      burst.append(packet)
    }
    #expect(right.port.receive(into: &burst, &faults) == 27)
    #expect(burst.count == 32)
    // The five that were there stay the sender's.
    #expect(right.port.transmit(burst, from: 5) == 27)
    #expect(receive(left.port) == (0..<27).map { frame(60, $0) })
    for index in 0..<5 { PacketMemory.free(burst[index]) }
    burst.removeAll()
    #expect(receive(right.port) == (27..<32).map { frame(60, $0) })
  }

  @Test("a capture comes in as it is, once or without end, and what is sent is one again") func captures() throws {
    let directory = try ScratchDirectory()
    let frames = (0..<20).map { StampedFrame(at: UInt64($0) * 1000, frame(60 + $0 * 70, $0)) }
    let path = try directory.write(frames, to: "in.pcap")
    let memory = try PacketMemory(counts: (1024, 4096, 64))
    let before = memory.available
    for isEndless in [false, true] {
      let text = "pcap:in=\(path),out=\(directory["out.pcap"])\(isEndless ? ",endless" : "")"
      let device = try Device(try DeviceAddress(text), memory: memory)
      try device.start()
      var received: [[UInt8]] = []
      for _ in 0..<8 { received += receive(device.port) }
      let expected = frames.map(\.bytes)
      #expect(isEndless ? Array(received.prefix(20)) == expected : received == expected)
      if isEndless { #expect(received.count > 100 && Array(received[20..<40]) == expected) }
      #expect(try send(expected, through: device.port, memory) == 20)
      device.close()
      #expect(try directory.capture("out.pcap").map(\.bytes) == expected)
    }
    #expect(memory.available == before)
  }

  @Test("null takes everything, and delivers nothing or frames of a size") func null() throws {
    let memory = try PacketMemory(counts: (1024, 4096, 64))
    let before = memory.available
    let sink = try Device(try DeviceAddress("null:"), memory: memory)
    let source = try Device(try DeviceAddress("null:300"), memory: memory)
    try sink.start()
    try source.start()
    #expect(receive(sink.port) == [])
    #expect(receive(source.port) == Array(repeating: [UInt8](repeating: 0, count: 300), count: 32))
    #expect(try send((0..<32).map { frame(60, $0) }, through: sink.port, memory) == 32)
    #expect(sink.holding == .nothing)
    sink.stop()
    try sink.start()
    sink.close()
    source.close()
    #expect(memory.available == before)
  }

  @Test("what cannot be opened says why and what to do, and leaves nothing behind") func refusals() throws {
    let directory = try ScratchDirectory()
    let file = try directory.write("no socket", to: "file")
    let memory = try PacketMemory(counts: (1024, 1024, 64))
    func refusal(_ text: String, mtu: Int = 1500) -> String {
      do {
        _ = try Device(try DeviceAddress(text), mtu: mtu, memory: memory)
        return "opened"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      refusal("null:", mtu: 20000) == "device `null:`: an MTU of 20000 is out of range; choose 68 to 9216")
    #expect(refusal("pcap:in=/nowhere/a.pcap").contains("/nowhere/a.pcap cannot be read: No such file"))
    #expect(refusal("pcap:out=/nowhere/a.pcap").contains("make it: `mkdir -p /nowhere/`"))
    #expect(refusal("pcap:in=\(file)").contains("it cannot be opened"))
    #expect(refusal("memif:\(file)").hasSuffix("\(file) exists and is no socket; name another path"))
    #expect(refusal("memif:/nowhere/m.sock").contains("mkdir -p /nowhere/"))
    #expect(refusal("virtio_user:\(directory["v.sock"])").contains("nobody listens"))
    #expect(refusal("0000:ff:1f.7").contains("there is no PCI device at 0000:ff:1f.7; see `lspci -D`"))
    if getuid() == 0 {
      #expect(refusal("af_packet:nowhere0").contains("there is no interface named nowhere0"))
      #expect(refusal("tap:lo").contains("an interface named lo exists already"))
    } else {
      #expect(refusal("af_packet:lo").contains("give it cap_net_raw"))
      #expect(refusal("tap:new0").contains("give it cap_net_admin"))
    }
    #expect(try directory.files() == ["file"])
  }
}
