import Dataplane
import TestSupport
import Testing

@testable import Conformance

/// All cases for configurations that nobody thought of.
@Suite struct RandomLaboratoryTests {
  /// A configuration whose every part is drawn from a seed. Headroom is each group's own, so that nothing may be lost.
  static func configuration(seed: UInt64) -> SwitchConfiguration {
    var random = SplitMix64(seed: seed &* 7919)
    func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
    func sometimes() -> Bool { below(3) == 0 }
    var leaf = SwitchConfiguration()
    leaf.qos = .roce
    if sometimes() {
      leaf.qos.trafficClassToPriorityGroup = (0..<8).map { PriorityGroup(pick([$0, $0, $0 + 1])) }
      leaf.qos.pfcPriorityToPriorityGroup = (0..<8).map { PriorityGroup(pick([$0, $0 + 1])) }
    }
    let kinds = (0..<2).map { _ in
      (
        speed: pick([10, 25, 40, 50, 56, 100, 200, 400, 800] as [UInt64]),
        cable: pick([0, 1, 3000, 40_000, 300_000] as [UInt64]), mtu: pick([600, 1500, 9216])
      )
    }
    for number in 0..<3 + below(4) {
      let kind = kinds[number % kinds.count]
      var port = PortConfiguration(name: "p\(number)", speed: .gigabits(kind.speed))
      port.cable = CableLength(millimetres: kind.cable)
      port.mtu = kind.mtu
      port.queues = leaf.qos.queues
      leaf.ports.append(port)
    }
    func size(_ most: Int) -> ByteCount { ByteCount(UInt64(below(most))) }
    leaf.buffer.cell = ByteCount(pick([64, 80, 208, 256, 1024]))
    leaf.buffer.lossless.threshold = sometimes() ? .fixed(size(2_000_000)) : .dynamic(log2Alpha: below(16) - 8)
    leaf.buffer.lossy.threshold = sometimes() ? .fixed(size(2_000_000)) : .dynamic(log2Alpha: below(16) - 8)
    leaf.buffer.egress.threshold = .dynamic(log2Alpha: below(16) - 8)
    if sometimes() { leaf.buffer.lossless.reserve = size(20_000) }
    if sometimes() { leaf.buffer.lossy.reserve = size(8000) }
    if sometimes() { leaf.buffer.portReserve = size(20_000) }
    if sometimes() { leaf.buffer.egress.reserve = size(5000) }
    if sometimes() { leaf.buffer.lossless.xonOffset = size(100_000) }
    if sometimes() { leaf.buffer.lossless.xon = size(50_000) }
    if sometimes() {
      leaf.buffer.pools = SharedPools(lossless: ByteCount(5_000_000), lossy: ByteCount(3_000_000))
    }
    // What is set aside, and 8 MB to share.
    let layout = BufferLayout(leaf)
    leaf.buffer.size = ByteCount((layout.reservedCells + layout.headroomCells) * layout.cell + 8_000_000)
    if sometimes() { leaf.pause.mode = .link }
    if sometimes() { leaf.pause.response = .standard }
    if sometimes() { leaf.pause.quanta = UInt16(20_000 + below(40_000)) }
    return leaf
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func everyCasePasses(seed: UInt64) throws {
    for one in ConformancePlan(Self.configuration(seed: seed)).cases {
      let result = try one.run()
      for check in result.checks where !check.isMet {
        Issue.record(
          "seed \(seed), \(one.name), \(check.quantity): expected \(check.expected) \(check.unit), measured \(check.measured)"
        )
      }
    }
  }
}
