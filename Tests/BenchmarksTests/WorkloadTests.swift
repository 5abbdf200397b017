import Dataplane
import TestSupport
import Testing
import Wire

@testable import Benchmarks

struct WorkloadTests {
  @Test(arguments: WorkloadPlan.usual)
  func plansMakeTheSameOctetsEveryTime(plan: WorkloadPlan) {
    #expect(plan.make() == plan.make())
  }

  @Test(arguments: [(WorkloadPlan.small, 60), (.medium, 252), (.large, 1082), (.ipv6, 78)])
  func framesHaveTheLengthOfTheName(plan: WorkloadPlan, length: Int) {
    let workload = plan.make()
    #expect((0..<workload.frames.count).allSatisfy { workload.frames[$0].count == length })
    #expect(workload.frames.count == 4096 && workload.flows == 4096)
    #expect(workload.frames.meanFrameBytes == Double(length + 4))
  }

  @Test func theMixIsSevenFourOne() {
    let frames = WorkloadPlan.imix.make().frames
    let lengths = Dictionary(grouping: (0..<4092).map { frames[$0].count }) { $0 }.mapValues(\.count)
    #expect(lengths == [60: 4092 / 12 * 7, 590: 4092 / 12 * 4, 1514: 4092 / 12])
  }

  @Test func writesAreWholeMessagesWithRunningSequenceNumbers() throws {
    let workload = WorkloadPlan.writes.make()
    var opcodes: [UInt32: [UInt8]] = [:]
    var sequences: [UInt32: [UInt32]] = [:]
    for index in 0..<workload.frames.count {
      var frame = Array(workload.frames[index])
      let count = frame.count
      try frame.withUnsafeMutableBytes { bytes in
        let base = try #require(bytes.baseAddress)
        let transport = try #require(BaseTransportHeader(at: base + 42, available: count - 42))
        let pair = transport.destinationQP
        opcodes[pair, default: []].append(transport.opcode.rawValue)
        sequences[pair, default: []].append(transport.packetSequenceNumber)
        let first = transport.opcode.rawValue == 0x06
        #expect(count == 14 + 20 + 8 + 12 + (first ? 16 : 0) + 4096 + 4)
        #expect(transport.ackRequest == (transport.opcode.rawValue == 0x08))
      }
    }
    #expect(opcodes.count == 128)
    // 64 KiB: a First, fourteen Middle, a Last; twice.
    let message: [UInt8] = [0x06] + Array(repeating: 0x07, count: 14) + [0x08]
    #expect(opcodes.values.allSatisfy { $0 == message + message })
    #expect(sequences.values.allSatisfy { $0 == (0..<32).map { UInt32($0) } })
  }

  @Test(arguments: [1, 7, 4096, 20_000])
  func flowsAreAsManyAsPlanned(count: Int) {
    var plan = WorkloadPlan("x", .fixed(64))
    plan.flows = count
    let workload = plan.make()
    #expect(workload.flows == count && workload.frames.count == max(4096, count))
    #expect(FlowCensus.count(in: workload.frames) == count)
  }

  @Test(arguments: [false, true])
  func everyRouteIsUsed(isIPv6: Bool) {
    var plan = isIPv6 ? WorkloadPlan.ipv6 : .small
    plan.prefixes = 5000
    plan.flows = 5000
    let workload = plan.make()
    #expect(workload.routes.count == 5000 && Set(workload.routes).count == 5000)
    let used = Set(
      (0..<workload.frames.count).map { index in
        let frame = Array(workload.frames[index])
        return isIPv6 ? Array(frame[38..<46]) : Array(frame[30..<33])
      })
    #expect(used.count == 5000)
  }

  @Test func zipfFollowsItsLaw() {
    let zipf = Zipf(4, exponent: 1)
    // 1, 1/2, 1/3, 1/4 of 25/12: borders at 0.48, 0.72, 0.88.
    #expect(
      [0, 0.479, 0.481, 0.719, 0.721, 0.879, 0.881, 0.999].map { zipf.number(at: $0) } == [0, 0, 1, 1, 2, 2, 3, 3])
    var random = RandomNumbers(seed: 7)
    let drawn = Zipf(1000, exponent: 1.1).draw(100_000, &random)
    let counts = Dictionary(grouping: drawn) { $0 }.mapValues(\.count)
    #expect((counts[0] ?? 0) > 2 * (counts[2] ?? 0) && drawn.allSatisfy { (0..<1000).contains($0) })
  }

  @Test func aWorkloadComesBackFromItsCapture() throws {
    let directory = try ScratchDirectory()
    let workload = WorkloadPlan.imix.make()
    try workload.write(to: directory["imix.pcap"])
    let read = try Workload.capture(directory["imix.pcap"])
    #expect(read.frames == workload.frames && read.flows == 4096 && read.name == "imix.pcap")
    #expect(read.routes.map(\.description) == ["0.0.0.0/0", "::/0"])
    try workload.frames.write(to: directory["more.pcap"], packets: 5000)
    let more = try FrameList(capture: directory["more.pcap"])
    #expect(more.count == 5000 && more[4096] == workload.frames[0])
  }

  @Test func capturesThatCannotBeUsedAreErrors() throws {
    let directory = try ScratchDirectory()
    try directory.write([], to: "empty.pcap")
    #expect(throws: BenchmarkError.self) { _ = try Workload.capture(directory["absent.pcap"]) }
    #expect(throws: BenchmarkError.self) { _ = try Workload.capture(directory["empty.pcap"]) }
    #expect(throws: BenchmarkError.self) { try WorkloadPlan.small.make().write(to: directory["no/such.pcap"]) }
  }
}
