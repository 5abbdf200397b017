import CShims
import Dataplane
import Drivers
import Testing

@testable import Benchmarks

struct ProbePlanTests {
  @Test func gapsAreThoseOfAPoissonProcess() {
    let gaps = ProbePlan.gaps(seed: 1)
    #expect(gaps.count == ProbePlan.period)
    let mean = gaps.reduce(0.0) { $0 + Double($1) } / Double(gaps.count)
    #expect(abs(mean - 1024) < 1)
    // Of the exponential distribution a part of 1/e is longer than the mean, and the standard deviation is the mean.
    let longer = Double(gaps.filter { $0 > 1024 }.count) / Double(gaps.count)
    #expect(abs(longer - 0.3679) < 0.001)
    let variance = gaps.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(gaps.count)
    #expect(abs(variance.squareRoot() / mean - 1) < 0.01)
    // Neighbours are independent, and another seed gives another order of the same gaps.
    let products = zip(gaps, gaps.dropFirst()).reduce(0.0) { $0 + (Double($1.0) - mean) * (Double($1.1) - mean) }
    #expect(abs(products / Double(gaps.count) / variance) < 0.06)
    let other = ProbePlan.gaps(seed: 2)
    #expect(other != gaps && other.sorted() == gaps.sorted())
    #expect(ProbePlan.gaps(seed: 1) == gaps)
  }

  @Test func classesHaveTheirShares() {
    let order = ProbePlan.order(seed: 5)
    #expect(order.count == ProbePlan.period)
    for one in ProbeClass.allCases {
      #expect(order.filter { $0 == one }.count == one.tenths * ProbePlan.period / 10)
    }
    #expect(ProbeClass.allCases.reduce(0) { $0 + $1.tenths } == 10)
  }

  @Test(arguments: [(ProbeClass.strict, 48), (.lossless, 26), (.bestEffort, 0)] as [(ProbeClass, UInt8)])
  func flowsAreOfTheirClass(one: ProbeClass, dscp: UInt8) {
    for index in 0..<ProbePlan.flows {
      #expect(one.flow(index).dscp == dscp)
      #expect(RoCEFrame(flow: one.flow(index), isIPv6: false).sendOnly(length: 124, sequence: 0).count == 124)
    }
    #expect(Set((0..<ProbePlan.flows).map { one.flow($0).queuePair }).count == ProbePlan.flows)
  }
}

/// The probe without a switch: what it sends comes back by a wire within the process.
@Suite(.serialized)
struct LatencyProbeTests {
  @Test func allFramesComeBackAndAreMeasured() throws {
    let memory = UnsafeMutablePointer<PacketMemory>.allocate(capacity: 1)
    memory.initialize(to: try PacketMemory(counts: (16_384, 1024, 64)))
    defer {
      memory.deinitialize(count: 1)
      memory.deallocate()
    }
    let (source, sink) = (
      try Device(try DeviceAddress("ring:probetest,ring=4096"), memory: memory.pointee),
      try Device(try DeviceAddress("ring:probetest,ring=4096"), memory: memory.pointee)
    )
    try source.start()
    try sink.start()
    defer {
      source.close()
      sink.close()
    }
    var probe = LatencyProbe(
      ProbePlan(rate: 20_000, warmUp: 0.02, seconds: 0.2, seed: 3), source: source.port, sink: sink.port,
      memory: memory)
    probe.run()
    let result = probe.result
    // 20 000 a second for 0.2 s; Poisson, so give or take four standard deviations.
    let sent = result.classes.reduce(0) { $0 + $1.sent }
    #expect(abs(Double(sent) - 4000) < 4 * 63.3)
    for one in result.classes {
      #expect(one.received == one.sent && one.lost == 0)
      #expect(one.latency.count == one.received)
      #expect(one.jitter.count == one.received - 1)
      #expect(one.latency.quantile(0) > 0)
    }
    #expect(result.refused == 0)
    #expect(result.lateness.count == sent)
  }

  @Test func whatTheDeviceDoesNotTakeIsLost() throws {
    let memory = UnsafeMutablePointer<PacketMemory>.allocate(capacity: 1)
    memory.initialize(to: try PacketMemory(counts: (16_384, 1024, 64)))
    defer {
      memory.deinitialize(count: 1)
      memory.deallocate()
    }
    let source = try Device(try DeviceAddress("ring:fulltest,ring=64"), memory: memory.pointee)
    let other = try Device(try DeviceAddress("ring:fulltest,ring=64"), memory: memory.pointee)
    let silent = try Device(try DeviceAddress("null:"), memory: memory.pointee)
    for device in [source, other, silent] { try device.start() }
    defer { for device in [silent, other, source] { device.close() } }
    var probe = LatencyProbe(
      ProbePlan(rate: nil, warmUp: 0, seconds: 0.02, seed: 3), source: source.port, sink: silent.port, memory: memory)
    probe.run()
    let result = probe.result
    // Nobody takes anything out of the ring, and one of its places stays empty.
    #expect(result.classes.allSatisfy { $0.received == 0 && $0.latency.quantiles == nil })
    let sent = result.classes.reduce(0) { $0 + $1.sent }
    #expect(sent > 63 && result.refused == sent - 63)
  }
}
