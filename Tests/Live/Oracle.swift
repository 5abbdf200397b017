import Foundation
import TestSupport
import Testing

/// The judges in Tests/Oracles and what they need.
enum Oracle {
  /// What a test cannot do without.
  enum Need: String, CaseIterable {
    case tshark, tcpdump, ping, unshare, nsenter, iperf3
    case testpmd = "dpdk-testpmd (dpdk-dev)"
    case tun = "/dev/net/tun"
    case ip = "iproute2"
    case scapy = "python3-scapy"
    case yaml = "python3-yaml"
    case namespaces = "network namespaces (root)"

    /// Whether it is there.
    var isMet: Bool {
      switch self {
      case .tshark, .tcpdump, .ping, .unshare, .nsenter, .iperf3: Program(named: rawValue) != nil
      case .testpmd: Program(named: "dpdk-testpmd") != nil
      case .tun: FileManager.default.isWritableFile(atPath: "/dev/net/tun")
      case .ip: Program(named: "ip") != nil
      case .scapy: Oracle.succeeds(Oracle.python, "-c", "import scapy.layers.inet")
      case .yaml: Oracle.succeeds(Oracle.python, "-c", "import yaml")
      case .namespaces: getuid() == 0 && Oracle.succeeds("/usr/bin/env", "unshare", "-n", "true")
      }
    }
  }

  static let files: [Need] = [.tshark, .scapy]
  static let kernel: [Need] = [.tshark, .scapy, .yaml, .ip, .unshare, .namespaces]
  static let devices: [Need] = [.ping, .ip, .unshare, .nsenter, .namespaces, .tun]
  static let liveHosts: [Need] = [.iperf3, .tcpdump, .tshark] + devices
  static let testpmd: [Need] = [.testpmd]
  static let hosts: [Need] = kernel + [.tcpdump, .ping, .nsenter]

  private static let missing = Set(Need.allCases.filter { !$0.isMet })
  // Debian's packages are installed for this one, whatever python3 is in PATH.
  private static let python = "/usr/bin/python3"

  /// Whether tests that need this run. In continuous integration all do: what is missing there is a failure.
  static func has(_ needs: [Need]) -> Bool {
    ProcessInfo.processInfo.environment["CI"] == "true" || missing.isDisjoint(with: needs)
  }

  /// Why tests that need this do not run.
  static func lacks(_ needs: [Need]) -> Comment {
    "missing: \(needs.filter { missing.contains($0) }.map(\.rawValue).joined(separator: ", "))"
  }

  /// Runs a script of Tests/Oracles and expects it to find no fault; in a network namespace of its own if it needs one.
  @discardableResult
  static func run(
    _ script: String, _ arguments: [String], inNamespace: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let command =
      (inNamespace ? ["unshare", "-n"] : []) + [python, Program.packageDirectory + "/Tests/Oracles/" + script]
    let outcome = try Program(path: "/usr/bin/env").run(command + arguments, limit: 60)
    #expect(
      outcome.status == 0, "\(script) \(arguments.joined(separator: " ")):\n\(outcome.output)\(outcome.errors)",
      sourceLocation: sourceLocation)
    return outcome.output
  }

  /// Replays captures, given as port and path, and expects it to succeed; returns the report as JSON text.
  static func replay(
    _ configuration: String, _ inputs: KeyValuePairs<String, String>, to out: String, _ extra: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let inputs = inputs.flatMap { ["--in", "\($0.key)=\($0.value)"] }
    let outcome = try Program.penstock.run(["replay", configuration, "--out", out, "--json"] + inputs + extra)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.output
  }

  private static func succeeds(_ command: String...) -> Bool {
    (try? Program(path: command[0]).run(Array(command.dropFirst())))?.status == 0
  }
}
