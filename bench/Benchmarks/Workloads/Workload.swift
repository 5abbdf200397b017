import Dataplane
import Wire

/// Frames to measure with: the same ones every time, in an order without pattern.
public struct Workload: Equatable, Sendable {
  /// Its name: `64 B`, `IMIX`.
  public let name: String
  /// The frames, which are sent over and over.
  public let frames: FrameList
  /// Different flows among them.
  public let flows: Int
  /// The prefixes that lead to all destinations.
  public let routes: [IPPrefix]

  /// A workload of some frames.
  init(name: String, frames: FrameList, flows: Int, routes: [IPPrefix]) {
    self.name = name
    self.frames = frames
    self.flows = flows
    self.routes = routes
  }

  /// Writes the frames as a capture, for peers.
  public func write(to path: String) throws(BenchmarkError) { try frames.write(to: path) }

  /// The workload of a capture, whatever is in it: everything has a route.
  public static func capture(_ path: String) throws(BenchmarkError) -> Workload {
    let frames = try FrameList(capture: path)
    return Workload(
      name: path.split(separator: "/").last.map(String.init) ?? path, frames: frames,
      flows: FlowCensus.count(in: frames), routes: ["0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) })
  }
}

/// What a workload is made of.
public struct WorkloadPlan: Equatable, Sendable {
  /// How long frames are.
  public enum Sizes: Equatable, Sendable {
    /// All alike, in octets with check sequence.
    case fixed(Int)
    /// 64, 594 and 1518 octets at 7:4:1.
    case imix
    /// WRITEs of RDMA of this many octets, in packets of 4096.
    case writes(message: Int)
  }

  /// The name of the workload.
  public var name: String
  /// How long frames are.
  public var sizes: Sizes
  /// IPv6 rather than IPv4.
  public var isIPv6 = false
  /// Different flows, 1 to 2^20.
  public var flows = 4096
  /// Different destination prefixes.
  public var prefixes = 16
  /// Exponent of the distribution of packets over flows (Zipf); 0: all flows have equally many.
  public var skew = 0.0

  /// 4096 flows to 16 prefixes over IPv4.
  public init(_ name: String, _ sizes: Sizes) {
    self.name = name
    self.sizes = sizes
  }

  /// Frames of 64 octets.
  public static let small = WorkloadPlan("64 B", .fixed(64))
  /// Frames of 256 octets.
  public static let medium = WorkloadPlan("256 B", .fixed(256))
  /// The usual mix of the Internet.
  public static let imix = WorkloadPlan("IMIX", .imix)
  /// 1024 octets of payload: 1086 with check sequence.
  public static let large = WorkloadPlan("1024 B", .fixed(1086))
  /// Messages of 64 KiB in packets of 4 KiB, of 128 queue pairs at a time.
  public static let writes: WorkloadPlan = {
    var plan = WorkloadPlan("4 KB WRITE", .writes(message: 65_536))
    plan.flows = 128
    return plan
  }()
  /// Frames of 82 octets: the smallest of RoCEv2 over IPv6.
  public static let ipv6: WorkloadPlan = {
    var plan = WorkloadPlan("IPv6 82 B", .fixed(82))
    plan.isIPv6 = true
    return plan
  }()

  /// The workloads that suites measure with.
  public static let usual: [WorkloadPlan] = [small, medium, imix, large, writes, ipv6]
}
