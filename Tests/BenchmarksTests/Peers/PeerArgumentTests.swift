import Control
import Foundation
import TestSupport
import Testing

@testable import Benchmarks

/// What peers, and penstock as one of them, are told.
struct PeerArgumentTests {
  private let job = ForwardingJob(
    workload: WorkloadPlan.small.make(), capture: "/tmp/w.pcap", cpus: [3], control: 0)

  @Test func testpmdWithoutHugepages() {
    let words = TestpmdArguments(
      devices: ["net_null0,no-rx=1"], mode: "io", worker: 3, control: 0, hasHugepages: false, packets: 16_384
    ).words
    #expect(words.contains("--lcores=0@0,1@3"))
    #expect(words.contains("--vdev=net_null0,no-rx=1"))
    #expect(words.contains("--forward-mode=io"))
    #expect(words.contains("--no-huge"))
    #expect(!words.contains("--in-memory"))
    // 16384 packets of 2 KiB and what surrounds them do not fit into 37 MB, and need no gigabyte.
    let megabytes = words.firstIndex(of: "-m").flatMap { Int(words[$0 + 1]) }
    #expect((48...512).contains(megabytes ?? 0))
  }

  @Test func testpmdWithHugepagesAndLargeFrames() {
    let words = TestpmdArguments(
      devices: [], mode: "5tswap", worker: 1, control: 0, hasHugepages: true, packets: 16_384, mtu: 9216
    ).words
    #expect(words.contains("--in-memory") && !words.contains("--no-huge"))
    #expect(words.contains("--max-pkt-len=9234"))
    #expect(words.contains("--mbuf-size=9362"))
  }

  @Test func openVSwitchForwardsOnTheMeasuredCPUAlone() {
    var job = job
    job.cpus = [2, 3]
    let settings = OpenVSwitch.settings(job, hasHugepages: false)
    #expect(settings.contains("other_config:pmd-cpu-mask=0xc"))
    #expect(settings.contains("other_config:dpdk-lcore-mask=0x1"))
    #expect(settings.contains { $0.contains("--legacy-mem --no-huge") })
    #expect(!OpenVSwitch.settings(job, hasHugepages: true).contains { $0.contains("no-huge") })
  }

  @Test func weightsAreThoseOfTheSwitchThatTheyAreComparedWith() {
    let group = OpenVSwitch.flows[1][1]
    for (port, weight) in [(1, 4), (2, 3), (3, 2), (4, 1)] {
      #expect(group.contains("bucket=weight:\(weight),"))
      #expect(group.contains("output:s\(port)"))
    }
    #expect(group.contains("selection_method=dp_hash") && group.contains("dec_ttl"))
    let script = LinuxRouter.script(job)
    #expect(script.contains("via 10.128.4.2 dev s1 weight 4"))
    #expect(script.contains("echo 8 > /sys/class/net/in/queues/rx-0/rps_cpus"))
    #expect(script.split(separator: "\n").filter { $0.contains("weight") }.count == 16)
  }

  @Test("penstock accepts what it is told", arguments: FeatureLevel.allCases, [true, false])
  func configurationIsValid(level: FeatureLevel, isIPv6: Bool) throws {
    var plan = WorkloadPlan.small
    plan.isIPv6 = isIPv6
    let configuration = PenstockConfiguration(
      input: "pcap:in=/tmp/w.pcap,endless", outputs: Array(repeating: "null:", count: 4), level: level,
      routes: plan.make().routes, outputSpeed: "2840M")
    let directory = try ScratchDirectory()
    let path = try directory.write(configuration.text(routeFile: nil), to: "bench.yaml")
    let loaded = try ConfigurationLoader().load(path: path)
    #expect(loaded.configuration.ports.count == 5)
    #expect(loaded.configuration.routes.count == 16)
    #expect(loaded.configuration.ports[1].speed.bitsPerSecond == 2_840_000_000)
    #expect(loaded.configuration.ports[1].queues[3].isLossless == (level == .lossless || level == .busy))
    let groups = loaded.configuration.nextHopGroups
    #expect(groups.allSatisfy { $0.members.map(\.weight) == [4, 3, 2, 1] })
  }

  @Test func manyRoutesAreInAFile() throws {
    var plan = WorkloadPlan.small
    plan.prefixes = 1000
    let configuration = PenstockConfiguration(
      input: "null:64", outputs: ["null:"], level: .forward, routes: plan.make().routes)
    let directory = try ScratchDirectory()
    let routes = try directory.write(configuration.routeLines, to: "routes")
    let path = try directory.write(configuration.text(routeFile: routes), to: "bench.yaml")
    #expect(try ConfigurationLoader().load(path: path).configuration.routes.count == 1000)
  }

  @Test func capturesOfOthersAreAddressedToTheSwitch() {
    var frames = FrameList()
    frames.append([0x00, 0x11, 0x22, 0x33, 0x44, 0x55] + Array(repeating: 7, count: 54))
    frames.append([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + Array(repeating: 7, count: 54))
    let workload = Workload(name: "x", frames: frames, flows: 1, routes: []).readdressed()
    #expect(Array(workload.frames[0]) == [2, 0, 0, 0, 0, 1] + Array(repeating: 7, count: 54))
    #expect(workload.frames[1] == frames[1])
  }

  @Test("each place names two devices a side, and its ends fit", arguments: LivePlace.allCases)
  func places(place: LivePlace) {
    let (own, peer, ends) = (place.penstock(in: "/d"), place.testpmd(in: "/d"), place.ends(in: "/d"))
    #expect(Set(own).count == 2 && Set(peer).count == 2 && Set(ends).count == 2)
    // Sockets of shared memory are the same at both ends.
    for index in 0...1 where !place.needsNetwork {
      let socket = own[index].split(separator: ":")[1]
      #expect(peer[index].contains("=\(socket),") && ends[index].contains("=\(socket),"))
    }
  }
}
