import Dataplane

extension ThresholdCases {
  private static let source = "SAI_BUFFER_POOL_ATTR_XOFF_SIZE, SAI_BUFFER_PROFILE_ATTR_XOFF_TH"
  private static let beginning = 1_000_000

  /// The use of a pool of its own by lossy traffic does not move the limit of lossless groups.
  static func otherPool(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.threshold, "lossy traffic and the limit of lossless groups") { experiment in
      var bench = try Bench.lossless(user, senders: 1)
      let still = try bench.lossy()
      bench.configuration = still.configuration
      let length = bench.largestFrame
      // The theory: lossy frames first, of which one leaves at once, then lossless ones until one is dropped.
      var theory = BufferTheory(bench.configuration)
      let lossyAccount = bench.ingress[0].index * 8 + still.group.index
      let quota = 64
      _ = theory.arrive(lossyAccount, length: length)
      // Link-level PAUSE holds the lossy queue too.
      if bench.configuration.pause.mode == .priority { _ = theory.leave() }
      for _ in 1..<quota { _ = theory.arrive(lossyAccount, length: length) }
      var story = ThresholdTrace.Story()
      var frame = 0
      while story.drop == 0 {
        frame += 1
        guard frame < Filling.limit else { throw NotApplicable("the buffer is too large to be filled") }
        story.note(frame, &theory, bench.account(bench.ingress[0]), length: length)
      }
      let later = WireTheory.arrival(quota + 1, length: length, start: beginning, port: bench.port) + 1_000_000
      let end = WireTheory.arrival(frame + 1, length: length, start: later, port: bench.port)
      var laboratory = try experiment.laboratory(bench.configuration, packets: frame + quota)
      laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(end + 1_000_000)))
      laboratory.add(still.flow(bench.ingress[0], length: length, count: UInt64(quota), start: beginning))
      laboratory.add(bench.flow(bench.ingress[0], length: length, count: UInt64(frame), start: later))
      laboratory.run(until: Tick(UInt64(end)))
      let xoff = laboratory.observed.first {
        $0.event.group == bench.group && ($0.event.kind == .threshold || $0.event.kind == .headroom)
      }
      let isSplit = bench.configuration.buffer.pools != nil
      let what = isSplit ? "in a pool of their own" : "in the same pool"
      return [
        Check(
          "first XOFF beside lossy frames \(what)",
          formula: isSplit ? "as if they were not there" : "first k: u(k) > limit(S - M - u)", source: source,
          unit: "frames", expected: Double(story.xoff), measured: Double(Int(xoff?.arrived ?? 0) - quota)),
        Check(
          "first drop", formula: "headroom frame + floor(headroom / p)", source: source, unit: "frames",
          expected: Double(story.drop), measured: Double(laboratory.records[1].firstDropped)),
      ]
    }
  }

  /// A lossy group: dropped at the limit of its group or of its queue, whichever comes first.
  static func lossy(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.threshold, "a lossy group is dropped at its limit") { experiment in
      let bench = try Bench.lossy(user)
      guard user.buffer.trim == nil else { throw NotApplicable("packets are trimmed instead of dropped") }
      let length = bench.largestFrame
      var theory = BufferTheory(bench.configuration)
      let account = bench.account(bench.ingress[0])
      // The first frame leaves at once; the shaper holds all others.
      var frame = 1
      var last = theory.arrive(account, length: length).outcome
      _ = theory.leave()
      while last != .dropped {
        frame += 1
        guard frame < Filling.limit else { throw NotApplicable("the buffer is too large to be filled") }
        last = theory.arrive(account, length: length).outcome
      }
      var laboratory = try experiment.laboratory(bench.configuration, packets: frame)
      laboratory.add(bench.flow(bench.ingress[0], length: length, count: UInt64(frame), start: beginning))
      laboratory.run(
        until: Tick(UInt64(WireTheory.arrival(frame, length: length, start: beginning, port: bench.port))))
      return [
        Check(
          "first drop", formula: "first k: u(k) > limit of the group, or of its queue", source: source, unit: "frames",
          expected: Double(frame), measured: Double(laboratory.records[0].firstDropped)),
        Check(
          "pauses asked for", formula: "0: lossy groups are not defended", source: source, unit: "XOFFs", expected: 0,
          measured: Double(laboratory.pauseFrames.count)),
      ]
    }
  }

  /// The same buffer with one headroom pool for all groups: each may have its cap, and all together the pool.
  static func sharedHeadroom(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.threshold, "one headroom pool for two groups") { experiment in
      try headroom(user, experiment, isShared: true)
    }
  }

  /// The same buffer with headroom for each group.
  static func ownHeadroom(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.threshold, "headroom for each of two groups") { experiment in
      try headroom(user, experiment, isShared: false)
    }
  }

  private static func headroom(
    _ user: SwitchConfiguration, _ experiment: Experiment, isShared: Bool
  ) throws -> [Check] {
    var user = user
    var bench = try Bench.lossless(user, senders: 2)
    // One and a half caps, so that the second group runs into the pool's end and not into its own.
    let length = bench.largestFrame
    let cap =
      UInt64(4 * ((length + Int(user.buffer.cell.bytes) - 1) / Int(user.buffer.cell.bytes))) * user.buffer.cell.bytes
    user.buffer.headroom = ByteCount(cap)
    user.buffer.sharedHeadroom = isShared ? ByteCount(cap * 3 / 2) : nil
    bench = try Bench.lossless(user, senders: 2)
    let starts = [beginning, beginning]
    let (filling, expected) = try Filling.untilDrops(bench, length: length, starts: starts, fixed: [nil, nil])
    let measured = try filling.measure(experiment)
    return bench.ingress.indices.flatMap { index in
      [
        Check(
          "first use of headroom, group \(index + 1)", formula: "first k: u(k-1) + p > limit(S - sum u)",
          source: source, unit: "frames", expected: Double(expected.stories[index].headroom),
          measured: Double(measured.stories[index].headroom)),
        Check(
          "first drop, group \(index + 1)",
          formula: isShared ? "h > cap, or sum h > pool" : "headroom frame + floor(headroom / p)", source: source,
          unit: "frames", expected: Double(expected.stories[index].drop),
          measured: Double(measured.stories[index].drop)),
      ]
    }
  }

  /// A static limit.
  static func fixedLimit(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.threshold, "a static limit") { experiment in
      var changed = user
      let whole = BufferTheory(LaboratoryConfiguration.make(user))
      changed.buffer.lossless.threshold = .fixed(ByteCount(UInt64(max(1, whole.poolSize[0] / 3) * whole.cell)))
      let bench = try Bench.lossless(changed, senders: 1)
      let length = bench.largestFrame
      let (filling, expected) = try Filling.untilDrops(bench, length: length, starts: [beginning], fixed: [nil])
      let measured = try filling.measure(experiment)
      let theory = BufferTheory(bench.configuration)
      let cells = theory.cells(length)
      let limit = max(1, whole.poolSize[0] / 3)
      let reserve = theory.groups[bench.account(bench.ingress[0])].reserve + theory.portReserve
      return [
        Check(
          "first XOFF", formula: "floor((T + reserve) / p) + 1", source: source, unit: "frames",
          expected: Double((limit + reserve) / cells + 1), measured: Double(measured.stories[0].xoff)),
        Check(
          "first drop", formula: "headroom frame + floor(headroom / p)", source: source, unit: "frames",
          expected: Double(expected.stories[0].drop), measured: Double(measured.stories[0].drop)),
      ]
    }
  }
}
