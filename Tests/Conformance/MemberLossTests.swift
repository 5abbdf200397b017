import Dataplane
import TestSupport
import Testing

/// What moves when next hops come and go, and when flowlets move.
@Suite struct MemberLossTests {
  typealias Sharing = LoadSharingTests

  /// Only flows of the lost member move, to all others by weight; when it is back every flow is where it was.
  @Test(arguments: [[1, 1, 1, 1], [40, 30, 20, 10], [3, 1]] as [[UInt32]])
  func onlyFlowsOfTheLostMemberMove(weights: [UInt32]) throws {
    var device = try VirtualSwitch(Sharing.configuration(weights: weights))
    device.recordsBytes = false
    let flows = Sharing.flows(20_000, seed: 21)
    let before = Sharing.members(of: flows, in: &device)
    for lost in weights.indices {
      device.setPort("p\(lost + 2)", isUp: false)
      let during = Sharing.members(of: flows, in: &device)
      #expect(zip(before, during).allSatisfy { $0 == lost ? $1 != lost && $1 != nil : $0 == $1 }, "without \(lost)")
      let moved = Sharing.counts(zip(before, during).filter { $0.0 == lost }.map(\.1), of: weights.count)
      var remaining = weights
      remaining[lost] = 0
      // Two degrees of freedom with three members left, at 1e-4; where one is left all go there.
      #expect(Sharing.chiSquare(moved, weights: remaining) < (weights.count == 4 ? 18.42 : 1e-9), "\(moved)")
      device.setPort("p\(lost + 2)", isUp: true)
      #expect(Sharing.members(of: flows, in: &device) == before, "with \(lost) again")
    }
  }

  /// With two members lost the others' flows still stay; when both are back the shares are what they were. (Flows may
  /// be elsewhere: a member that returns takes the fewest entries, not always those that were its own.)
  @Test(arguments: [["p2", "p4"], ["p4", "p2"]])
  func lossesAddUp(returns: [String]) throws {
    var device = try VirtualSwitch(Sharing.configuration(weights: [4, 3, 2, 1]))
    let flows = Sharing.flows(5000, seed: 22)
    let shares = device.device.memberStatistics(ofGroup: 0).map(\.achievedShare)
    device.setPort("p2", isUp: false)
    let one = Sharing.members(of: flows, in: &device)
    device.setPort("p4", isUp: false)
    let two = Sharing.members(of: flows, in: &device)
    #expect(zip(one, two).allSatisfy { $0 == 2 || $0 == $1 })
    #expect(two.allSatisfy { $0 == 1 || $0 == 3 })
    var last = two
    for port in returns {
      device.setPort(port, isUp: true)
      let now = Sharing.members(of: flows, in: &device)
      let member = port == "p2" ? 0 : 2
      let gained = zip(last, now).count { $0 != $1 && $1 == member }
      #expect(gained == now.count { $0 == member }, "the member that returns takes from others and gives nothing")
      last = now
    }
    #expect(device.device.memberStatistics(ofGroup: 0).map(\.achievedShare) == shares)
  }

  @Test func allLostIsACountedDrop() throws {
    var configuration = Sharing.configuration(weights: [1, 1])
    configuration.icmpRatePerSecond = 0
    var device = try VirtualSwitch(configuration)
    let flows = Sharing.flows(10, seed: 23)
    let before = Sharing.members(of: flows, in: &device)
    for port in ["p2", "p3"] { device.setPort(port, isUp: false) }
    #expect(Sharing.members(of: flows, in: &device).allSatisfy { $0 == nil })
    #expect(device.drops(.noNextHop, on: "p1") == 10)
    for port in ["p3", "p2"] { device.setPort(port, isUp: true) }
    #expect(Sharing.members(of: flows, in: &device) == before)
  }

  /// A flow stays where it is for as long as its pauses do not exceed the gap; after longer ones it may move, and
  /// then divides by weight.
  @Test func flowletsMoveOnlyAfterTheGap() throws {
    var configuration = Sharing.configuration(weights: [1, 1, 1, 1])
    configuration.ecmp.mode = .flowlet
    configuration.ecmp.flowletGap = .microseconds(10)
    var device = try VirtualSwitch(configuration)
    let flows = Sharing.flows(20, seed: 24)
    for flow in flows {
      let train = Array(repeating: flow, count: 200)
      // The switch sees a packet when its last bit is in, so that gaps are those of the starts.
      let steady = Sharing.members(of: train, in: &device, gap: 10_000_000)
      #expect(steady.allSatisfy { $0 == steady[0] }, "pauses as long as the gap")
    }
    let pausing = Sharing.members(of: Array(repeating: flows[0], count: 4000), in: &device, gap: 10_000_001)
    let counts = Sharing.counts(pausing, of: 4)
    #expect(Sharing.chiSquare(counts, weights: [1, 1, 1, 1]) < 21.11, "\(counts)")
    // Independent choices repeat one time in four: 1000 of 4000, standard deviation 27.
    let repeats = zip(pausing, pausing.dropFirst()).count { $0 == $1 }
    #expect(abs(repeats - 1000) < 110, "\(repeats)")
  }

  /// A pause of one flow does not move another.
  @Test func flowletsAreIndependent() throws {
    var configuration = Sharing.configuration(weights: [1, 1, 1, 1])
    configuration.ecmp.mode = .flowlet
    configuration.ecmp.flowletGap = .microseconds(10)
    var device = try VirtualSwitch(configuration)
    let flows = Sharing.flows(2, seed: 25)
    var frames: [[UInt8]] = []
    for index in 0..<600 { frames.append(index % 4 == 3 ? flows[1] : flows[0]) }
    // Flow 0 pauses for 8 us at most, flow 1 for 16.
    let members = Sharing.members(of: frames, in: &device, gap: 4_000_000)
    let steady = members.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
    #expect(steady.allSatisfy { $0 == steady[0] })
    let pausing = members.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
    #expect(Set(pausing).count == 4)
  }
}
