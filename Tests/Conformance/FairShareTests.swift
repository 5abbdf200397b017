import Dataplane
import TestSupport
import Testing

/// Deficit weighted round robin over queues that always have something to send: fabric model 2.6.8.
@Suite struct FairShareTests {
  /// Weights of queues 0, 1, ...; frame sizes of each, chosen at random.
  struct Case: CustomStringConvertible, Sendable {
    var weights: [Int]
    var sizes: [[Int]]
    var description: String { "weights \(weights), frames \(sizes)" }
  }

  static let cases = [
    Case(weights: [50, 50], sizes: [[1044], [1044]]),
    Case(weights: [3, 1], sizes: [[1044], [60]]),
    Case(weights: [5, 3, 2], sizes: [[60, 1514], [1514], [60]]),
    Case(weights: [40, 30, 20, 10], sizes: [[1044], [60, 594, 1514], [1044, 60], [1514]]),
    Case(weights: [1, 1, 1, 1, 1, 1, 1, 1], sizes: [[60], [1514], [252], [594], [60, 1514], [1044], [130], [1514]]),
    Case(weights: [7, 1, 13], sizes: [[42], [1514], [594]]),
  ]

  /// The largest frame counts for this in an MTU of 1500: two tags, 24 bytes of the wire.
  static let largest = 1500 + 22 + 24

  /// Queue q is fed by port p(q+2) with DSCP q; port p1 sends. Queues that are not given have the least weight given,
  /// so that they do not make the quanta larger.
  static func makeSwitch(_ queues: [QueueConfiguration], egress gigabits: UInt64 = 10) throws -> VirtualSwitch {
    let speeds = [BitRate.gigabits(gigabits)] + Array(repeating: BitRate.gigabits(1600), count: 8)
    var router = TestConfiguration.router(ports: 9, speeds: speeds)
    let weights = queues.compactMap { if case .dwrr(let weight) = $0.schedule { weight } else { nil } }
    let unused = QueueConfiguration(schedule: .dwrr(weight: weights.min() ?? 1))
    router.ports[0].queues = queues + Array(repeating: unused, count: QueueID.count - queues.count)
    for index in router.ports.indices { router.ports[index].mtu = 1500 }
    for index in 0..<QueueID.count { router.qos.dscpToTrafficClass[index] = TrafficClass(index) }
    var device = try VirtualSwitch(router, counts: (150_000, 2048, 64))
    device.recordsBytes = false
    return device
  }

  /// Shares are exact to 0.1 % of the wire after 1e5 frames, and over all intervals no two queues are further apart
  /// than the bound.
  ///
  /// A round is at most 21 quanta of 1546 bytes, and 1e5 frames have at least 8.4e6 bytes: to stop in the middle of a
  /// round costs a queue w(1 - w/21) quanta at most, 0.09 % of the whole.
  @Test(arguments: cases)
  func sharesFollowWeights(test: Case) throws {
    var device = try Self.makeSwitch(test.weights.map { QueueConfiguration(schedule: .dwrr(weight: $0)) })
    let sent = sendBacklog(test, frames: 100_000, to: &device)
    // Before 100 ns not every queue has its first frame.
    let departures = Array(device.run().drop { $0.start < 100_000 }.prefix(100_000))
    var bytes = [Int](repeating: 0, count: test.weights.count)
    var frames = bytes
    for departure in departures {
      bytes[departure.queue] += departure.wireSlot
      frames[departure.queue] += 1
    }
    #expect(zip(frames, sent).allSatisfy { $0 < $1 - 100 }, "every queue has something to send all the time")
    let total = Double(bytes.reduce(0, +))
    let sum = Double(test.weights.reduce(0, +))
    for (queue, weight) in test.weights.enumerated() {
      let share = Double(bytes[queue]) / total
      #expect(abs(share - Double(weight) / sum) < 0.001, "queue \(queue) has \(share)")
    }
    expectBound(departures, test)
  }

  /// |S_i/w_i - S_j/w_j| <= Q + L/w_i + L/w_j in every interval. The largest difference over all intervals is that
  /// between the highest and the lowest point of S_i/w_i - S_j/w_j since the start, so one pass looks at all of them.
  private func expectBound(_ departures: [Departure], _ test: Case) {
    for first in test.weights.indices {
      for second in 0..<first {
        let (w1, w2) = (test.weights[first], test.weights[second])
        let divisor = test.weights.reduce(0) { greatestCommonDivisor($0, $1) }
        var (difference, lowest, highest) = (0, 0, 0)
        for departure in departures where departure.queue == first || departure.queue == second {
          difference += departure.queue == first ? departure.wireSlot * w2 : -departure.wireSlot * w1
          lowest = min(lowest, difference)
          highest = max(highest, difference)
        }
        let longest = (test.sizes[first] + test.sizes[second]).max()! + 24
        let bound = Self.largest * w1 * w2 / divisor + longest * (w1 + w2)
        expect(highest - lowest <= bound, "queues \(second), \(first): \(highest - lowest) exceeds \(bound)")
      }
    }
  }

  /// Puts enough on the wires for every queue to outlast `frames` departures: how many went to which queue.
  private func sendBacklog(_ test: Case, frames: Int, to device: inout VirtualSwitch) -> [Int] {
    var random = SplitMix64(seed: 1)
    // Frames of a queue per byte of its share.
    let means = test.sizes.map { sizes in Double(sizes.reduce(0) { $0 + max(60, $1) + 24 }) / Double(sizes.count) }
    let densities = zip(test.weights, means).map { Double($0) / $1 }
    return test.weights.indices.map { queue in
      let count = Int(Double(frames) * densities[queue] / densities.reduce(0, +) * 1.1) + 300
      var header = Frame(from: "10.0.99.2", to: "10.0.1.2")
      header.dscp = UInt8(queue)
      let frame = header.udp(1, 2)
      for _ in 0..<count {
        let size = test.sizes[queue][random.below(test.sizes[queue].count)]
        device.send(frame, on: "p\(queue + 2)", at: 0, wireLength: size)
      }
      return count
    }
  }

  private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
  }
}
