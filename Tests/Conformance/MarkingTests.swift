import Dataplane
import TestSupport
import Testing

/// Congestion marking against the curve of its profile: fabric model 2.6.7.
///
/// Frames of 1024 bytes gather behind a pause, and leave at its end: the i-th of k leaves k - i behind. Packets come in
/// on p1, much faster, and leave from p2.
@Suite("Congestion marking")
struct MarkingTests {
  static let size = 1024

  /// How a queue is filled and what it does.
  struct Setup {
    var profile: ECNProfile
    var seed: UInt64 = 1
    var isLossless = true
    var queue = 3
  }

  static func profile(_ kmin: UInt64, _ kmax: UInt64, percent: UInt32) -> ECNProfile {
    ECNProfile(
      kmin: ByteCount(kmin), kmax: ByteCount(kmax), pmax: Probability(partsPerMillion: percent * 10_000))
  }

  static func frame(queue: Int, ecn: UInt8) -> [UInt8] {
    var frame = Frame(from: "10.0.99.2", to: "10.0.2.2")
    frame.dscp = UInt8(queue)
    frame.ecn = ecn
    return frame.udp(1000, 2000, size: 64)
  }

  /// A link-level PAUSE holds lossy queues too.
  private static func makeSwitch(_ setup: Setup) throws -> VirtualSwitch {
    var configuration = TestConfiguration.classes(
      ports: 3, gigabits: [1600, 100, 1600], lossless: setup.isLossless ? [setup.queue] : [])
    configuration.ports[1].queues[setup.queue].ecn = setup.profile
    configuration.pause.mode = .link
    configuration.seed = setup.seed
    return try VirtualSwitch(configuration, counts: (16_384, 64, 64))
  }

  /// ECN codepoints of k frames in the order in which they leave.
  private static func run(_ setup: Setup, _ codepoints: [UInt8], others: Int = 0) throws -> [UInt8] {
    var device = try makeSwitch(setup)
    return codepointsOfQueue(setup.queue, &device, codepoints, others: others)
  }

  private static func codepointsOfQueue(
    _ queue: Int, _ device: inout VirtualSwitch, _ codepoints: [UInt8], others: Int = 0
  ) -> [UInt8] {
    let begin = device.now
    device.send(Frame.linkPause(65_535), on: "p2", at: begin)
    for ecn in codepoints {
      device.send(frame(queue: queue, ecn: ecn), on: "p1", at: begin + 100_000, wireLength: size)
    }
    for _ in 0..<others { device.send(frame(queue: 1, ecn: 2), on: "p3", at: begin + 100_000, wireLength: size) }
    device.send(Frame.linkPause(0), on: "p2", at: begin + 300_000_000)
    return device.run().filter { $0.queue == queue }.map { Frame.ipHeader(of: $0.bytes)?.ecn ?? 0xFF }
  }

  /// The curve, from its definition.
  static func probability(_ bytes: Int, _ profile: ECNProfile) -> Double {
    let (kmin, kmax) = (Double(profile.kmin.bytes), Double(profile.kmax.bytes))
    let (bytes, pmax) = (Double(bytes), Double(profile.pmax.partsPerMillion) / 1e6)
    return bytes <= kmin ? 0 : bytes > kmax ? 1 : pmax * (bytes - kmin) / (kmax - kmin)
  }

  /// Compares marks with the curve: exact where it is flat, |z| < 4 in each of ten pieces of the slope, and over all.
  static func expectCurve(
    _ marks: [(bytes: Int, isMarked: Bool)], _ profile: ECNProfile, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (kmin, kmax) = (Int(profile.kmin.bytes), Int(profile.kmax.bytes))
    let below = marks.filter { $0.bytes <= kmin }
    let above = marks.filter { $0.bytes > kmax }
    #expect(!below.isEmpty && !above.isEmpty, sourceLocation: sourceLocation)
    #expect(below.allSatisfy { !$0.isMarked }, "marked up to Kmin", sourceLocation: sourceLocation)
    #expect(above.allSatisfy { $0.isMarked }, "not marked above Kmax", sourceLocation: sourceLocation)
    let slope = marks.filter { $0.bytes > kmin && $0.bytes <= kmax }
    var pieces = [slope]
    for piece in 0..<10 {
      pieces.append(slope.filter { 10 * ($0.bytes - kmin - 1) / max(1, kmax - kmin) == piece })
    }
    for (index, piece) in pieces.enumerated() {
      let chances = piece.map { probability($0.bytes, profile) }
      let expected = chances.reduce(0, +)
      let variance = chances.reduce(0) { $0 + $1 * (1 - $1) }
      let marked = Double(piece.filter(\.isMarked).count)
      if variance < 1 {
        expect(abs(marked - expected) < 5, "piece \(index): \(marked), not \(expected)", sourceLocation: sourceLocation)
      } else {
        let z = (marked - expected) / variance.squareRoot()
        expect(
          abs(z) < 4, "piece \(index): \(marked) marks, \(expected) expected, z = \(z)", sourceLocation: sourceLocation)
      }
    }
  }

  /// The public test of the Broadcom DNX profile (sonic-mgmt), and both ends of the range.
  @Test("At dequeue, by what is left behind", arguments: [0, 5, 25, 50, 75, 100] as [UInt32])
  func dequeue(percent: UInt32) throws {
    let profile = Self.profile(800_000, 2_000_000, percent: percent)
    var marks: [(bytes: Int, isMarked: Bool)] = []
    for seed: UInt64 in 1...8 {
      let left = try Self.run(Setup(profile: profile, seed: seed), Array(repeating: 2, count: 2400))
      #expect(left.count == 2400)
      marks += left.enumerated().map { ((2399 - $0.offset) * Self.size, $0.element == 3) }
    }
    Self.expectCurve(marks, profile)
    if percent == 0 { #expect(marks.allSatisfy { $0.isMarked == ($0.bytes > 2_000_000) }) }
  }

  @Test("At enqueue, by what is found", arguments: [0, 5, 50, 100] as [UInt32])
  func enqueue(percent: UInt32) throws {
    var profile = Self.profile(800_000, 2_000_000, percent: percent)
    profile.moment = .enqueue
    var marks: [(bytes: Int, isMarked: Bool)] = []
    for seed: UInt64 in 1...8 {
      let left = try Self.run(Setup(profile: profile, seed: seed), Array(repeating: 1, count: 2400))
      marks += left.enumerated().map { ($0.offset * Self.size, $0.element == 3) }
    }
    Self.expectCurve(marks, profile)
  }

  @Test("Kmin = Kmax is a step: exactly there not, a byte above always", arguments: MarkingMoment.allCases)
  func step(moment: MarkingMoment) throws {
    for (threshold, first) in [(100 * 1024, 101), (100 * 1024 - 1, 100), (0, 1)] as [(UInt64, Int)] {
      var profile = Self.profile(threshold, threshold, percent: 50)
      profile.moment = moment
      let left = try Self.run(Setup(profile: profile), Array(repeating: 2, count: 300))
      // Positions by what is left behind, or found: n frames.
      let byFrames = moment == .dequeue ? Array(left.reversed()) : left
      #expect(byFrames.enumerated().allSatisfy { ($0.element == 3) == ($0.offset >= first) }, "\(threshold)")
    }
  }

  @Test("ECT(0) and ECT(1) are marked, CE stays, Not-ECT is untouched; each is counted for what it is")
  func codepoints() throws {
    let setup = Setup(profile: Self.profile(0, 0, percent: 100))
    var device = try Self.makeSwitch(setup)
    let sent = (0..<400).map { UInt8($0 % 4) }
    let left = Self.codepointsOfQueue(3, &device, sent)
    // The last leaves nothing behind: 399 is CE already.
    let wanted = sent.enumerated().map { $0.offset == 399 || $0.element == 0 ? $0.element : 3 }
    #expect(left == wanted)
    let counted = device.device.marking(of: QueueID(3), on: device.port("p2"))
    #expect(counted.marked.packets == 200 && counted.marked.bytes == 200 * 1024)
    #expect(counted.arrivedCE == 100 && counted.notCapable == 100 && counted.wredDrops == 0)
    #expect(device.device.marking(of: QueueID(0), on: device.port("p2")).marked.packets == 0)
  }

  @Test("The same seed makes the same marks, another seed others")
  func seeds() throws {
    let profile = Self.profile(0, 2_000_000, percent: 50)
    let codepoints = [UInt8](repeating: 2, count: 1500)
    let first = try Self.run(Setup(profile: profile, seed: 7), codepoints)
    #expect(try Self.run(Setup(profile: profile, seed: 7), codepoints) == first)
    var seen: Set<[UInt8]> = [first]
    for seed: UInt64 in 8..<16 {
      let other = try Self.run(Setup(profile: profile, seed: seed), codepoints)
      #expect(seen.insert(other).inserted)
      // Independent: they agree by chance only, p^2 + (1 - p)^2 of the time.
      let (agreed, expected, variance) = Self.agreement(first, other, profile)
      #expect(abs(agreed - expected) < 4 * variance.squareRoot())
    }
    // Two queues of one switch have streams of their own.
    var setup = Setup(profile: profile, seed: 7)
    setup.queue = 4
    #expect(try Self.run(setup, codepoints) != first)
  }

  private static func agreement(
    _ first: [UInt8], _ second: [UInt8], _ profile: ECNProfile
  ) -> (agreed: Double, expected: Double, variance: Double) {
    var (agreed, expected, variance) = (0.0, 0.0, 0.0)
    for index in first.indices {
      let chance = probability((first.count - 1 - index) * size, profile)
      let same = chance * chance + (1 - chance) * (1 - chance)
      if first[index] == second[index] { agreed += 1 }
      expected += same
      variance += same * (1 - same)
    }
    return (agreed, expected, variance)
  }

  @Test("What a queue marks does not depend on the traffic of another")
  func independence() throws {
    let setup = Setup(profile: Self.profile(100_000, 1_000_000, percent: 30))
    let codepoints = [UInt8](repeating: 2, count: 1000)
    #expect(try Self.run(setup, codepoints) == Self.run(setup, codepoints, others: 700))
  }

  /// A queue that drops does not get longer by what it drops: each packet is judged by what was accepted before it.
  @Test("WRED drops Not-ECT packets of lossy queues with the same curve", arguments: MarkingMoment.allCases)
  func wred(moment: MarkingMoment) throws {
    var profile = Self.profile(200_000, 1_000_000, percent: 40)
    profile.dropsNotCapable = true
    profile.moment = moment
    var setup = Setup(profile: profile, seed: 1, isLossless: false, queue: 0)
    var (expected, variance, drops) = (0.0, 0.0, 0.0)
    for seed: UInt64 in 1...4 {
      setup.seed = seed
      var device = try Self.makeSwitch(setup)
      // Above Kmax nothing is accepted: the queue ends at 1 000 000 bytes, which is 977 frames.
      let left = Self.codepointsOfQueue(0, &device, Array(repeating: 0, count: 3000))
      let counted = device.device.marking(of: QueueID(0), on: device.port("p2"))
      #expect(left.allSatisfy { $0 == 0 } && left.count == 977)
      #expect(counted.wredDrops == 3000 - 977 && counted.marked.packets == 0)
      #expect(device.drops(.wred, on: "p2") == 3000 - 977)
      _ = device.run()
    }
    // Up to 700 frames arrive, so that none sees Kmax: the sum over the arrivals is a martingale.
    for seed: UInt64 in 11...18 {
      setup.seed = seed
      var device = try Self.makeSwitch(setup)
      device.device.recordsEndings = true
      _ = Self.codepointsOfQueue(0, &device, Array(repeating: 0, count: 900))
      let dropped = Set(
        (0..<device.device.endingCount).map { device.device.ending($0) }.filter { $0.dropReason == .wred }.map(\.number)
      )
      // The pause frame is the first to arrive.
      var accepted = 0
      for number: UInt64 in 1...900 {
        let chance = Self.probability(accepted * Self.size, profile)
        expected += chance
        variance += chance * (1 - chance)
        if dropped.contains(number) { drops += 1 } else { accepted += 1 }
      }
    }
    let z = (drops - expected) / variance.squareRoot()
    #expect(abs(z) < 4, "\(drops) drops, \(expected) expected")
  }

  @Test("A lossless queue drops nothing by WRED, and counts what it chose once", arguments: MarkingMoment.allCases)
  func losslessNeverDrops(moment: MarkingMoment) throws {
    var profile = Self.profile(0, 0, percent: 100)
    profile.dropsNotCapable = true
    profile.moment = moment
    var device = try Self.makeSwitch(Setup(profile: profile))
    let left = Self.codepointsOfQueue(3, &device, Array(repeating: 0, count: 500))
    let counted = device.device.marking(of: QueueID(3), on: device.port("p2"))
    #expect(left == Array(repeating: 0, count: 500))
    #expect(counted.wredDrops == 0 && counted.notCapable == 499)
  }

  @Test("What the buffer does not admit was not marked either")
  func notAdmitted() throws {
    var profile = Self.profile(0, 0, percent: 100)
    profile.moment = .enqueue
    var configuration = TestConfiguration.classes(ports: 3, gigabits: [1600, 100, 1600], lossless: [])
    configuration.ports[1].queues[0].ecn = profile
    configuration.pause.mode = .link
    configuration.buffer.egress.threshold = .fixed(ByteCount(100 * 1024))
    var device = try VirtualSwitch(configuration)
    let left = Self.codepointsOfQueue(0, &device, Array(repeating: 2, count: 300))
    #expect(left == [2] + Array(repeating: 3, count: 99))
    #expect(device.device.marking(of: QueueID(0), on: device.port("p2")).marked.packets == 99)
    #expect(device.drops(.egressBuffer, on: "p2") == 200)
  }
}
