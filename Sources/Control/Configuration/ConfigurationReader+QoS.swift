import Dataplane

extension ConfigurationReader {
  /// Reads `qos`, or takes the usual RoCE configuration if it is absent.
  func readQoS(_ field: Field?) {
    guard let field else {
      configuration.qos = .roce
      return
    }
    guard let section = field.section(ConfigurationSchema.qos) else { return }
    var qos = QoSConfiguration()
    if let trust = section["trust"]?.choice(Trust.self) { qos.trust = trust }
    readMap(section["dscp"], keys: 63, "a DSCP", "a traffic class") { qos.dscpToTrafficClass[$0] = TrafficClass($1) }
    readMap(section["pcp"], keys: 7, "a PCP", "a traffic class") { qos.pcpToTrafficClass[$0] = TrafficClass($1) }
    readMap(section["traffic-class-to-queue"], keys: 7, "a traffic class", "a queue") {
      qos.trafficClassToQueue[$0] = QueueID($1)
    }
    readMap(section["traffic-class-to-priority-group"], keys: 7, "a traffic class", "a priority group") {
      qos.trafficClassToPriorityGroup[$0] = PriorityGroup($1)
    }
    readMap(section["pfc-priority-to-queue"], keys: 7, "a PFC priority", "a queue") {
      qos.pfcPriorityToQueue[$0] = QueueID($1)
    }
    readMap(section["pfc-priority-to-priority-group"], keys: 7, "a PFC priority", "a priority group") {
      qos.pfcPriorityToPriorityGroup[$0] = PriorityGroup($1)
    }
    if let overhead = section["overhead"]?.integer(0...64, "a number of bytes", unit: "B") {
      qos.overhead = Int(overhead)
    }
    if let queues = section["queues"] { readQueues(queues, into: &qos.queues, isTemplate: true) }
    configuration.qos = qos
  }

  private func readMap(
    _ field: Field?, keys limit: UInt64, _ what: String, _ value: String, _ store: (Int, Int) -> Void
  ) {
    let example = limit == 63 ? "{26: 3, 48: 6}" : "{3: 3, 4: 4}"
    for entry in field?.numbered(keys: 0...limit, what: what, example: example) ?? [] {
      if let number = entry.value.integer(0...7, value) { store(entry.number, Int(number)) }
    }
  }

  /// Reads queues over those there are.
  ///
  /// A queue of the template without a `schedule` of its own, listed or not, gets the smallest DWRR weight listed.
  func readQueues(_ field: Field, into queues: inout [QueueConfiguration], isTemplate: Bool = false) {
    guard let entries = field.numbered(keys: 0...7, what: "a queue", example: "{3: {schedule: strict}}") else { return }
    var scheduled: Set<Int> = []
    for (number, value) in entries {
      guard let section = value.section(ConfigurationSchema.queue) else { continue }
      if let schedule = section["schedule"] {
        scheduled.insert(number)
        if let schedule = readSchedule(schedule) { queues[number].schedule = schedule }
      }
      readQueue(section, into: &queues[number])
    }
    guard isTemplate else { return }
    let weights = scheduled.compactMap { number in
      if case .dwrr(let weight) = queues[number].schedule { weight } else { nil }
    }
    for number in queues.indices where !scheduled.contains(number) {
      queues[number].schedule = .dwrr(weight: weights.min() ?? 1)
    }
  }

  private func readSchedule(_ field: Field) -> QueueSchedule? {
    if field.isMapping {
      let weight = field.section(ConfigurationSchema.schedule)?["dwrr"]?.integer(1...1000, "a weight")
      return weight.map { .dwrr(weight: Int($0)) }
    }
    if field.scalar == "strict" { return .strict }
    if field.scalar == "dwrr" {
      field.report("`dwrr` has no weight", "write `{dwrr: 1}`")
    } else {
      let problem = field.scalar.map { "schedule `\($0)` is unknown" } ?? "this must be a schedule"
      field.report(problem, "write `strict` or `{dwrr: WEIGHT}`")
    }
    return nil
  }

  private func readQueue(_ section: Section, into queue: inout QueueConfiguration) {
    if let isLossless = section["lossless"]?.boolean() { queue.isLossless = isLossless }
    if let ecn = section["ecn"] { readECN(ecn, into: &queue.ecn) }
    if let field = section["minimum"] {
      queue.minimumRate = field.isNone ? nil : field.section(ConfigurationSchema.minimum).flatMap { readShaper($0) }
    }
    if let field = section["maximum"] {
      queue.maximumRate = field.isNone ? nil : field.section(ConfigurationSchema.maximum).flatMap { readShaper($0) }
    }
    if let least = queue.minimumRate?.rate, let most = queue.maximumRate?.rate, least > most {
      let (least, most) = (Quantity.rate.text(least.bitsPerSecond), Quantity.rate.text(most.bitsPerSecond))
      (section["minimum"] ?? section["maximum"] ?? section.field).report(
        "the minimum rate `\(least)` is above the maximum rate `\(most)`", "write at most `\(most)` as the minimum")
    }
  }

  private func readECN(_ field: Field, into ecn: inout ECNProfile?) {
    if field.isNone {
      ecn = nil
      return
    }
    guard let section = field.section(ConfigurationSchema.ecn) else { return }
    let base = ecn
    let sizes: ClosedRange<UInt64> = 0...68_719_476_736
    let kmin = section["kmin"].map { $0.size(sizes) } ?? base?.kmin
    let kmax = section["kmax"].map { $0.size(sizes) } ?? base?.kmax
    let pmax = section["pmax"].map { $0.probability() } ?? base?.pmax
    let moment = section["at"].map { $0.choice(MarkingMoment.self) } ?? base?.moment
    let drops = section["drop"].map { $0.boolean() } ?? base?.dropsNotCapable
    if base == nil {
      for (key, example) in [("kmin", "100kB"), ("kmax", "400kB"), ("pmax", "20%")] {
        section.require(key, example: example)
      }
    }
    guard let kmin, let kmax, let pmax else { return }
    if kmin > kmax {
      let (least, most) = (Quantity.size.text(kmin.bytes), Quantity.size.text(kmax.bytes))
      (section["kmin"] ?? field).report("`kmin` `\(least)` is above `kmax` `\(most)`", "write at most `\(most)`")
    }
    var profile = ECNProfile(kmin: kmin, kmax: kmax, pmax: pmax)
    profile.moment = moment ?? profile.moment
    profile.dropsNotCapable = drops ?? profile.dropsNotCapable
    ecn = profile
  }
}

extension Field {
  /// True for `none`, which takes away what there would be otherwise.
  var isNone: Bool { scalar == "none" }
}
