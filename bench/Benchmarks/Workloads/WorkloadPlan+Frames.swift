import Dataplane
import Foundation
import Wire

extension WorkloadPlan {
  /// Octets of frames of the mix, without check sequence.
  private static let mix = [60, 590, 60, 60, 590, 60, 1514, 60, 590, 60, 590, 60]

  /// The workload: as many frames as there are flows, at least 4096, in an order without pattern. Every flow goes to one
  /// prefix, so that fewer flows than prefixes leave some of these unused.
  ///
  /// Deterministic: a plan makes the same octets on every machine.
  public func make() -> Workload {
    let destinations = BenchmarkPrefixes(count: prefixes, isIPv6: isIPv6)
    let flows = min(max(1, self.flows), 1 << 20)
    let count = max(4096, flows)
    var random = RandomNumbers(seed: 1)
    let numbers = skew > 0 ? Zipf(flows, exponent: skew).draw(count, &random) : (0..<count).map { $0 % flows }
    var packets = numbers.map {
      BenchmarkFlow(number: $0, prefix: $0 % destinations.count, prefixes: destinations)
    }
    for index in stride(from: packets.count - 1, to: 0, by: -1) {
      packets.swapAt(index, Int(random.next() % UInt64(index + 1)))
    }
    return Workload(
      name: name, frames: frames(of: packets), flows: Set(numbers).count, routes: destinations.all)
  }

  private func frames(of packets: [BenchmarkFlow]) -> FrameList {
    var frames = FrameList()
    // Sequence numbers run for each flow, and so do the packets of its messages.
    var sent: [Int: Int] = [:]
    for (index, flow) in packets.enumerated() {
      let number = sent[flow.number, default: 0]
      sent[flow.number] = number + 1
      let frame = RoCEFrame(flow: flow, isIPv6: isIPv6)
      let sequence = UInt32(truncatingIfNeeded: number) & 0x00FF_FFFF
      switch sizes {
      case .fixed(let length):
        frames.append(frame.sendOnly(length: length - EthernetOverhead.frameCheckSequence, sequence: sequence))
      case .imix:
        frames.append(frame.sendOnly(length: WorkloadPlan.mix[index % WorkloadPlan.mix.count], sequence: sequence))
      case .writes(let message):
        let inMessage = (message + 4095) / 4096
        let (done, position) = number.quotientAndRemainder(dividingBy: inMessage)
        frames.append(
          frame.write(
            message: message, mtu: 4096, index: position, sequence: sequence,
            address: 0x7F00_0000_0000 + UInt64(flow.number) << 24 + UInt64(done * message)))
      }
    }
    return frames
  }
}

/// Numbers from 0 up to a count, the n-th of which is drawn with a probability in proportion to 1 / n^exponent.
struct Zipf {
  private var sums: [Double] = []

  init(_ count: Int, exponent: Double) {
    var sum = 0.0
    for rank in 1...max(1, count) {
      sum += 1 / pow(Double(rank), exponent)
      sums.append(sum)
    }
  }

  /// `count` numbers.
  func draw(_ count: Int, _ random: inout RandomNumbers) -> [Int] {
    (0..<count).map { _ in number(at: Double(random.next() >> 11) * 0x1p-53) }
  }

  /// The number at a share of all probability, 0 up to 1.
  func number(at share: Double) -> Int {
    let wanted = share * (sums.last ?? 0)
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > wanted { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
