import Foundation
import Testing

@testable import Benchmarks

/// What peers say, as they said it, and what is made of it.
struct PeerOutputTests {
  @Test func telemetryOfTestpmd() {
    let answer = """
      {"/ethdev/stats":{"ipackets":93862848,"opackets":17,"ibytes":5631770880,"obytes":0,"imissed":0,"ierrors":0,\
      "oerrors":0,"rx_nombuf":0,"q_ipackets":[93862848,0],"q_opackets":[0,0]}}
      """
    #expect(DPDKTelemetry.port(in: Data(answer.utf8)) == DPDKTelemetry.Port(received: 93_862_848, sent: 17))
  }

  @Test(
    "no counters in what is none",
    arguments: [
      #"{"/ethdev/stats": null}"#, #"{"/ethdev/list": [0, 1]}"#, "", "{", #"{"/ethdev/stats":{"ipackets":-1}}"#,
    ])
  func telemetryWithoutCounters(answer: String) {
    #expect(DPDKTelemetry.port(in: Data(answer.utf8)) == nil)
  }

  @Test func interfacesOfTheKernel() {
    let text = """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier
          lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
          r1: 1234567   20576    0    3    0     0          0         0        0       0    0    0    0     0       0          0
      eth0:99999999999 18446744073709551615 0 0 0 0 0 0 5 6 0 0 0 0 0 0
      """
    #expect(InterfaceCounters.received(in: text) == ["lo": 0, "r1": 20576, "eth0": .max])
    #expect(InterfaceCounters.received(in: "").isEmpty)
  }

  @Test func versionOfOpenVSwitch() {
    #expect(OpenVSwitch.version(in: "ovs-vswitchd (Open vSwitch) 3.1.0\nDPDK 22.11.11\n") == "OVS 3.1.0")
    #expect(OpenVSwitch.version(in: "").isEmpty)
  }

  @Test func theBusiestThreadIsTheOneThatForwards() {
    let before: [Int: UInt64] = [1: 5_000_000, 2: 100, 3: 0]
    let after: [Int: UInt64] = [1: 5_100_000, 2: 750_000_100, 4: 900_000_000]
    // A thread that was not there before is not known to have run only now.
    #expect(RunningForwarder.awayShare(before, after, seconds: 1) == 0.25)
    #expect(RunningForwarder.awayShare(before, before, seconds: 1) == 1)
    #expect(RunningForwarder.awayShare([:], [:], seconds: 1) == nil)
    #expect(RunningForwarder.awayShare([1: 0], [1: 2_000_000_000], seconds: 1) == 0)
  }

  @Test func peersThatAreNotInstalledAreFoundByNoName() {
    #expect(SystemProgram("penstock-is-not-called-this") == nil)
    #expect(throws: BenchmarkError("no-such-program is not installed; `apt install some-package`")) {
      try SystemProgram.required("no-such-program", package: "some-package")
    }
    #expect(SystemProgram("sh") != nil)
  }

  @Test func whatDebianDoesNotHaveIsNamed() {
    #expect(Peers.unpackaged.map(\.name) == ["DPDK l3fwd", "FD.io VPP"])
    #expect(Peers.unpackaged.allSatisfy { !$0.reason.isEmpty })
  }
}
