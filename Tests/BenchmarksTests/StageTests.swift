import Testing

@testable import Benchmarks

struct StageTests {
  /// A program of two functions of its own and a library: 100 instructions of `path`, of which 30 belong to the parser
  /// and 50 to the queues, 20 of a helper that both call, 15 of memcpy that the queues call, one malloc.
  private static let profile = """
    # callgrind format
    version: 1
    positions: instr line
    events: Ir
    summary: 122

    ob=/tmp/counted
    fl=???
    fn=path
    0x100 0 30
    0x104 0 50
    cfn=helper
    calls=3 0x200 0
    0x100 0 5
    cfn=helper
    calls=9 0x200 0
    0x104 0 15
    cob=/usr/lib/libc.so.6
    cfi=???
    cfn=memcpy
    calls=7 0x900 0
    0x104 0 15

    fn=helper
    0x200 0 20

    ob=/tmp/counted
    fn=_start
    0x400 0 1
    cob=/usr/lib/libc.so.6
    cfn=__libc_start_main
    calls=1 0x980 0
    0x404 0 130

    ob=/usr/lib/libc.so.6
    fn=__libc_start_main
    cfn=__libc_start_call_main
    calls=1 0x990 0
    0x980 0 130

    fn=__libc_start_call_main
    cob=/tmp/counted
    cfn=path
    calls=1 0x100 0
    0x990 0 130

    ob=/usr/lib/libc.so.6
    fl=???
    fn=memcpy
    0x900 0 14
    cfn=malloc
    calls=1 0x950 0
    0x901 0 1

    fn=malloc
    0x950 0 1

    ob=/tmp/counted
    fn=lonely
    0x300 0 6

    totals: 122
    """

  private static let symbols = """
    $s4Wire10IPv4HeaderV11totalLengthSivg
    /src/Sources/Wire/IPv4Header.swift:70:5
    $s9Dataplane6ParserO5parseySo0A0VF
    /src/Sources/Dataplane/Parser.swift:20:9
    $s9Dataplane6SwitchV7receive_2on2atF
    /src/Sources/Dataplane/Switch+Receive.swift:30:3

    $s9Dataplane11EgressQueueV4pushyyAA6PacketVF
    /src/Sources/Dataplane/Queueing/EgressQueue.swift:30:3
    $s9Dataplane6SwitchV7enqueue_2on2atF
    /src/Sources/Dataplane/Switch+Transmit.swift:10:3

    helper
    /src/helper.swift:1:1

    lonely
    ??:0:0

    _start
    ??:0:0


    """

  private static func counts(packets: UInt64 = 1) throws -> StageCounts {
    let profile = try CallgrindProfile(profile, object: "/counted")
    let stages = AddressStages([0x100, 0x104, 0x200, 0x300, 0x400], symbolized: symbols)
    return StageCounts(profile, stages, packets: packets)
  }

  @Test func theInnermostFunctionOfOneStageDecides() {
    let stages = AddressStages([0x100, 0x104, 0x200, 0x300, 0x400], symbolized: Self.symbols)
    #expect(stages[0x100] == .parse && stages[0x104] == .enqueue && stages[0x200] == nil)
    #expect(stages.unknown == [0x200: "helper", 0x300: "lonely", 0x400: "_start"])
  }

  @Test func sharedCodeCountsWhereItIsCalledFrom() throws {
    let counts = try Self.counts()
    // Of the helper's 20 a quarter; of the queues' own 50, its other three quarters, and all of memcpy.
    #expect(counts.perPacket == [.parse: 35, .enqueue: 80, .other: 7])
    #expect(counts.total == 122)
    #expect(counts.unknown.map(\.name) == ["lonely", "_start"])
    #expect(try Self.counts(packets: 10).total == 12.2)
  }

  @Test func callsThatThePathMustNotMakeAreCounted() throws {
    #expect(try Self.counts().forbidden == ["malloc": 1])
    #expect(StageCounts.isForbidden("swift_retain") && StageCounts.isForbidden("free'2"))
    #expect(!StageCounts.isForbidden("freeze") && !StageCounts.isForbidden("memcpy"))
  }

  @Test func aProfileWithoutAddressesIsRefused() {
    #expect(throws: BenchmarkError.self) {
      _ = try CallgrindProfile("positions: line\nevents: Ir\n", object: "/counted")
    }
  }

  @Test func filesInMemoryGiveAddressesAsTheProgramHasThem() {
    let files = LoadedFiles(
      maps: """
        5500a000-5500b000 r--p 00000000 08:01 1   /opt/penstock
        5500b000-5500f000 r-xp 00001000 08:01 1   /opt/penstock
        7f000000-7f001000 rw-p 00000000 00:00 0
        7f100000-7f101000 r-xp 00000000 08:01 2   /usr/lib/librte_fib.so.23.0
        """)
    let own = files.place(of: 0x5500_b123)
    #expect(own?.path == "/opt/penstock" && own?.address == 0x1123)
    #expect(files.place(of: 0x7F00_0010) == nil)
    let library = files.place(of: 0x7F10_0010)
    #expect(library.map { LoadedFiles.stage(ofLibrary: $0.path) } == .forward)
    #expect(LoadedFiles.stage(ofLibrary: "[vdso]") == .other)
  }

  @Test(arguments: Stage.ofTheSwitch.filter { $0 != .other })
  func everyStageHasCodeInTheSources(stage: Stage) throws {
    let known = try SourceTree.dataplaneFiles().compactMap { Stage.of(file: $0, function: "") }
    let byFunction: [Stage] = [.enqueue]
    #expect(known.contains(stage) || byFunction.contains(stage))
  }

  @Test func everySourceThatIsNamedExists() throws {
    let names = Set(try SourceTree.allFiles().compactMap { $0.split(separator: "/").last.map(String.init) })
    #expect(Stage.filesNamed.subtracting(names).isEmpty)
  }
}
