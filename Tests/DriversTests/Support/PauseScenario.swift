import Dataplane
import Drivers
import TestSupport

/// A slow port behind a fast one, and a buffer small enough to count in the head: cells of 1000 bytes, three of which a
/// lossless priority group may have before it asks for a pause.
///
/// Frames have 1000 bytes: at 100G their slot takes 1024 x 80 ps, and their last bit comes 1012 x 80 ps after the first.
/// At 10G all is ten times as long. The first frame leaves at once; three wait; the fifth goes to headroom, and so does
/// the sixth, which is on the wire when XOFF leaves.
enum PauseScenario {
  static let slot: UInt64 = 1024 * 80
  static let lastBit: UInt64 = 1012 * 80
  /// From the first bit of a pause frame, 72 bytes and 5 m of cable there and back to the first frame that obeys.
  static let wayAndBack: UInt64 = 72 * 80 + 2 * 25_253
  /// When the fifth frame is in.
  static let xoff = 4 * slot + lastBit
  /// When the fourth frame leaves the switch: two of those behind it wait then, and XON is due.
  static let xon = lastBit + 3 * 10 * slot

  /// Ports p1 at 100G, p2 at 10G, p3 at 100G, with the usual classes.
  static func fixture(headroom: UInt64 = 20_000) throws -> ReplayFixture {
    var fixture = try ReplayFixture(gigabits: [100, 10, 100])
    fixture.configuration.qos = .roce
    for index in 0..<3 { fixture.configuration.ports[index].queues = fixture.configuration.qos.queues }
    // Marking would not be in the way, but it is not the subject either.
    for index in 0..<3 { fixture.configuration.ports[index].queues[3].ecn = nil }
    var buffer = BufferConfiguration()
    buffer.size = ByteCount(1_000_000)
    buffer.cell = ByteCount(1000)
    buffer.lossless = PriorityGroupProfile(threshold: .fixed(ByteCount(3000)), xonOffset: ByteCount(1000))
    buffer.headroom = ByteCount(headroom)
    fixture.configuration.buffer = buffer
    return fixture
  }

  /// A frame of 1000 bytes: lossless to p2, or lossy to p3.
  static func frame(_ number: Int, isLossless: Bool, at offset: UInt64 = 0, length: Int = 1000) -> StampedFrame {
    var datagram = TestDatagram(number, length: length)
    datagram.dscp = isLossless ? 26 : 0
    datagram.destination = [10, 0, isLossless ? 2 : 3, 2]
    return StampedFrame(at: epoch + offset, datagram.frame)
  }

  /// Lossless frames, all stamped alike: they follow back to back.
  static func frames(_ count: Int) -> [StampedFrame] { (0..<count).map { frame($0, isLossless: true) } }
}

extension ReplayOutcome {
  /// When the packets that came in on a port started there, in the order in which they did.
  func starts(on port: Int) throws -> [UInt64] {
    try log().filter { $0.ingress == "p\(port)" }.compactMap(\.start).sorted()
  }
}
