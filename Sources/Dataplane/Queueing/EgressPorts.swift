/// All ports with their queues and shapers: flat tables, a queue at port x 8 + queue.
struct EgressPorts: ~Copyable {
  let ports: FlatTable<Port>
  let queues: FlatTable<EgressQueue>
  let shapers: FlatTable<QueueShapers>
  let markings: FlatTable<QueueMarking>

  init(_ configuration: SwitchConfiguration, _ slice: Slice, ticksPerSecond: UInt64) {
    let isTimed = configuration.pipelineLatency > .zero || configuration.forwardingMode == .cutThrough
    let largestFrame = DWRRQuanta.largestFrame(of: configuration)
    var queues: [EgressQueue] = []
    var shapers: [QueueShapers] = []
    var markings: [QueueMarking] = []
    for port in configuration.ports {
      // A queue waits for the frame on the wire, and for one of each other queue that is below its minimum rate.
      let slack = Serializer(rate: port.speed, ticksPerSecond: ticksPerSecond).ticks(
        bytes: QueueID.count * largestFrame)
      for (entry, quantum) in zip(port.queues, DWRRQuanta.quanta(for: port.queues, largestFrame: largestFrame)) {
        var queue = EgressQueue()
        queue.quantum = Int64(quantum)
        // Far apart, so that the sequences of two queues do not overlap.
        let stream = UInt64(queues.count + 1) &* 0xA24B_AED4_963E_E407 ^ UInt64(configuration.id) << 32
        markings.append(
          QueueMarking(entry.ecn, isLossless: entry.isLossless, seed: configuration.seed &+ stream))
        queues.append(queue)
        shapers.append(
          QueueShapers(
            minimum: entry.minimumRate.map { ShaperState($0, ticksPerSecond: ticksPerSecond, slackTicks: slack) },
            maximum: entry.maximumRate.map { ShaperState($0, ticksPerSecond: ticksPerSecond) }))
      }
    }
    ports = FlatTable(
      configuration.ports.enumerated().map { index, port in
        Port(
          port, isTimed: isTimed, isDirect: configuration.forwardingMode == .direct, ticksPerSecond: ticksPerSecond,
          serialization: configuration.serialization,
          telemetry: configuration.telemetry?.role(of: PortID(index)) ?? .none,
          owner: slice.owner(of: index), slice: slice.number)
      })
    self.queues = FlatTable(queues)
    self.shapers = FlatTable(shapers)
    self.markings = FlatTable(markings)
  }

  deinit {
    for index in 0..<queues.count {
      while let packet = queues.base[index].pop() { PacketMemory.free(packet) }
    }
  }
}
