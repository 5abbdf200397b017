import Dataplane

/// Packets that are not admitted are cut and sent on.
enum TrimmingCases {
  /// All cases of a configuration.
  static func all(_ user: SwitchConfiguration) -> [ConformanceCase] {
    [
      ConformanceCase(.trimming, "what is not admitted is trimmed") { experiment in
        guard let trim = user.buffer.trim else { throw NotApplicable("packets are not trimmed") }
        let bench = try Bench.lossy(user)
        guard trim.queues & 1 << bench.queue.rawValue != 0, trim.queue != bench.queue else {
          throw NotApplicable("the lossy queue \(bench.queue.rawValue) is not trimmed")
        }
        let length = bench.largestFrame
        guard trim.size < length else { throw NotApplicable("no frame is longer than trimmed ones") }
        var theory = BufferTheory(bench.configuration)
        let account = bench.account(bench.ingress[0])
        _ = theory.arrive(account, length: length)
        _ = theory.leave()
        var admitted = 1
        while theory.arrive(account, length: length).outcome != .dropped {
          admitted += 1
          guard admitted < Filling.limit else { throw NotApplicable("the buffer is too large to be filled") }
        }
        let surplus = 10
        let count = admitted + surplus
        var laboratory = try experiment.laboratory(bench.configuration, packets: count + 64)
        laboratory.add(bench.flow(bench.ingress[0], length: length, count: UInt64(count), start: 1_000_000))
        let end = WireTheory.arrival(count + 8, length: length, start: 1_000_000, port: bench.port)
        laboratory.run(until: Tick(UInt64(end)))
        let source = "SONiC packet trimming; SAI_BUFFER_PROFILE_PACKET_ADMISSION_FAIL_ACTION"
        return [
          Check(
            "trimmed frames sent", formula: "those that are not admitted", source: source, unit: "frames",
            expected: Double(surplus), measured: Double(laboratory.records[0].departed) - 1),
          Check(
            "bytes sent", formula: "the first frame, and size x trimmed", source: source, unit: "B",
            expected: Double(length + surplus * trim.size), measured: Double(laboratory.records[0].departedBytes)),
        ]
      }
    ]
  }
}
