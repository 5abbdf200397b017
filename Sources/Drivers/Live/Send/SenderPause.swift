import Dataplane
import Synchronization
import Wire

/// What pause frames have said to a sender: until when each priority is stopped. Written by the thread that receives on
/// the device, read by the one that sends.
///
/// Each frame replaces what the one before it said; time 0 ends a pause at once (IEEE 802.3 annexes 31B and 31D).
struct SenderPause: ~Copyable {
  private let until: FlatTable<Atomic<UInt64>>
  /// Frames that stopped a priority.
  let frames = Atomic<UInt64>(0)
  private let line: Serializer

  /// - Parameter line: rate of the line, by which quanta are counted.
  init(line: BitRate, ticksPerSecond: UInt64) {
    until = FlatTable(count: 8) { _ in Atomic(0) }
    self.line = Serializer(rate: line, ticksPerSecond: ticksPerSecond)
  }

  @inline(__always)
  func isPaused(_ priority: UInt8, at now: Tick) -> Bool {
    until.base[Int(priority)].load(ordering: .relaxed) > now.rawValue
  }

  /// Takes in a frame that has arrived. False: it is no pause frame.
  func heed(_ packet: Packet, at now: Tick) -> Bool {
    let available = packet.capturedLength
    guard let ethernet = EthernetHeader(at: packet.bytes, available: available),
      ethernet.etherType == EtherType.macControl
    else { return false }
    let body = packet.bytes + EthernetHeader.length
    if let frame = PFCFrame(at: body, available: available &- EthernetHeader.length) {
      for priority in 0..<8 where frame.classEnableVector &>> UInt8(priority) & 1 != 0 {
        stop(priority, quanta: frame.time(of: priority), at: now)
      }
      frames.wrappingAdd(1, ordering: .relaxed)
      return true
    }
    guard let frame = PauseFrame(at: body, available: available &- EthernetHeader.length) else { return false }
    for priority in 0..<8 { stop(priority, quanta: frame.time, at: now) }
    frames.wrappingAdd(1, ordering: .relaxed)
    return true
  }

  private func stop(_ priority: Int, quanta: UInt16, at now: Tick) {
    let length = quanta == 0 ? 0 : line.ticks(bytes: Int(quanta) &* Int(PauseTime.bitsPerQuantum) / 8)
    until.base[priority].store((now + length).rawValue, ordering: .relaxed)
  }
}
