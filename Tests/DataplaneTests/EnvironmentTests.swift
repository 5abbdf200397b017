import Testing

@testable import Dataplane

/// What DPDK is started with.
@Suite("Environment") struct EnvironmentTests {
  private let enough = Environment.Hugepages.needed.bytes

  @Test("virtual time needs neither hugepages nor devices") func virtual() throws {
    #expect(
      try Environment.arguments(.init(), freeHugepageBytes: enough, cpus: [0, 3]) == [
        "penstock", "--no-telemetry", "--log-level=3", "--no-huge", "--no-shconf", "-m", "2048", "--no-pci",
        "--lcores=0@(0,3)",
      ])
  }

  @Test("a live run takes hugepages if there are enough") func live() throws {
    let options = Environment.Options.live(memory: ByteCount(1 << 30))
    #expect(
      try Environment.arguments(options, freeHugepageBytes: enough, cpus: [1]) == [
        "penstock", "--no-telemetry", "--log-level=3", "--in-memory", "--single-file-segments", "-a", "fffe:ff:1f.7",
        "--lcores=0@(1)",
      ])
    #expect(
      try Environment.arguments(options, freeHugepageBytes: enough - 1, cpus: [1]) == [
        "penstock", "--no-telemetry", "--log-level=3", "--no-huge", "--no-shconf", "-m", "1024", "-a", "fffe:ff:1f.7",
        "--lcores=0@(1)",
      ])
  }

  @Test("hugepages that must be and are not say how to get them") func missing() {
    let options = Environment.Options(hugepages: .always)
    #expect(
      throws: EnvironmentError(
        message: "2 MiB of hugepages are free and 512 are needed; reserve them: sysctl vm.nr_hugepages=256")
    ) { try Environment.arguments(options, freeHugepageBytes: 2 << 20, cpus: [0]) }
  }

  @Test("the first start decides, and a second one does no harm") func twice() throws {
    try Environment.start()
    try Environment.start(.live())
    #expect(!Environment.hasHugepages)
    #expect(Environment.dpdkVersion.hasPrefix("22.11"))
    #expect(!Environment.allowedCPUs.isEmpty)
  }
}
