import Dataplane
import TestSupport
import Testing
import Wire

extension TestConfiguration {
  /// A router where DSCP *n* is class *n*, and with it queue, priority group and priority *n*.
  static func classes(
    ports count: Int, gigabits: [UInt64] = [100], lossless: Set<Int> = Set(0..<8)
  ) -> SwitchConfiguration {
    var router = router(ports: count, speeds: gigabits.map { .gigabits($0) })
    for index in 0..<8 { router.qos.dscpToTrafficClass[index] = TrafficClass(index) }
    for port in router.ports.indices {
      for queue in lossless { router.ports[port].queues[queue].isLossless = true }
    }
    return router
  }
}

/// Times on the wire, in picoseconds, from the definitions and without the switch's arithmetic.
enum WireTime {
  /// A pause quantum of 512 bits, at rates that divide 512 000.
  static func quantum(_ gigabits: UInt64) -> UInt64 { 512_000 / gigabits }

  /// From the first bit of the preamble to the last of the check sequence: when a frame has arrived.
  static func arrival(_ bytes: Int, _ gigabits: UInt64) -> UInt64 { UInt64(8 + max(60, bytes) + 4) * 8000 / gigabits }

  /// What a frame takes on the wire, its gap included.
  static func slot(_ bytes: Int, _ gigabits: UInt64) -> UInt64 { UInt64(max(60, bytes) + 24) * 8000 / gigabits }
}

extension Frame {
  /// A link-level PAUSE frame (IEEE 802.3 annex 31B).
  static func linkPause(_ quanta: UInt16, from sourceMAC: UInt64 = 0x0200_0000_0A01) -> [UInt8] {
    Frame(source: [], destination: [], sourceMAC: sourceMAC, destinationMAC: 0x0180_C200_0001)
      .ethernet(0x8808, [0, 1] + octets(UInt64(quanta), count: 2), size: 60)
  }

  /// A PFC frame byte by byte, so that it can be wrong in every way.
  static func control(
    opcode: UInt16 = 0x0101, vector: UInt16, times: [Int: UInt16], destination: UInt64 = 0x0180_C200_0001,
    tags: [Tag] = []
  ) -> [UInt8] {
    var frame = Frame(source: [], destination: [], destinationMAC: destination)
    frame.tags = tags
    var body = octets(UInt64(opcode), count: 2) + octets(UInt64(vector), count: 2)
    for priority in 0..<8 { body += octets(UInt64(times[priority] ?? 0), count: 2) }
    return frame.ethernet(0x8808, body, size: 60 + 4 * tags.count)
  }
}

extension Departure {
  /// True for MAC control, which the switch never forwards.
  var isControl: Bool { bytes.count >= 14 && bytes[12] == 0x88 && bytes[13] == 0x08 }
}

extension [Departure] {
  /// All but MAC control.
  var data: [Departure] { filter { !$0.isControl } }
  /// MAC control.
  var control: [Departure] { filter(\.isControl) }
}

extension VirtualSwitch {
  /// Flow control events of some kinds since the switch was built.
  func events(_ kinds: PauseEvent.Kind...) -> [PauseEvent] {
    (0..<device.pauseEventCount).map { device.pauseEvent($0) }.filter { kinds.contains($0.kind) }
  }

  /// Fails the test if anything of the buffer is in use.
  func expectBufferEmpty(sourceLocation: SourceLocation = #_sourceLocation) {
    if !isBufferEmpty {
      Issue.record("the buffer is in use: \(device.bufferStatistics)", sourceLocation: sourceLocation)
    }
  }

  /// Whether nothing of the buffer is in use.
  var isBufferEmpty: Bool {
    let buffer = device.bufferStatistics
    let used = [buffer.shared, buffer.lossy, buffer.headroom, buffer.egress].map(\.usedBytes)
    return used == [0, 0, 0, 0]
      && device.configuration.ports.indices.allSatisfy { port in
        (0..<8).allSatisfy {
          let use = device.use(of: PriorityGroup($0), on: PortID(port))
          return use.reservedBytes == 0 && use.sharedBytes == 0 && use.headroomBytes == 0
        }
      }
  }
}
