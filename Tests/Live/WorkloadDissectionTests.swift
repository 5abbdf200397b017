import Benchmarks
import TestSupport
import Testing

/// The frames that benchmarks send, read by tshark and scapy.
@Suite("Workloads dissected by others", .enabled(if: Oracle.has(Oracle.files), Oracle.lacks(Oracle.files)))
struct WorkloadDissectionTests {
  private func write(_ plan: WorkloadPlan) throws -> (ScratchDirectory, String) {
    let directory = try ScratchDirectory()
    try plan.make().write(to: directory["workload.pcap"])
    return (directory, directory["workload.pcap"])
  }

  @Test("nothing is malformed, every checksum and every ICRC is right", arguments: WorkloadPlan.usual)
  func valid(plan: WorkloadPlan) throws {
    let (directory, capture) = try write(plan)
    // tshark takes a SEND without payload, which is what fits into 64 octets, for a call of RPC over RDMA that was cut
    // off. No other fault is excused, and scapy_check.py looks at all of them.
    let empty = "infiniband.bth.opcode == 4 && frame.len <= 78"
    try Oracle.run("tshark_check.py", [capture, "--expect", "infiniband=4096", "--allow", empty])
    let scapy = try Oracle.run("scapy_check.py", [capture])
    #expect(scapy.contains("4096 ICRCs"), "\(scapy)")
    withExtendedLifetime(directory) {}
  }

  @Test("WRITE messages: a First with RETH, then Middle, then Last, and classes as planned")
  func writes() throws {
    let (directory, capture) = try write(.writes)
    let expectations = [
      "infiniband.bth.opcode == 6=256", "infiniband.bth.opcode == 7=3584", "infiniband.bth.opcode == 8=256",
      "infiniband.reth.dmalen == 65536=256", "infiniband.bth.a == 1=256", "ip.dsfield.dscp == 26=2560",
      "ip.dsfield.ecn == 2=2560", "ip.dsfield.dscp == 48=512",
    ]
    try Oracle.run("tshark_check.py", [capture] + expectations.flatMap { ["--expect", $0] })
    withExtendedLifetime(directory) {}
  }
}
