/// What each queue may send per round of deficit round robin.
///
/// The quanta of a port are its weights, reduced by their greatest common divisor, times the largest frame: then
/// every quantum lets any frame pass in the round it was granted, and shares are the weights exactly.
public enum DWRRQuanta {
  /// Bytes a frame may have beyond its IP packet: Ethernet header and two VLAN tags (IEEE 802.1Q clause 9).
  static let largestHeader = 22

  /// Bytes that the largest frame of a switch counts for: header, two tags and overhead included.
  public static func largestFrame(of configuration: SwitchConfiguration) -> Int {
    let mtu = configuration.ports.map(\.mtu).max() ?? 0
    return mtu + largestHeader + max(configuration.qos.overhead, EthernetOverhead.total)
  }

  /// Bytes per round of each queue of a port, by queue number; 0 for strict queues.
  ///
  /// - Parameters:
  ///   - queues: The queues of one port.
  ///   - largestFrame: ``largestFrame(of:)`` of the switch.
  public static func quanta(for queues: [QueueConfiguration], largestFrame: Int) -> [Int] {
    let weights = queues.map { queue in
      if case .dwrr(let weight) = queue.schedule { weight } else { 0 }
    }
    let divisor = weights.reduce(0, greatestCommonDivisor)
    return weights.map { divisor == 0 ? 0 : $0 / divisor * largestFrame }
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
  }
}
