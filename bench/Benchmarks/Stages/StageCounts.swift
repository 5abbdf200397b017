/// Instructions of a known number of packets, by stage.
public struct StageCounts: Equatable, Sendable {
  /// Instructions a packet of each stage.
  public private(set) var perPacket: [Stage: Double]
  /// Functions that no stage owns, with what they cost a packet, the most first.
  public private(set) var unknown: [(name: String, perPacket: Double)] = []
  /// How often functions of the runtime and the C library were called that the packet path must not call.
  public private(set) var forbidden: [String: UInt64] = [:]

  /// Whether stages and calls are the same; what is unknown may have another order.
  public static func == (left: Self, right: Self) -> Bool {
    left.perPacket == right.perPacket && left.forbidden == right.forbidden
  }

  /// Instructions a packet of the switch alone.
  public var total: Double { Stage.ofTheSwitch.reduce(0) { $0 + (perPacket[$1] ?? 0) } }

  /// Counts by their values.
  public init(perPacket: [Stage: Double]) { self.perPacket = perPacket }

  /// Attributes a profile.
  ///
  /// Code of other files counts where it was called from. So does what the program has of its own that serves several
  /// stages, in proportion to what its callers spent in it.
  init(_ profile: CallgrindProfile, _ stages: AddressStages, packets: UInt64) {
    var attribution = Attribution(profile, stages)
    attribution.run()
    let packets = Double(max(1, packets))
    perPacket = attribution.counts.mapValues { $0 / packets }
    unknown = attribution.unknown.map { ($0.key, $0.value / packets) }.sorted { $0.1 > $1.1 }
    for (name, count) in profile.entries where StageCounts.isForbidden(name) { forbidden[name, default: 0] += count }
  }

  /// Whether a function counts references or manages memory.
  static func isForbidden(_ name: String) -> Bool {
    let plain = name.split(separator: "'").first.map(String.init) ?? name
    return ["malloc", "calloc", "realloc", "free", "posix_memalign", "aligned_alloc"].contains(plain)
      || [
        "swift_retain", "swift_release", "swift_allocObject", "swift_slowAlloc", "swift_dealloc", "swift_beginAccess",
      ]
      .contains { plain.hasPrefix($0) }
  }
}

/// The bookkeeping behind ``StageCounts``.
private struct Attribution {
  private let profile: CallgrindProfile
  private let stages: AddressStages
  private let callers: [String: [CallgrindProfile.Call]]
  private let functionAt: [UInt64: String]
  private var shares: [String: [Stage: Double]] = [:]
  private(set) var counts: [Stage: Double] = [:]
  private(set) var unknown: [String: Double] = [:]

  init(_ profile: CallgrindProfile, _ stages: AddressStages) {
    self.profile = profile
    self.stages = stages
    callers = Dictionary(grouping: profile.calls.filter { !$0.leaves }, by: \.callee)
    functionAt = profile.own.mapValues(\.function)
  }

  mutating func run() {
    for (address, entry) in profile.own { add(Double(entry.count), at: address, in: entry.function) }
    for call in profile.calls where call.leaves {
      add(Double(call.inclusive), at: call.address, in: functionAt[call.address] ?? "")
    }
    // Nothing is lost: what no call of the program explains is named.
    let rest = Double(profile.total) - counts.values.reduce(0, +)
    if rest > 0.5 {
      counts[.other, default: 0] += rest
      unknown["(outside of the program)", default: 0] += rest
    }
  }

  private mutating func add(_ cost: Double, at address: UInt64, in function: String) {
    if let stage = stages[address] {
      counts[stage, default: 0] += cost
      return
    }
    for (stage, share) in share(of: function, depth: 0) {
      counts[stage, default: 0] += cost * share
      if stage == .other { unknown[stages.unknown[address] ?? function, default: 0] += cost * share }
    }
  }

  /// How the cost of a function without a stage is divided: as its callers are.
  private mutating func share(of function: String, depth: Int) -> [Stage: Double] {
    if let known = shares[function] { return known }
    let calls = callers[function] ?? []
    let all = calls.reduce(0.0) { $0 + Double($1.inclusive) }
    guard all > 0, depth < 8 else { return [.other: 1] }
    var result: [Stage: Double] = [:]
    for call in calls {
      let part = Double(call.inclusive) / all
      if let stage = stages[call.address] {
        result[stage, default: 0] += part
      } else {
        for (stage, share) in share(of: functionAt[call.address] ?? "", depth: depth + 1) {
          result[stage, default: 0] += part * share
        }
      }
    }
    shares[function] = result
    return result
  }
}
