import Control
import Dataplane
import Foundation
import TestSupport
import Testing

/// Random configurations under random traffic, with hosts that obey pauses: the accounts are what the queues hold, nothing
/// is left when all is over, and no lossless packet is lost where headroom suffices.
///
///     PENSTOCK_SEED=1234 swift test --filter RandomConfigurationTests
///
/// runs one of them alone, and looks at the accounts after every event.
@Suite struct RandomConfigurationTests {
  /// 2000 configurations, five times other traffic for each: 10 000 cases.
  private static let traffics = 5
  private static let chunk = 125

  /// What a run has seen, so that a test which tests nothing is noticed.
  private struct Seen {
    var xoffs: UInt64 = 0
    var events = 0
    var strict = 0
    var clean = 0
    var drops: [DropReason: UInt64] = [:]
    var marks: UInt64 = 0
    var storms: UInt64 = 0
    var inHeadroom = 0
  }

  private static var alone: UInt64? {
    ProcessInfo.processInfo.environment["PENSTOCK_SEED"].flatMap { UInt64($0) }
  }

  @Test("Random configurations and traffic", arguments: 0..<16)
  func random(_ number: Int) throws {
    try run(number, slices: 1)
  }

  @Test("The same in slices: two, three, and so on", arguments: 0..<4)
  func sliced(_ number: Int) throws {
    try run(number, slices: 2 + number % 3)
  }

  private func run(_ number: Int, slices: Int) throws {
    if let seed = Self.alone {
      guard number == 0 else { return }
      var seen = Seen()
      try run(seed: seed, slices: slices, auditInterval: 1, &seen)
      return
    }
    var seen = Seen()
    for seed in (number * Self.chunk)..<((number + 1) * Self.chunk) {
      try run(seed: UInt64(seed), slices: slices, auditInterval: seed % 10 == 0 ? 1 : 16, &seen)
    }
    #expect(seen.strict > 10)
    #expect(seen.clean > 0)
    #expect(seen.xoffs > 300)
    #expect(seen.inHeadroom > 20)
    #expect(seen.marks > 100)
    // WRED drops in few configurations; a fourth as many of them in slices need not have one.
    let reasons = [DropReason.headroomFull, .ingressBuffer, .egressBuffer, .ingressDown] + (slices == 1 ? [.wred] : [])
    for reason in reasons {
      #expect(seen.drops[reason, default: 0] > 5, "\(reason.name)")
    }
    print("RandomConfigurationTests: \(seen)")
  }

  private func run(seed: UInt64, slices: Int, auditInterval: Int, _ seen: inout Seen) throws {
    var random = RandomConfiguration(seed: seed, slices: slices)
    var hosted = try HostedSwitch(random.configuration, responses: random.responses, counts: (1023, 15, 15))
    hosted.auditInterval = auditInterval
    let check = LosslessCheck(random.configuration)
    let isClean = check.errors.isEmpty && check.warnings.isEmpty
    if isClean { seen.clean += 1 }
    for number in 0..<Self.traffics {
      random.send(to: &hosted)
      hosted.run()
      if let finding = hosted.finding {
        Issue.record("PENSTOCK_SEED=\(seed), traffic \(number): \(finding)")
        return
      }
      let lost = hosted.drops(.headroomFull)
      if lost == 0 { continue }
      if random.excuse == nil {
        Issue.record("PENSTOCK_SEED=\(seed), traffic \(number): \(lost) lossless packets lost")
        return
      }
      if isClean, !random.flaps {
        Issue.record("PENSTOCK_SEED=\(seed), traffic \(number): \(lost) lossless packets lost, and no warning")
        return
      }
    }
    add(&hosted, random, &seen)
  }

  private func add(_ hosted: inout HostedSwitch, _ random: RandomConfiguration, _ seen: inout Seen) {
    seen.events += hosted.events
    if random.excuse == nil { seen.strict += 1 }
    for reason in DropReason.allCases {
      let drops = hosted.drops(reason)
      if drops > 0 { seen.drops[reason, default: 0] += drops }
    }
    let now = Tick(hosted.now)
    for slice in 0..<hosted.slices.count {
      hosted.slices.with(slice, &hosted.device) { device in
        for port in random.configuration.ports.indices {
          for number in 0..<8 {
            seen.xoffs += device.statistics(of: PFCPriority(number), on: PortID(port), at: now).txXOFF
            seen.marks += device.marking(of: QueueID(number), on: PortID(port)).marked.packets
            seen.storms += device.pauseStatistics(of: QueueID(number), on: PortID(port), at: now).storms
            if device.use(of: PriorityGroup(number), on: PortID(port)).peakHeadroomBytes > 0 { seen.inHeadroom += 1 }
          }
        }
      }
    }
  }
}
