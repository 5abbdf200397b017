import Dataplane
import Testing
import Wire

@testable import Control

@Suite("Configuration of telemetry")
struct TelemetryConfigurationTests {
  @Test("every key is read")
  func everyKey() throws {
    let directory = try TemporaryDirectory()
    try directory.write("10.8.0.0/16 via 10.0.10.2*2\n", to: "routes.txt")
    let configuration = try load(everyKeyYAML, directory: directory.path).configuration
    var wanted = TelemetryConfiguration()
    wanted.nodeID = 77
    wanted.hostPorts = [PortID(0), PortID(1)]
    wanted.excludedPorts = [PortID(2)]
    wanted.utilisationWindow = .microseconds(5)
    wanted.int.mode = .instructions
    wanted.int.roce = .clone
    wanted.int.announcement = .dscp
    wanted.int.udpPort = 5555
    wanted.int.dscp = 11
    wanted.int.instructions = [.hopLatency, .egressTimestamp]
    wanted.int.maximumHops = 4
    wanted.int.domainID = 9
    wanted.int.domainWords = [.pauseTime, .lineRate]
    var first = WatchRule()
    first.source = IPPrefix("10.0.0.0/8")
    first.destination = IPPrefix("10.9.0.0/16")
    first.ipProtocol = 17
    first.sourcePorts = 1000...2000
    first.destinationPorts = 4791...4791
    first.dscp = 26
    first.queuePair = 17
    first.sampling = .every(10)
    var (second, third) = (WatchRule(), WatchRule())
    second.sampling = .flows(3)
    third.sampling = .change(TelemetryQuanta(latency: .microseconds(2), queue: ByteCount(3000)))
    wanted.int.watch = [first, second, third, WatchRule()]
    var ioam = IOAMConfiguration()
    ioam.nodeID = 5
    ioam.wideNodeID = 6
    ioam.namespaces = [IOAMNamespace(id: 123, data: 9, wideData: 10), IOAMNamespace(id: 0)]
    wanted.ioam = ioam
    var reports = TelemetryReportConfiguration(collector: IPAddress("10.9.0.1")!)
    reports.port = 4000
    reports.source = IPAddress("10.0.1.1")
    reports.dscp = 8
    reports.truncation = 64
    reports.batch = 1300
    reports.flush = .milliseconds(1)
    reports.rate = 500
    reports.burst = 7
    reports.drops = false
    reports.congestion = ByteCount(1_000_000)
    reports.congestionQuantum = ByteCount(5000)
    reports.change = TelemetryQuanta(latency: .microseconds(4), queue: ByteCount(6000))
    wanted.reports = reports
    #expect(configuration.telemetry == wanted)
  }

  @Test("what cannot be is refused, with what would be right")
  func mistakesOfTelemetry() {
    let ports = "ports: [{name: a, speed: 100G}, {name: b, speed: 100G}]\n"
    let cases: [(String, String)] = [
      ("{host-ports: [a, c]}", "there is no port `c`"),
      ("{host-ports: [a, a]}", "`a` is listed twice"),
      ("{host-ports: a, excluded-ports: [b, a]}", "port `a` is in `host-ports` as well"),
      ("{int: {udp-port: 4791}}", "UDP port `4791` has packets of its own"),
      ("{int: {instructions: []}}", "hops record nothing"),
      ("{int: {instructions: [latency]}}", "`latency` is unknown"),
      ("{int: {watch: [{sample: {every: 2, flows: 3}}]}}", "packets are sampled in one way"),
      ("{int: {watch: [{sample: {change: {}}}]}}", "nothing counts as a change"),
      ("{int: {watch: [{source: 10.0.0.0/8, destination: \"fd00::/8\"}]}}", "is of another IP version"),
      ("{int: {mode: xd, watch: [{}]}}", "what is watched is reported to nobody"),
      ("{ioam: {}}", "there is no namespace"),
      ("{ioam: {namespaces: [{id: 1}, {id: 1}]}}", "namespace 1 is listed twice"),
      ("{reports: {}}", "required key `collector` is missing"),
      ("{reports: {collector: 10.0.0.1, source: \"fd00::1\"}}", "is of another IP version than the collector"),
      ("{utilisation: 1us}", "unknown key `utilisation`"),
    ]
    for (text, problem) in cases {
      let found = mistakes(in: ports + "telemetry: " + text)
      #expect(found.contains { $0.contains(problem) }, "\(text): \(found)")
    }
    let lossy = "qos: {queues: {3: {lossless: false, ecn: none}}}\n"
    let direct = "switch: {mode: direct}\n" + lossy + ports + "telemetry: {host-ports: a}"
    #expect(mistakes(in: direct).contains { $0.contains("there are no queues to say anything about") })
    #expect(mistakes(in: ports + "telemetry: none") == [])
    #expect(mistakes(in: ports + "telemetry: {}") == [])
  }
}
