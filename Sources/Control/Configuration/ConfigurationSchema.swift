/// The keys that the loader knows: what unknown keys are compared with, and what the documentation must cover.
public struct ConfigurationSchema: Sendable {
  /// One mapping of the configuration.
  public struct Section: Sendable {
    /// Where it is: `ports[]` for an entry of a list, `qos.queues.N` for an entry under a number; empty at the top.
    public let path: String
    /// Its keys, in the order of the documentation.
    public let keys: [String]
    /// Those without a default.
    public let required: [String]

    init(_ path: String, _ keys: [String], required: [String] = []) {
      self.path = path
      self.keys = keys
      self.required = required
    }
  }

  /// A file with several switches.
  static let network = Section("", ["switches", "links"], required: ["switches"])
  static let link = Section("links[]", ["a", "b", "delay"], required: ["a", "b"])
  static let root = Section(
    "",
    [
      "switch", "ports", "vlans", "neighbors", "macs", "routes", "ecmp", "qos", "buffer", "pfc", "watchdog", "acl",
      "icmp", "workers", "telemetry",
    ], required: ["ports"])
  static let device = Section("switch", ["name", "id", "mac", "mode", "latency", "mac-ageing", "seed", "max-ports"])
  static let port = Section(
    "ports[]",
    [
      "name", "speed", "device", "cable", "mtu", "up", "address", "vlan", "trust", "traffic-class", "shaper", "queues",
      "impairments",
    ], required: ["name", "speed"])
  static let portVLAN = Section("ports[].vlan", ["trunk", "native"], required: ["trunk"])
  static let portShaper = Section("ports[].shaper", ["rate", "burst"], required: ["rate"])
  static let impairment = Section(
    "ports[].impairments[]",
    [
      "direction", "match", "delay", "jitter", "distribution", "in-order", "loss", "burst-loss", "corrupt", "duplicate",
      "reorder", "rate", "rate-queue",
    ], required: ["direction"])
  static let trafficMatch = Section("ports[].impairments[].match", ["dscp", "opcode", "qp", "psn", "pause"])
  static let burstLoss = Section(
    "ports[].impairments[].burst-loss", ["enter", "leave", "good", "bad"], required: ["enter", "leave"])
  static let corruption = Section(
    "ports[].impairments[].corrupt", ["probability", "bits", "mend"], required: ["probability"])
  static let reordering = Section(
    "ports[].impairments[].reorder", ["every", "probability", "by", "time", "at-most"])
  static let vlan = Section("vlans[]", ["id", "name", "address", "mtu"], required: ["id"])
  static let neighbor = Section("neighbors[]", ["port", "vlan", "address", "mac"], required: ["address", "mac"])
  static let mac = Section("macs[]", ["vlan", "mac", "port"], required: ["vlan", "mac", "port"])
  static let route = Section("routes[]", ["prefix", "via", "file"])
  static let routeFile = Section("routes", ["file"], required: ["file"])
  static let nextHop = Section("routes[].via[]", ["address", "weight", "port", "vlan"], required: ["address"])
  static let ecmp = Section("ecmp", ["mode", "fields", "seed", "flowlet-gap"])
  static let qos = Section(
    "qos",
    [
      "trust", "dscp", "pcp", "traffic-class-to-queue", "traffic-class-to-priority-group", "pfc-priority-to-queue",
      "pfc-priority-to-priority-group", "overhead", "queues",
    ])
  static let queue = Section("qos.queues.N", ["schedule", "lossless", "ecn", "minimum", "maximum"])
  static let schedule = Section("qos.queues.N.schedule", ["dwrr"], required: ["dwrr"])
  static let ecn = Section("qos.queues.N.ecn", ["kmin", "kmax", "pmax", "at", "drop"])
  static let minimum = Section("qos.queues.N.minimum", ["rate", "burst"], required: ["rate"])
  static let maximum = Section("qos.queues.N.maximum", ["rate", "burst"], required: ["rate"])
  static let buffer = Section(
    "buffer",
    [
      "model", "size", "cell", "headroom", "shared-headroom", "pools", "port-reserve", "alpha", "lossless", "lossy",
      "egress", "headroom-parameters", "trim", "hpcc",
    ])
  static let pools = Section("buffer.pools", ["lossless", "lossy"], required: ["lossless", "lossy"])
  static let alpha = Section("buffer.alpha", ["lossless", "lossy"])
  static let lossless = Section("buffer.lossless", ["reserve", "limit", "xon", "xon-offset"])
  static let lossy = Section("buffer.lossy", ["reserve", "limit"])
  static let egress = Section("buffer.egress", ["alpha", "limit", "reserve", "size"])
  static let headroomParameters = Section(
    "buffer.headroom-parameters", ["small-packets", "lossless-mtu", "gearbox", "mac-phy", "response"])
  static let trim = Section("buffer.trim", ["size", "dscp", "queue", "queues"], required: ["dscp", "queue"])
  static let hpcc = Section("buffer.hpcc", ["reserve", "resume-offset", "shift", "nic-rate", "headroom-factor"])
  static let pfc = Section("pfc", ["mode", "quanta", "refresh", "response"])
  static let watchdog = Section("watchdog", ["detection", "restoration", "action"])
  static let rule = Section(
    "acl[]",
    [
      "name", "action", "port", "ethertype", "vlan", "source", "destination", "protocol", "source-port",
      "destination-port", "dscp",
    ], required: ["action"])
  static let action = Section("acl[].action", ["remark", "mirror"])
  static let icmp = Section("icmp", ["rate"])
  static let worker = Section("workers[]", ["name", "cpu", "ports"])
  static let telemetry = Section(
    "telemetry", ["node-id", "host-ports", "excluded-ports", "utilisation-window", "int", "ioam", "reports"])
  static let int = Section(
    "telemetry.int",
    ["mode", "roce", "announce", "udp-port", "dscp", "instructions", "max-hops", "domain", "watch"])
  static let domain = Section("telemetry.int.domain", ["id", "words"], required: ["id", "words"])
  static let watch = Section(
    "telemetry.int.watch[]",
    ["source", "destination", "protocol", "source-port", "destination-port", "dscp", "qp", "sample"])
  static let sample = Section("telemetry.int.watch[].sample", ["every", "flows", "change"])
  static let sampleChange = Section("telemetry.int.watch[].sample.change", ["latency", "queue"])
  static let ioam = Section("telemetry.ioam", ["node-id", "wide-node-id", "namespaces"])
  static let ioamNamespace = Section("telemetry.ioam.namespaces[]", ["id", "data", "wide-data"], required: ["id"])
  static let reports = Section(
    "telemetry.reports",
    [
      "collector", "port", "source", "dscp", "truncate", "batch", "flush", "rate", "burst", "drops", "congestion",
      "change",
    ], required: ["collector"])
  static let congestion = Section("telemetry.reports.congestion", ["threshold", "quantum"], required: ["threshold"])
  static let reportChange = Section("telemetry.reports.change", ["latency", "queue"])

  /// Every mapping, in the order of the documentation. The queues of a port take the keys of `qos.queues.N`.
  public static let sections = [
    root, device, port, portVLAN, portShaper, impairment, trafficMatch, burstLoss, corruption, reordering, vlan,
    neighbor, mac, routeFile, route, nextHop, ecmp, qos, queue,
    schedule, ecn, minimum, maximum, buffer, pools, alpha, lossless, lossy, egress, headroomParameters, trim, hpcc, pfc,
    watchdog, rule, action, icmp, worker, network, link, telemetry, int, domain, watch, sample, sampleChange, ioam,
    ioamNamespace, reports, congestion, reportChange,
  ]

  /// The path of every key: `ports[].speed`.
  public static var keyPaths: [String] {
    sections.flatMap { section in section.keys.map { section.path.isEmpty ? $0 : "\(section.path).\($0)" } }
  }
}
