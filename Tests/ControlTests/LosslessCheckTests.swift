import Dataplane
import Testing

@testable import Control

/// What `LosslessCheck` refuses and what it warns about, with the numbers.
@Suite struct LosslessCheckTests {
  /// Two ports whose lossless priority group 3 needs 149504 B and 359424 B of headroom by the formula:
  /// 9216 + 4 x (9216 + 632 + 25216) and 9216 + 4 x (9216 + 20203 + 57920), in whole KiB.
  private static let ports = "ports: [{name: a, speed: 100G}, {name: b, speed: 400G, cable: 40m}]\n"
  /// Two ports of the simulator's kind: 1 us of cable, frames of 1066 B.
  private static let simulator =
    "ports: [{name: a, speed: 100G, cable: 198m, mtu: 1052}, {name: b, speed: 400G, cable: 198m, mtu: 1052}]\n"

  @Test(arguments: mistakes) func whatCannotBeLosslessIsRefused(_ testCase: MistakeCase) throws {
    try testCase.check()
  }

  private static let mistakes: [MistakeCase] = [
    MistakeCase(
      "headroom is more than the buffer", ports + "buffer: {size: 400kB}",
      """
      leaf.yaml:2: buffer.size: headroom of 508928B are 109056B more than the buffer of 399872B, write more than `508928B`, or share headroom with `shared-headroom`
      """),
    MistakeCase(
      "without the section, the top is the place", ports.replacing("40m", with: "100km"),
      """
      leaf.yaml:1: buffer.size: headroom of 202447872B are 170447872B more than the buffer of 32000000B, write more than `202447872B`, or share headroom with `shared-headroom`
      """),
    MistakeCase(
      "headroom is all of the buffer", ports + "buffer: {size: 508928B}",
      """
      leaf.yaml:2: buffer.size: headroom of 508928B leave nothing of the buffer of 508928B to share, write more than `508928B`
      """),
    MistakeCase(
      "pools and reserves", ports + "buffer: {pools: {lossless: 30MB, lossy: 20MB}, port-reserve: 1000B}",
      """
      leaf.yaml:2: buffer.size: reserves of 2048B, headroom of 508928B and pools of 49999872B are 18510848B more than the buffer of 32000000B, write at least `50510848B`, or share headroom with `shared-headroom`
      """),
    MistakeCase(
      "a pool without a cell", ports + "buffer: {cell: 4KiB, pools: {lossless: 10MB, lossy: 4kB}}",
      """
      leaf.yaml:2: buffer.pools: a pool is smaller than a cell of 4096B, write at least `4096B` for each
      """),
    MistakeCase(
      "headroom below one frame and the way", ports + "buffer: {headroom: 20kB}",
      // 20203 + 84 + 9230.
      """
      leaf.yaml:2: buffer.headroom: `20224B` of headroom lose packets of `b`: the cable and back, the pause frame and one lossless frame of 9230 B are 29517 B, write `auto` (`359424B` for `b` (400G, 40m)), or name the largest lossless packet in `headroom-parameters`
      """),
    MistakeCase(
      "shared headroom below that of one group", ports + "buffer: {shared-headroom: 100kB}",
      """
      leaf.yaml:2: buffer.shared-headroom: the pool of 100096 B is less than the headroom of one priority group of `b` (400G, 40m), 359424 B, write at least `359424B`
      """),
    MistakeCase(
      "XON at the limit", ports + "buffer: {lossless: {limit: 100kB, xon: 100kB}}",
      """
      leaf.yaml:2: buffer.lossless.xon: XON at 100000 B would be due together with XOFF: a priority group never has more than 99840 B of the pool, write less than `99840B`
      """),
    MistakeCase(
      "a priority group of both kinds",
      ports + "qos: {queues: {3: {lossless: true}}, traffic-class-to-priority-group: {2: 3}}",
      """
      leaf.yaml:2: qos.traffic-class-to-priority-group: priority group 3 of `a` is that of class 3, whose queue is lossless, and of class 2, whose queue is lossy, write `{2: 2}` or another group of lossy classes
      """),
    MistakeCase(
      "nobody is told", ports + "qos: {queues: {3: {lossless: true}}, pfc-priority-to-priority-group: {3: 4}}",
      """
      leaf.yaml:2: qos.pfc-priority-to-priority-group: priority group 3 is lossless, and no PFC priority stands for it, write `{3: 3}`
      """),
    MistakeCase(
      "nobody is heard", ports + "qos: {queues: {3: {lossless: true}}, pfc-priority-to-queue: {3: 4}}",
      """
      leaf.yaml:2: qos.pfc-priority-to-queue: queue 3 is lossless, and no PFC priority stops it, write `{3: 3}`
      """),
    MistakeCase(
      "trimming", ports + "buffer: {trim: {dscp: 1, queue: 3, queues: [0, 3]}}",
      """
      leaf.yaml:2: buffer.trim.queue: queue 3 is lossless: trimmed packets could not be dropped where they are too many, write `0`, `1`, `2`, `4`, `5`, `6` or `7`
      leaf.yaml:2: buffer.trim.queues: queue 3 is lossless: its packets are never trimmed, remove 3
      """),
    MistakeCase(
      "WRED",
      """
      ports:
        - {name: a, speed: 100G}
        - {name: b, speed: 400G, queues: {3: {ecn: {drop: true}}}}
      qos: {queues: {3: {lossless: true, ecn: {kmin: 1kB, kmax: 2kB, pmax: 1%}}}}
      """,
      """
      leaf.yaml:3: ports[1].queues.3.ecn.drop: queue 3 of `b` is lossless, and its packets must not be dropped, write `drop: false`
      """),
    MistakeCase(
      "XOFF ends first", ports + "pfc: {refresh: 90us}",
      """
      leaf.yaml:2: pfc.refresh: an XOFF of 65535 quanta lasts 83884800 ps on `b` (400G, 40m), and is renewed only after 90000000 ps, write `auto` or at most `83884799ps`, and enough `quanta`
      """),
    MistakeCase(
      "XOFF ends before three pause frames have passed", ports + "pfc: {quanta: 3}",
      """
      leaf.yaml:2: pfc.quanta: an XOFF of 3 quanta lasts 15360 ps on `a` (100G, 5m), and is renewed only after 20160 ps, write more `quanta`
      """),
    MistakeCase(
      "the simulator on short cables", ports + "buffer: {model: hpcc}",
      // 3 x 100e9 x 25 ns / 8e9 = 3 x 312; 9946 / 312 and 29517 / (400 x 202 / 8).
      """
      leaf.yaml:2: buffer.hpcc.headroom-factor: 3 times bandwidth and delay are 936 B of headroom for `a` (100G, 5m), and lose packets: the cable and back, the pause frame and one lossless frame of 9230 B are 9946 B, write `headroom-factor: 32`, or give the ports longer cables
      """),
    MistakeCase(
      "the simulator without a cable", "{ports: [{name: a, speed: 100G, cable: 0m}], buffer: {model: hpcc}}",
      """
      leaf.yaml:1: buffer.hpcc.headroom-factor: 3 times bandwidth and delay are 0 B of headroom for `a` (100G, 0mm), and lose packets: the cable and back, the pause frame and one lossless frame of 9230 B are 9314 B, give the port a longer cable
      """),
    MistakeCase(
      "the simulator in a small buffer", simulator + "buffer: {model: hpcc, size: 100kB}",
      // 2 x 4096 + 37500 + 150000.
      """
      leaf.yaml:2: buffer.size: reserves and headroom of 195692B are 95692B more than the buffer of 100000B, write more than `195692B`
      """),
    MistakeCase(
      "the simulator with nothing to share", simulator + "buffer: {model: hpcc, size: 195692B}",
      """
      leaf.yaml:2: buffer.size: reserves and headroom of 195692B leave nothing of the buffer to share, write more than `195692B`
      """),
  ]

  /// A configuration, and what is said about it.
  struct WarningCase: CustomTestStringConvertible, Sendable {
    let kind: LosslessCheck.Kind
    let yaml: String
    let notice: String

    init(_ kind: LosslessCheck.Kind, _ yaml: String, _ notice: String) {
      (self.kind, self.yaml, self.notice) = (kind, yaml, notice)
    }

    var testDescription: String { kind.rawValue }
  }

  @Test(arguments: warnings) func whatMayLosePacketsIsNoticed(_ testCase: WarningCase) throws {
    let loaded = try load(testCase.yaml)
    #expect(loaded.notices == [testCase.notice])
    let check = LosslessCheck(loaded.configuration)
    #expect(check.warnings.map(\.kind) == [testCase.kind])
    #expect(check.errors == [])
  }

  private static let warnings: [WarningCase] = [
    WarningCase(
      .headroomBelowFormula, ports + "buffer: {headroom: 30kB}",
      "headroom of 30208 B is below the 359424 B that `b` (400G, 40m) needs if its neighbour takes as long to stop as it "
        + "may: lossless packets may be lost; write `headroom: auto`"),
    WarningCase(
      // 2 x 9280 + (9262 + 84 + 632) x 128 / 85 on a; on b 20203 in place of 632.
      .headroomBelowWorstCase, ports + "buffer: {cell: 64B, headroom-parameters: {response: 0}}",
      "headroom of 28672 B is below the 33586 B that `a` (100G, 5m) may need when all lossless packets have the size that "
        + "fills cells worst, and the neighbour takes as long to stop as it may: packets may be lost; write `headroom: 62KiB`"
    ),
    WarningCase(
      .oversubscribedHeadroom, ports + "buffer: {shared-headroom: 400kB}",
      "the headroom pool of 400128 B is less than the 508928 B that 2 lossless priority groups could need at once: lossless "
        + "packets may be lost; write `shared-headroom: 508928B` to be sure"),
    WarningCase(
      .crossedPriorities, ports + "qos: {queues: {3: {lossless: true}}, pfc-priority-to-queue: {3: 4, 4: 3}}",
      "XOFF for priority group 3 names PFC priority 3, which stops queue 4; class 3 leaves from queue 3, so that an equal "
        + "neighbour would go on sending; map priority 3 to queue 3"),
    WarningCase(
      .partlyLossless, "ports: [{name: a, speed: 100G}, {name: b, speed: 400G, queues: {3: {lossless: false}}}]",
      "queue 3 is lossless on `a` and lossy on `b`: class 3 may lose packets between them; make it lossless on all ports "
        + "between which packets must not be lost"),
    WarningCase(
      // 9238 B and 24 B are 740.96 ns at 100G, and half of 51.2 ns x 10 is 256 ns.
      .shortPause, ports + "pfc: {quanta: 100}",
      "an XOFF of 100 quanta lasts 512000 ps on `a` (100G, 5m) and is renewed after 256000 ps; with a frame of 9262 B on the "
        + "wire in front of it, 740960 ps, it comes too late; write more `quanta`, or a shorter `refresh`"),
    WarningCase(
      .shortPause, ports + "pfc: {quanta: 400}",
      "a pause of 400 quanta ends before the neighbour of `b` (400G, 40m) has to stop, after 905 quanta; write at least "
        + "`1810`"),
    WarningCase(
      .lateResponse, ports + "pfc: {response: 2us}",
      "the switch stops 2us after an XOFF, and IEEE 802.3 allows 1158.4ns on `b` (400G, 40m): neighbours may lose packets; "
        + "write at most `1158.4ns`, or give neighbours more headroom"),
    WarningCase(
      .pauseOff, ports + "pfc: {mode: off}",
      "pause frames are off: nobody is asked to stop, and 2 lossless priority groups lose packets when their headroom is "
        + "full; write `mode: pfc`"),
    WarningCase(
      .watchdogDrops, ports + "watchdog: {}",
      "the watchdog drops what is in a lossless queue that has been paused for 200ms; write `action: alert` to drop nothing"
    ),
    WarningCase(
      .copies,
      "ports: [{name: a, speed: 1G, vlan: 10}, {name: b, speed: 1G, vlan: 10}, {name: c, speed: 1G, vlan: 10}]",
      "a lossless frame that is flooded in VLAN 10 takes room in its priority group up to 2 times, which headroom does not "
        + "provide for; send lossless packets to known stations only"),
    WarningCase(
      .copies, ports + "acl: [{action: {mirror: b}}]",
      "a lossless packet that is mirrored takes room in its priority group twice, which headroom does not provide for; mirror "
        + "lossy packets only"),
    WarningCase(
      .headroomBelowWorstCase, simulator + "buffer: {model: hpcc, size: 32MiB}",
      // 2 x 1078 + (1098 + 84 + 25000 + 25216) x 1078 / 1098 on a; on b 100000 and 57920: 158360 / 50000.
      "headroom of 37500 B is below the 52618 B that `a` (100G, 198m) may need if its neighbour takes as long to stop as it "
        + "may: lossless packets may be lost; write `headroom-factor: 5`, or give the ports longer cables"),
    WarningCase(
      .uncountedQueue,
      simulator
        + "buffer: {model: hpcc, size: 32MiB, hpcc: {headroom-factor: 5}}\nqos: {queues: {0: {lossless: true}}}",
      "the simulator does not account for queue 0: it is never paused for; make another queue lossless"),
  ]

  @Test func everyKindIsTested() {
    let refused = Self.mistakes.flatMap { LosslessCheck(configuration($0.yaml)).errors.map(\.kind.rawValue) }
    let tested = Set(refused).union(Self.warnings.map(\.kind.rawValue))
    #expect(tested == Set(LosslessCheck.Kind.allCases.map(\.rawValue)))
  }

  /// What a text says, whether it is refused or not.
  private func configuration(_ yaml: String) -> SwitchConfiguration {
    let diagnostics = Diagnostics(file: "leaf.yaml")
    let text = InlineRoutes(yaml)
    let reader = ConfigurationReader(diagnostics: diagnostics, directory: "", inline: text)
    if let document = YAMLDocument.compose(text.remainder, diagnostics) {
      let context = Field.ReadingContext(diagnostics: diagnostics, marks: document.marks)
      reader.read(Field(node: document.root, key: "", context: context))
    }
    return reader.configuration
  }

  @Test(arguments: [
    "", "pfc: {mode: pause}", "pfc: {response: standard}", "buffer: {cell: 4096B}", "buffer: {cell: 16B}",
    "buffer: {alpha: {lossless: 128}}", "buffer: {lossless: {limit: 0B}}", "watchdog: {action: alert}",
    "buffer: {trim: {dscp: 1, queue: 1}}", "buffer: {shared-headroom: 1MB}", "pfc: {quanta: 1500}",
  ]) func nothingIsSaidAboutWhatIsLossless(setting: String) throws {
    #expect(try load(Self.ports + setting).notices == [])
  }

  @Test func lossySwitchesAreNotJudged() throws {
    // Each of these would be wrong with a lossless queue.
    let yaml = Self.ports + "qos: {trust: dscp}\npfc: {mode: off}\nwatchdog: {}\nbuffer: {headroom: 0}\n"
    #expect(try load(yaml).notices == [])
  }

  /// Computed headroom suffices at every speed and cable, with the standard's response allowed for.
  @Test func computedHeadroomIsEnough() {
    for speed: UInt64 in [1, 10, 25, 40, 50, 100, 200, 400, 800, 1600] {
      for metres: UInt64 in [0, 1, 5, 40, 300, 2000, 40_000] {
        for mtu in [1500, 4200, 9216] {
          var configuration = SwitchConfiguration()
          configuration.qos = .roce
          configuration.buffer.size = ByteCount(64 << 30)
          var port = PortConfiguration(name: "p", speed: .gigabits(speed))
          port.cable = CableLength(millimetres: metres * 1000)
          port.mtu = mtu
          port.queues = configuration.qos.queues
          configuration.ports = [port]
          let check = LosslessCheck(configuration)
          #expect(check.errors == [] && check.warnings == [], "\(speed)G, \(metres) m, \(mtu) B")
        }
      }
    }
  }
}
