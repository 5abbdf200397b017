import Dataplane

/// The sizes of anything in the buffer.
private let bufferSizes: ClosedRange<UInt64> = 0...68_719_476_736
/// The sizes of pools.
private let poolSizes: ClosedRange<UInt64> = 1024...68_719_476_736

extension ConfigurationReader {
  /// Reads `buffer`.
  func readBuffer(_ section: Section) {
    if let model = section["model"]?.choice(BufferModel.self) { configuration.buffer.model = model }
    if let size = section["size"]?.size(65_536...68_719_476_736) { configuration.buffer.size = size }
    if let cell = section["cell"]?.size(16...65_536) { configuration.buffer.cell = cell }
    if let headroom = section["headroom"] { readHeadroom(headroom) }
    if let shared = section["shared-headroom"], !shared.isNone, !shared.isMisspelt(["none"]) {
      configuration.buffer.sharedHeadroom = shared.size(poolSizes)
    }
    if let pools = section["pools"]?.section(ConfigurationSchema.pools),
      let lossless = pools["lossless"]?.size(poolSizes), let lossy = pools["lossy"]?.size(poolSizes)
    {
      configuration.buffer.pools = SharedPools(lossless: lossless, lossy: lossy)
    }
    if let reserve = section["port-reserve"]?.size(bufferSizes) { configuration.buffer.portReserve = reserve }
    let alpha = section["alpha"]?.section(ConfigurationSchema.alpha)
    if let exponent = alpha?["lossless"]?.powerOfTwo() {
      configuration.buffer.lossless.threshold = .dynamic(log2Alpha: exponent)
    }
    if let exponent = alpha?["lossy"]?.powerOfTwo() {
      configuration.buffer.lossy.threshold = .dynamic(log2Alpha: exponent)
    }
    if let lossless = section["lossless"]?.section(ConfigurationSchema.lossless) {
      readProfile(lossless, "lossless", alpha: alpha?["lossless"], into: &configuration.buffer.lossless)
    }
    if let lossy = section["lossy"]?.section(ConfigurationSchema.lossy) {
      readProfile(lossy, "lossy", alpha: alpha?["lossy"], into: &configuration.buffer.lossy)
    }
    if let egress = section["egress"]?.section(ConfigurationSchema.egress) { readEgress(egress) }
    if let parameters = section["headroom-parameters"]?.section(ConfigurationSchema.headroomParameters) {
      readHeadroomParameters(parameters)
    }
    if let trim = section["trim"], !trim.isNone, let trim = trim.section(ConfigurationSchema.trim) { readTrim(trim) }
    if let hpcc = section["hpcc"]?.section(ConfigurationSchema.hpcc) { readSimulator(hpcc) }
    checkModel(section)
  }

  private func readHeadroom(_ field: Field) {
    guard field.scalar != "auto", !field.isMisspelt(["auto"]) else { return }
    if let bytes = field.size(bufferSizes) {
      configuration.buffer.headroom = bytes
      if bytes > configuration.buffer.size {
        let size = Quantity.size.text(configuration.buffer.size.bytes)
        field.report("`\(field.scalar ?? "")` is more than the whole buffer", "write `auto` or up to `\(size)`")
      }
    }
  }

  private func readProfile(
    _ section: Section, _ name: String, alpha: Field?, into profile: inout PriorityGroupProfile
  ) {
    if let reserve = section["reserve"]?.size(bufferSizes) { profile.reserve = reserve }
    if let field = section["limit"], let limit = field.size(bufferSizes) {
      profile.threshold = .fixed(limit)
      if alpha != nil { reportBothLimits(field, "buffer.alpha.\(name)") }
    }
    if let xon = section["xon"]?.size(bufferSizes) { profile.xon = xon }
    if let offset = section["xon-offset"]?.size(bufferSizes) { profile.xonOffset = offset }
  }

  private func reportBothLimits(_ field: Field, _ alpha: String) {
    field.report("there is `\(alpha)` as well, and a limit is either fixed or dynamic", "keep one of them")
  }

  private func readEgress(_ section: Section) {
    if let exponent = section["alpha"]?.powerOfTwo() {
      configuration.buffer.egress.threshold = .dynamic(log2Alpha: exponent)
    }
    if let field = section["limit"], let limit = field.size(bufferSizes) {
      configuration.buffer.egress.threshold = .fixed(limit)
      if section.has("alpha") { reportBothLimits(field, "buffer.egress.alpha") }
    }
    if let reserve = section["reserve"]?.size(bufferSizes) { configuration.buffer.egress.reserve = reserve }
    if let size = section["size"]?.size(poolSizes) { configuration.buffer.egress.size = size }
  }

  private func readHeadroomParameters(_ section: Section) {
    if let field = section["small-packets"], let share = field.probability() {
      configuration.buffer.headroomParameters.smallPacketPercent = UInt64(share.partsPerMillion / 10_000)
      if share.partsPerMillion % 10_000 != 0 {
        field.report("`\(field.scalar ?? "")` is not a whole percentage", "write `0%` to `100%`")
      }
    }
    if let mtu = section["lossless-mtu"]?.integer(68...9216, "an MTU", unit: "B") {
      configuration.buffer.headroomParameters.losslessMTU = mtu
    }
    if let gearbox = section["gearbox"]?.size(0...1_000_000) {
      configuration.buffer.headroomParameters.gearbox = gearbox
    }
    if let delay = section["mac-phy"]?.size(0...1_000_000) { configuration.buffer.headroomParameters.macPhy = delay }
    if let quanta = section["response"]?.integer(0...65_535, "a number of quanta") {
      configuration.buffer.headroomParameters.responseQuanta = quanta
    }
  }

  private func readTrim(_ section: Section) {
    let size = section["size"]?.size(64...1024)
    let dscp = section["dscp"]?.integer(0...63, "a DSCP")
    let queue = section["queue"]?.integer(0...7, "a queue")
    var queues: UInt8?
    if let field = section["queues"], let entries = field.oneOrMore() {
      var bits: UInt8 = 0
      for entry in entries {
        guard let number = entry.integer(0...7, "a queue") else { continue }
        if bits & 1 << UInt8(number) != 0 { entry.report("queue \(number) is listed twice", "list it once") }
        bits |= 1 << UInt8(number)
      }
      if entries.isEmpty { field.report("no queue is trimmed", "list at least one, or remove `trim`") }
      queues = bits
    }
    guard let dscp, let queue else { return }
    var trim = TrimConfiguration(dscp: UInt8(dscp), queue: QueueID(Int(queue)))
    if let size { trim.size = Int(size.bytes) }
    if let queues { trim.queues = queues }
    configuration.buffer.trim = trim
  }

  private func readSimulator(_ section: Section) {
    if let reserve = section["reserve"]?.size(bufferSizes) { configuration.buffer.hpcc.reserve = reserve }
    if let offset = section["resume-offset"]?.size(bufferSizes) { configuration.buffer.hpcc.resumeOffset = offset }
    if let shift = section["shift"]?.integer(0...31, "a shift") { configuration.buffer.hpcc.shift = Int(shift) }
    if let rate = section["nic-rate"]?.rate(portSpeeds) { configuration.buffer.hpcc.nicRate = rate }
    if let factor = section["headroom-factor"]?.integer(0...10_000, "a factor") {
      configuration.buffer.hpcc.headroomFactor = factor
    }
  }

  /// A key that the model does not look at is a mistake, like any that means nothing.
  private func checkModel(_ section: Section) {
    switch configuration.buffer.model {
    case .asic:
      section["hpcc"]?.report(
        "this means nothing to the model `asic`", "remove it, or write `model: hpcc` under `buffer`")
    case .hpcc:
      for key in ConfigurationSchema.buffer.keys where !["model", "size", "hpcc"].contains(key) {
        section[key]?.report(
          "this means nothing to the model `hpcc`", "remove it, or write `model: asic` under `buffer`")
      }
    }
  }
}
