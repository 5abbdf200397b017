import Dataplane
import Drivers
import Testing

@testable import Control

/// Mistakes in impairments, in files and in requests, and what is written of them.
@Suite struct ImpairmentMistakeTests {
  @Test(arguments: cases) func mistakesAreListedWithPlaceAndRemedy(_ testCase: MistakeCase) throws {
    try testCase.check()
  }

  private static func file(_ entries: String) -> String {
    let lines = entries.split(separator: "\n").map { "      \($0)\n" }.joined()
    return "ports:\n  - name: h1\n    speed: 100G\n    impairments:\n" + lines
  }

  private static let cases: [MistakeCase] = [
    MistakeCase(
      "impairments: direction, delay and effect",
      file(
        """
        - {delay: 1us}
        - {direction: out, delay: 1us}
        - {direction: egress}
        - {direction: egress, dealy: 1us}
        - {direction: egress, delay: 11s}
        - {direction: egress, delay: 1us, jitter: 2us}
        - {direction: egress, loss: 1%, jitter: 2us}
        - {direction: egress, delay: 1us, distribution: normal}
        - {direction: ingress, delay: 1us, jitter: 1us, distribution: pareto}
        - {direction: ingress, delay: 1us, in-order: no}
        - {direction: ingress, delay: 1us, rate-queue: 1kB}
        - {direction: ingress, rate: 1, rate-queue: 2GB}
        - egress
        """),
      """
      leaf.yaml:5: ports[0].impairments[0]: required key `direction` is missing, add `direction: egress`
      leaf.yaml:6: ports[0].impairments[1].direction: `out` is unknown, write `ingress` or `egress`
      leaf.yaml:7: ports[0].impairments[2]: the impairment has no effect, add `delay`, `loss`, `burst-loss`, `corrupt`, `duplicate`, `reorder` or `rate`
      leaf.yaml:8: ports[0].impairments[3]: the impairment has no effect, add `delay`, `loss`, `burst-loss`, `corrupt`, `duplicate`, `reorder` or `rate`
      leaf.yaml:8: ports[0].impairments[3].dealy: unknown key `dealy`, did you mean `delay`?
      leaf.yaml:9: ports[0].impairments[4].delay: `11s` is out of range, write `0ps` to `10s`
      leaf.yaml:10: ports[0].impairments[5].jitter: the jitter is larger than the delay, write at most `1us`
      leaf.yaml:11: ports[0].impairments[6].jitter: there is no delay that could vary, add `delay: 2us`
      leaf.yaml:12: ports[0].impairments[7].distribution: there is no jitter to spread, add `jitter`, or remove this key
      leaf.yaml:13: ports[0].impairments[8].distribution: `pareto` is unknown, write `uniform` or `normal`
      leaf.yaml:14: ports[0].impairments[9].in-order: `no` is not a truth value, write `false`
      leaf.yaml:15: ports[0].impairments[10].rate-queue: there is no line to wait for, add `rate: 1G`, or remove this key
      leaf.yaml:16: ports[0].impairments[11].rate: `1` has no unit, write a unit: `1G`
      leaf.yaml:16: ports[0].impairments[11].rate-queue: `2GB` is out of range, write `0B` to `1GB`
      leaf.yaml:17: ports[0].impairments[12]: this must be a mapping and is `egress`, write `{key: value}` with the keys `direction`, `match`, `delay`, `jitter`, `distribution`, `in-order`, `loss`, `burst-loss`, `corrupt`, `duplicate`, `reorder`, `rate` or `rate-queue`
      """),
    MistakeCase(
      "impairments: matches",
      file(
        """
        - {direction: egress, loss: 1%, match: {dscp: 64}}
        - {direction: egress, loss: 1%, match: {opcode: 0x100}}
        - {direction: egress, loss: 1%, match: {opcode: send}}
        - {direction: egress, loss: 1%, match: {qp: 16777216}}
        - {direction: egress, loss: 1%, match: {qp: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}
        - {direction: egress, loss: 1%, match: {psn: 1-x}}
        - {direction: egress, loss: 1%, match: {psn: 1-16777216}}
        - {direction: egress, loss: 1%, match: {pause: true, dscp: 26}}
        """),
      """
      leaf.yaml:5: ports[0].impairments[0].match.dscp: DSCP `64` is out of range, write a whole number from 0 to 63
      leaf.yaml:6: ports[0].impairments[1].match.opcode: RoCE opcode `0x100` is out of range, write a number from 0 to 255
      leaf.yaml:7: ports[0].impairments[2].match.opcode: `send` is not a RoCE opcode, write a whole number from 0 to 255
      leaf.yaml:8: ports[0].impairments[3].match.qp: queue pair `16777216` is out of range, write a whole number from 0 to 16777215
      leaf.yaml:9: ports[0].impairments[4].match.qp: there are 9 queue pairs, list at most 8
      leaf.yaml:10: ports[0].impairments[5].match.psn: `1-x` is not a range of sequence numbers, write two numbers up to 16777215: `100-200`
      leaf.yaml:11: ports[0].impairments[6].match.psn: `1-16777216` is not a range of sequence numbers, write two numbers up to 16777215: `100-200`
      leaf.yaml:12: ports[0].impairments[7].match.dscp: pause frames carry no IP header, remove this key, or `pause`
      """),
    MistakeCase(
      "impairments: loss, corruption and reordering",
      file(
        """
        - {direction: egress, loss: 101%}
        - {direction: egress, burst-loss: {enter: 1%}}
        - {direction: egress, burst-loss: {enter: 1%, leave: 0}}
        - {direction: egress, corrupt: {bits: 1}}
        - {direction: egress, corrupt: {probability: 1%, bits: 65}}
        - {direction: egress, reorder: {by: 3}}
        - {direction: egress, reorder: {every: 10}}
        - {direction: egress, reorder: {every: 1, by: 300}}
        """),
      """
      leaf.yaml:5: ports[0].impairments[0].loss: `101%` is more than certain, write at most `100%`
      leaf.yaml:6: ports[0].impairments[1].burst-loss: required key `leave` is missing, add `leave: 25%`
      leaf.yaml:7: ports[0].impairments[2].burst-loss.leave: the line would stay bad for ever, write at least `0.0001%`, or use `loss: 100%`
      leaf.yaml:8: ports[0].impairments[3].corrupt: required key `probability` is missing, add `probability: 1%`
      leaf.yaml:9: ports[0].impairments[4].corrupt.bits: number of bits `65` is out of range, write a whole number from 1 to 64
      leaf.yaml:10: ports[0].impairments[5].reorder: it is not said which frames are held back, add `every: 10` or `probability: 1%`
      leaf.yaml:11: ports[0].impairments[6].reorder: it is not said for how long frames are held back, add `by: 3` or `time: 50us`
      leaf.yaml:12: ports[0].impairments[7].reorder.every: number of frames `1` is out of range, write a whole number from 2 to 1000000000
      leaf.yaml:12: ports[0].impairments[7].reorder.by: number of frames `300` is out of range, write a whole number from 1 to 255
      """),
    MistakeCase(
      "impairments: contradictions in reordering",
      file(
        """
        - {direction: egress, reorder: {every: 2, probability: 1%, by: 3, time: 1us}}
        - {direction: egress, reorder: {every: 2, at-most: 1us, time: 1us}}
        """),
      """
      leaf.yaml:5: ports[0].impairments[0].reorder.probability: frames are chosen by `every` already, keep one of `every` and `probability`
      leaf.yaml:5: ports[0].impairments[0].reorder.time: frames are held back by `by` already, keep one of `by` and `time`
      leaf.yaml:6: ports[0].impairments[1].reorder.at-most: a time is given already, keep `time`, or write `by: 3` instead of it
      """),
    MistakeCase(
      "impairments: too many",
      file(String(repeating: "- {direction: egress, delay: 1us}\n", count: 9) + "- {direction: ingress, delay: 1us}"),
      """
      leaf.yaml:13: ports[0].impairments[8]: there are more than 8 impairments at egress, join those with the same match
      """),
  ]

  @Test func requestsAreReadAsFilesAre() throws {
    let json = #"[{"direction": "egress", "match": {"dscp": [26], "pause": false}, "loss": "0.1%", "delay": "10us"}]"#
    var expected = ImpairmentSettings(.egress)
    expected.match.dscp = [26]
    expected.loss = Probability(partsPerMillion: 1000)
    expected.delay = .microseconds(10)
    #expect(try ImpairmentDocument.read(json, name: "request") == [expected])
    #expect(try ImpairmentDocument.read("[]", name: "request") == [])
  }

  @Test(arguments: [
    (#"[{"direction": "egress", "los": "1%"}]"#, "impairments[0].los: unknown key `los`, did you mean `loss`?"),
    (#"{"direction": "egress"}"#, "impairments: this must be a list and is a mapping"),
    (#"[{"direction": "egress", "loss": "1%""#, "not YAML"), ("", "the file is empty"),
    ("null", "the value is missing"),
    (#"[{"direction": "egress", "loss": 0.1, "loss": 0.2}]"#, "duplicate key `loss`"),
  ])
  func wrongRequestsSayWhatIsWrong(request: String, message: String) {
    let error = #expect(throws: ConfigurationErrors.self) {
      try ImpairmentDocument.read(request, name: "request")
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  /// What is written is read back as it was, in JSON and YAML.
  @Test func writtenSettingsReadBack() throws {
    let directory = try TemporaryDirectory()
    try directory.write("", to: "routes.txt")
    let settings = try load(everyKeyYAML, directory: directory.path).impairments[0]
    #expect(settings.count == 2)
    let json = ImpairmentDocument.json(settings)
    #expect(try ImpairmentDocument.read(json, name: "request") == settings, "\(json)")
    let yaml = settings.map { "- \(ImpairmentDocument.yaml($0))\n" }.joined()
    #expect(try ImpairmentDocument.read(yaml, name: "request") == settings, "\(yaml)")
    #expect(
      ImpairmentDocument.yaml(settings[1])
        == "{direction: ingress, match: {pause: true}, corrupt: {probability: 3%, bits: 1, mend: false}, "
        + "reorder: {probability: 2%, time: 5us}}")
  }

  @Test func matchesOfTheCommandLine() throws {
    var expected = TrafficMatch()
    expected.dscp = [26]
    expected.queuePairs = [7, 8]
    #expect(try ImpairmentDocument.readMatch("dscp: 26, qp: [7, 0x8]", name: "--match") == expected)
    let error = #expect(throws: ConfigurationErrors.self) {
      try ImpairmentDocument.readMatch("dcsp: 26", name: "--match")
    }
    #expect(error?.description == "--match:1: dcsp: unknown key `dcsp`, did you mean `dscp`?")
  }
}
