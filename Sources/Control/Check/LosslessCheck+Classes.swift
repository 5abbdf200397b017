import Dataplane

extension LosslessCheck {
  /// Maps and queues.
  mutating func checkClasses(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    guard !groups.isEmpty else { return }
    checkMixedGroups(configuration, groups)
    if configuration.pause.mode == .priority { checkPriorities(configuration, groups) }
    checkQueues(configuration)
  }

  private mutating func checkMixedGroups(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    let qos = configuration.qos
    for index in groups.ports {
      let port = configuration.ports[index]
      for group in groups.groups[index].bits {
        let classes = (0..<8).filter { qos.trafficClassToPriorityGroup[$0].index == group }
        func isLossless(_ trafficClass: Int) -> Bool {
          port.queues[qos.trafficClassToQueue[trafficClass].index].isLossless
        }
        guard let lossy = classes.first(where: { !isLossless($0) }), let lossless = classes.first(where: isLossless)
        else { continue }
        let free = (0..<8).first { number in !qos.trafficClassToPriorityGroup.contains { $0.index == number } }
        refuse(
          .mixedPriorityGroup, "qos.traffic-class-to-priority-group",
          "priority group \(group) of `\(port.name)` is that of class \(lossless), whose queue is lossless, and of class "
            + "\(lossy), whose queue is lossy",
          "write `{\(lossy): \(free ?? (group + 1) & 7)}` or another group of lossy classes")
        return
      }
    }
  }

  private mutating func checkPriorities(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    let qos = configuration.qos
    var (isUnannounced, isUnstopped, isCrossed) = (false, false, false)
    for index in groups.ports {
      let port = configuration.ports[index]
      for trafficClass in 0..<8 {
        let queue = qos.trafficClassToQueue[trafficClass].index
        guard port.queues[queue].isLossless else { continue }
        let group = qos.trafficClassToPriorityGroup[trafficClass]
        let announced = configuration.announcedPriorities(of: port, group: group).bits
        let stopped = (0..<8).contains { qos.pfcPriorityToQueue[$0].index == queue }
        if announced.isEmpty, !isUnannounced {
          isUnannounced = true
          refuse(
            .unannouncedGroup, "qos.pfc-priority-to-priority-group",
            "priority group \(group.rawValue) is lossless, and no PFC priority stands for it",
            "write `{\(trafficClass): \(group.rawValue)}`")
        } else if !stopped, !isUnstopped {
          isUnstopped = true
          refuse(
            .unstoppedQueue, "qos.pfc-priority-to-queue", "queue \(queue) is lossless, and no PFC priority stops it",
            "write `{\(announced.first ?? trafficClass): \(queue)}`")
        } else if !announced.isEmpty, stopped, !isCrossed,
          !announced.contains(where: { qos.pfcPriorityToQueue[$0].index == queue })
        {
          isCrossed = true
          let priority = announced[0]
          warn(
            .crossedPriorities, "qos.pfc-priority-to-queue",
            "XOFF for priority group \(group.rawValue) names PFC priority \(priority), which stops queue "
              + "\(qos.pfcPriorityToQueue[priority].rawValue); class \(trafficClass) leaves from queue \(queue), so that an equal "
              + "neighbour would go on sending", "map priority \(priority) to queue \(queue)")
        }
      }
    }
  }

  private mutating func checkQueues(_ configuration: SwitchConfiguration) {
    let qos = configuration.qos
    for trafficClass in 0..<8 {
      let queue = qos.trafficClassToQueue[trafficClass].index
      guard let lossless = configuration.ports.first(where: { $0.queues[queue].isLossless }),
        let lossy = configuration.ports.first(where: { !$0.queues[queue].isLossless })
      else { continue }
      warn(
        .partlyLossless, "qos.queues.\(queue).lossless",
        "queue \(queue) is lossless on `\(lossless.name)` and lossy on `\(lossy.name)`: class \(trafficClass) may lose packets "
          + "between them", "make it lossless on all ports between which packets must not be lost")
      break
    }
    for (number, port) in configuration.ports.enumerated() {
      guard let queue = port.queues.firstIndex(where: { $0.isLossless && $0.ecn?.dropsNotCapable == true }) else {
        continue
      }
      let isOwn = port.queues[queue].ecn != qos.queues[queue].ecn
      refuse(
        .dropsInLosslessQueue, (isOwn ? "ports[\(number)].queues" : "qos.queues") + ".\(queue).ecn.drop",
        "queue \(queue) of `\(port.name)` is lossless, and its packets must not be dropped", "write `drop: false`")
      break
    }
    guard let trim = configuration.buffer.trim, configuration.buffer.model == .asic else { return }
    let lossless = configuration.ports.reduce(UInt8(0)) { bits, port in
      port.queues.indices.reduce(bits) { port.queues[$1].isLossless ? $0 | 1 << UInt8($1) : $0 }
    }
    if lossless & 1 << trim.queue.rawValue != 0 {
      refuse(
        .trimsLossless, "buffer.trim.queue",
        "queue \(trim.queue.rawValue) is lossless: trimmed packets could not be dropped where they are too many",
        "write \(Suggestion.alternatives((0..<8).filter { lossless & 1 << UInt8($0) == 0 }.map(String.init)))")
    }
    // Every queue is the default, which leaves lossless ones out.
    if trim.queues != 0xFF, let queue = (trim.queues & lossless).bits.first {
      refuse(
        .trimsLossless, "buffer.trim.queues", "queue \(queue) is lossless: its packets are never trimmed",
        "remove \(queue)")
    }
  }
}
