import Dataplane
import Foundation
import Testing

@testable import Benchmarks

/// Peers as they are installed, for a moment each: they forward, they are counted, and nothing is left of them.
@Suite(.serialized)
struct RealPeerTests {
  private static let job = ForwardingJob(
    workload: WorkloadPlan.small.make(), capture: "", cpus: [MeasuringCPU.last], control: MeasuringCPU.first)

  /// Starts a forwarder, gives it a turn, ends it.
  private func check(_ forwarder: any Forwarder) throws {
    let names = RealPeerTests.interfaces()
    let site = try PeerSite()
    defer { site.close() }
    var job = RealPeerTests.job
    job.capture = "\(site.directory)/workload.pcap"
    try job.workload.write(to: job.capture)
    let running = try forwarder.start(job, on: site)
    let sample = try running.measure(.init(warmUp: 0.01, seconds: 0.05), frame: 64)
    #expect(sample.packets > 0)
    #expect(sample.bytes == sample.packets * 64)
    #expect(sample.nanoseconds >= 50_000_000)
    site.close()
    #expect(!FileManager.default.fileExists(atPath: site.directory))
    #expect(RealPeerTests.mentions(site.directory).isEmpty)
    #expect(RealPeerTests.interfaces() == names)
  }

  /// Processes whose command line names something.
  private static func mentions(_ text: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { Int($0) != nil && $0 != "\(getpid())" }.filter { name in
      let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
      return String(decoding: words, as: UTF8.self).contains(text)
    }
  }

  private static func interfaces() -> Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")) ?? [])
  }

  @Test(.enabled(if: Testpmd.absence == nil), arguments: Testpmd.Mode.allCases)
  func testpmd(mode: Testpmd.Mode) throws { try check(Testpmd(mode: mode)) }

  @Test(.enabled(if: OpenVSwitch().absence == nil && geteuid() == 0))
  func openVSwitch() throws { try check(OpenVSwitch()) }

  @Test(.enabled(if: LinuxRouter().absence == nil))
  func linux() throws { try check(LinuxRouter()) }

  @Test(arguments: [FeatureLevel.forward, .lossless])
  func penstock(level: FeatureLevel) throws { try check(PenstockForwarder(level: level)) }

  @Test(
    "live devices, through penstock and through testpmd",
    .enabled(if: LivePlace.allCases.allSatisfy { LiveForwarder(place: $0, device: .testpmd).absence == nil }),
    arguments: LivePlace.allCases, [LiveForwarder.Switch.penstock, .testpmd])
  func live(place: LivePlace, device: LiveForwarder.Switch) throws {
    try check(LiveForwarder(place: place, device: device))
  }

  @Test("a peer that cannot do what it is told is named, with what it said", .enabled(if: Testpmd.absence == nil))
  func failure() throws {
    let site = try PeerSite()
    let arguments = TestpmdArguments(
      devices: ["net_nothing0"], mode: "io", worker: MeasuringCPU.last, control: MeasuringCPU.first,
      hasHugepages: false)
    #expect {
      // It may answer for a moment before it ends.
      let running = try TestpmdProcess("testpmd io", arguments, on: site)
      try running.process.wait(60, for: "it forwarded anything") { false }
    } throws: {
      "\($0)".contains("testpmd io ended before")
    }
  }
}

/// The CPUs that tests may use.
private enum MeasuringCPU {
  static let first = Environment.allowedCPUs[0]
  static let last = Environment.allowedCPUs.last ?? 0
}
