import Dataplane
import TestSupport
import Wire

/// A random configuration with random traffic for it, both decided by a seed.
struct RandomConfiguration {
  private(set) var configuration: SwitchConfiguration
  /// By port: how late its host stops, in picoseconds.
  private(set) var responses: [UInt64] = []
  /// Links go down and come up.
  private(set) var flaps = false
  /// Hosts send pause frames too.
  private(set) var pausesSwitch = false
  /// Why lossless packets may be lost; nil: they must not be.
  private(set) var excuse: String?
  /// Sizes of frames, without check sequence.
  private let sizes: [Int]
  private var random: SplitMix64

  /// - Parameter slices: into how many the switch is divided, ports in turn.
  init(seed: UInt64, slices: Int = 1) {
    var random = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 77)
    let speeds = (0..<3).map { _ in BitRate.gigabits([10, 25, 40, 50, 100, 100, 200, 400, 800][random.below(9)]) }
    configuration = TestConfiguration.router(ports: 2 + random.below(5), speeds: speeds)
    configuration.seed = seed
    sizes = Self.mixes[random.below(Self.mixes.count)]
    self.random = random
    if slices > 1 { configuration.owners = configuration.ports.indices.map { $0 % slices } }
    choosePorts()
    chooseClasses()
    choosePauses()
    chooseBuffer()
    judge()
  }

  private mutating func oneIn(_ count: Int) -> Bool { random.below(count) == 0 }

  private mutating func choose<Value>(_ values: [Value]) -> Value { values[random.below(values.count)] }

  private mutating func choosePorts() {
    let mtu = max(68, (sizes.max() ?? 60) - 14)
    for index in configuration.ports.indices {
      configuration.ports[index].cable = CableLength(millimetres: choose([1000, 5000, 40_000, 300_000, 1_500_000]))
      configuration.ports[index].mtu = choose([mtu, 9216, 9216])
      if oneIn(12) {
        let rate = configuration.ports[index].speed.bitsPerSecond / 3
        configuration.ports[index].shaper = Shaper(
          rate: BitRate(bitsPerSecond: rate), burst: ByteCount(UInt64(random.below(20_000))))
      }
    }
    if oneIn(4) { configuration.forwardingMode = .cutThrough }
    if oneIn(4) { configuration.pipelineLatency = .nanoseconds(UInt64(random.below(2000))) }
  }

  private mutating func chooseClasses() {
    var qos = QoSConfiguration()
    qos.dscpToTrafficClass = (0..<64).map { TrafficClass($0 >> 3) }
    // Priority and traffic class are the same number; queue and group follow from it, each in its own way.
    let shift = choose([0, 0, 0, 3])
    let mask = choose([7, 7, 3])
    let turn = choose([0, 0, 5])
    qos.trafficClassToQueue = (0..<8).map { QueueID(($0 & mask) + shift & 7) }
    qos.trafficClassToPriorityGroup = (0..<8).map { PriorityGroup(($0 & mask) + turn & 7) }
    qos.pfcPriorityToQueue = qos.trafficClassToQueue
    qos.pfcPriorityToPriorityGroup = qos.trafficClassToPriorityGroup
    for queue in 0..<8 {
      qos.queues[queue].schedule = oneIn(4) ? .strict : .dwrr(weight: 1 + random.below(20))
      if oneIn(3) { qos.queues[queue].ecn = chooseECN() }
      if oneIn(12) { qos.queues[queue].maximumRate = Shaper(rate: .gigabits(7), burst: ByteCount(3000)) }
      if oneIn(12) { qos.queues[queue].minimumRate = Shaper(rate: .gigabits(2), burst: ByteCount(3000)) }
    }
    for trafficClass in [3, choose([1, 4, 6])] where !oneIn(12) {
      let queue = qos.trafficClassToQueue[trafficClass].index
      qos.queues[queue].isLossless = true
      qos.queues[queue].ecn?.dropsNotCapable = false
    }
    configuration.qos = qos
    for index in configuration.ports.indices {
      configuration.ports[index].queues = qos.queues
      guard oneIn(20) else { continue }
      for queue in 0..<8 { configuration.ports[index].queues[queue].isLossless = false }
    }
  }

  private mutating func chooseECN() -> ECNProfile {
    let kmin = random.below(20_000)
    var profile = ECNProfile(
      kmin: ByteCount(UInt64(kmin)), kmax: ByteCount(UInt64(kmin + random.below(30_000))),
      pmax: Probability(partsPerMillion: UInt32(random.below(1_000_001))))
    profile.moment = choose([.dequeue, .enqueue])
    profile.dropsNotCapable = oneIn(2)
    return profile
  }

  private mutating func choosePauses() {
    configuration.pause.mode = choose([.priority, .priority, .priority, .priority, .link, .off])
    configuration.pause.quanta = choose([65_535, 20_000, 4000, 1500])
    if oneIn(12) { configuration.pause.quanta = UInt16(1 + random.below(300)) }
    configuration.pause.response = choose([.immediate, .immediate, .standard, .after(.nanoseconds(700))])
    configuration.buffer.headroomParameters.responseQuanta = choose([nil, 0, 30])
    for port in configuration.ports {
      let quanta =
        configuration.buffer.headroomParameters.responseQuanta ?? PauseTime.responseQuanta(at: port.speed)
      let most = quanta * 512_000_000_000_000 / port.speed.bitsPerSecond
      responses.append(choose([most, 0, most / 2]))
    }
    if oneIn(3) {
      var watchdog = WatchdogConfiguration()
      watchdog.detection = .microseconds(UInt64(choose([3, 20, 100])))
      watchdog.restoration = oneIn(4) ? nil : .microseconds(UInt64(choose([2, 30])))
      watchdog.action = choose(WatchdogAction.allCases)
      configuration.watchdog = watchdog
    }
    pausesSwitch = oneIn(2)
    flaps = oneIn(5)
  }

  private mutating func chooseThreshold() -> BufferThreshold {
    oneIn(5) ? .fixed(ByteCount(UInt64(choose([0, 3000, 20_000])))) : .dynamic(log2Alpha: random.below(16) - 8)
  }

  private mutating func chooseBuffer() {
    var buffer = configuration.buffer
    let parameters = buffer.headroomParameters
    buffer = BufferConfiguration()
    buffer.headroomParameters = parameters
    buffer.headroomParameters.smallPacketPercent = choose([0, 50, 100, 100])
    buffer.cell = ByteCount(choose([1, 48, 64, 80, 144, 208, 256, 256, 512, 1024]))
    if oneIn(8), configuration.sliceCount == 1 { buffer.model = .hpcc }
    for isLossless in [true, false] {
      var profile = PriorityGroupProfile(threshold: chooseThreshold())
      profile.reserve = ByteCount(choose([0, 0, 1000, 4608]))
      profile.xon = ByteCount(choose([0, 0, 500]))
      profile.xonOffset = ByteCount(choose([0, 2000, 4608]))
      if isLossless { buffer.lossless = profile } else { buffer.lossy = profile }
    }
    buffer.portReserve = ByteCount(choose([0, 0, 3000]))
    buffer.egress.threshold = chooseThreshold()
    buffer.egress.reserve = ByteCount(choose([0, 2000]))
    if oneIn(4) { buffer.egress.size = ByteCount(UInt64(random.below(60_000))) }
    if oneIn(3) { buffer.trim = TrimConfiguration(dscp: 63, queue: QueueID(random.below(8))) }
    let needs = configuration.ports.map { need(of: $0, buffer) }
    switch random.below(4) {
    case 0: buffer.headroom = ByteCount(needs.max() ?? 0)
    case 1: buffer.headroom = ByteCount((needs.max() ?? 0) / UInt64(1 + random.below(4)))
    default: break
    }
    if oneIn(3) {
      buffer.sharedHeadroom = ByteCount(
        needs.reduce(0, +) * UInt64(choose([2, 4, 8])) / 4 * UInt64(configuration.sliceCount))
    }
    configuration.buffer = buffer
    size(pool: UInt64(choose([500, 5000, 30_000, 30_000, 200_000])))
  }

  /// Makes the buffer so large that some bytes are left to share.
  private mutating func size(pool: UInt64) {
    let splits = oneIn(3)
    if splits {
      let each = UInt64(configuration.sliceCount)
      configuration.buffer.pools = SharedPools(
        lossless: ByteCount(pool * each), lossy: ByteCount((pool / 2 + 1000) * each))
    }
    if configuration.buffer.model == .hpcc {
      configuration.buffer.size = ByteCount(1 << 40)
      let layout = HPCCLayout(configuration)
      configuration.buffer.size = ByteCount((1 << 40) - layout.shared + pool)
    } else {
      configuration.buffer.size = ByteCount(configuration.buffer.cell.bytes)
      let layout = BufferLayout(configuration, Slice(0, of: configuration))
      let cells = layout.totalCells + layout.excessCells + (splits ? 0 : pool / layout.cell)
      configuration.buffer.size = ByteCount(cells * layout.cell * UInt64(configuration.sliceCount))
    }
  }
}

extension RandomConfiguration {
  /// What a group of a port can have in headroom at most, in bytes of whole cells: what begins to come from the packet
  /// that caused the XOFF on until its sender has stopped, all frames having the size that fills cells worst; that packet
  /// itself; and the last one.
  private func need(of port: PortConfiguration, _ buffer: BufferConfiguration) -> UInt64 {
    let cell = Int(buffer.cell.bytes)
    func cells(_ size: Int) -> Int { (size + cell - 1) / cell }
    let largest = sizes.max() ?? 60
    let rate = Double(port.speed.bitsPerSecond) / 8e12
    let delay = Double(2 * (port.cable.millimetres * 1000 / 198 + 1)) * rate
    let quanta = buffer.headroomParameters.responseQuanta ?? PauseTime.responseQuanta(at: port.speed)
    // A frame, or an answer of the switch to an unreachable one, in front of the pause frame; then that.
    let bytes = Double(max(largest, 600) + 24 + 84 + 72) + delay + Double(quanta * 64) + 2
    let worst = sizes.map { Double(cells($0)) / Double(max($0, 60) + 24) }.max() ?? 1
    return UInt64((Int(bytes * worst) + 1 + 2 * cells(largest)) * cell)
  }

  /// Finds what can make a lossless packet be lost.
  private mutating func judge() {
    let layout = BufferLayout(configuration, Slice(0, of: configuration))
    let buffer = configuration.buffer
    func note(_ condition: Bool, _ text: String) { if condition, excuse == nil { excuse = text } }
    note(configuration.pause.mode == .off, "pauses are off")
    note(buffer.model == .hpcc, "the simulator's headroom is what it is")
    note(flaps, "a link that comes up has forgotten its pauses")
    var total: UInt64 = 0
    for (index, port) in configuration.ports.enumerated() {
      let need = need(of: port, buffer)
      let quantum = 512_000_000_000_000 / port.speed.bitsPerSecond
      let length = UInt64(configuration.pause.quanta) * quantum
      let slot = UInt64((sizes.max() ?? 60) + 24 + 600) * 8_000_000_000_000 / port.speed.bitsPerSecond
      note(length - length / 2 <= 2 * slot || length <= responses[index], "pauses end before they are renewed")
      for group in layout.groups[index] where group.isLossless {
        note(group.headroomCells * layout.cell < need, "headroom of \(group.headroomCells * layout.cell) below \(need)")
        total += need
      }
    }
    note(
      layout.sharedHeadroomCells > 0 && layout.sharedHeadroomCells * layout.cell < total,
      "shared headroom of \(layout.sharedHeadroomCells * layout.cell) below \(total)")
  }

  /// What frames can be: their lengths, and beginnings of them to a port, by traffic class and ECN codepoint.
  private static let mixes = [
    [60, 64, 65, 128, 257], [1062, 1514], [60, 590, 1514], [64, 1514, 4000], [4096, 9000], [9230],
  ]
  private static let frames: [Int: [[[[UInt8]]]]] = {
    var frames: [Int: [[[[UInt8]]]]] = [:]
    for size in Set(mixes.joined()) {
      frames[size] = (1...6).map { target in
        (0..<8).map { trafficClass in
          (0..<4).map { ecn in
            var frame = Frame(from: "10.0.99.2", to: "10.0.\(target).2")
            frame.dscp = UInt8(trafficClass * 8)
            frame.ecn = UInt8(ecn)
            return Array(frame.udp(1000, 2000, size: size).prefix(250))
          }
        }
      }
    }
    return frames
  }()

  /// Hands random traffic to a switch with hosts; the next call has other traffic.
  mutating func send(to hosted: inout HostedSwitch) {
    let count = configuration.ports.count
    let begin = hosted.now + 1000
    let hot = random.below(count)
    let classes = [3, 3, choose([0, 1, 2]), random.below(8)]
    for port in 0..<count {
      let rate = configuration.ports[port].speed.bitsPerSecond
      for _ in 0..<random.below(4) {
        let trafficClass = choose(classes)
        let tick = begin + UInt64(random.below(3_000_000))
        let target = oneIn(3) ? random.below(count) : hot
        let gap = oneIn(2) ? 0 : UInt64(random.below(1500)) * 8_000_000_000_000 / rate
        let size = choose(sizes)
        for number in 0..<(1 + random.below(18)) {
          let wireLength = oneIn(4) ? choose(sizes) : size
          guard let frame = Self.frames[wireLength]?[target][trafficClass][random.below(4)] else { continue }
          hosted.send(
            frame, wireLength: wireLength, priority: trafficClass, on: port, at: tick + UInt64(number) * gap)
        }
      }
      if pausesSwitch, oneIn(2) { sendPauses(to: &hosted, from: port, begin) }
      if flaps, oneIn(3) {
        let down = begin + UInt64(random.below(4_000_000))
        hosted.setLink(port, isUp: false, at: down)
        hosted.setLink(port, isUp: true, at: down + 1 + UInt64(random.below(4_000_000)))
      }
    }
  }

  private mutating func sendPauses(to hosted: inout HostedSwitch, from port: Int, _ begin: UInt64) {
    let priority = choose([3, 3, random.below(8)])
    for number in 0..<(1 + random.below(8)) {
      let quanta = UInt16(choose([0, 5, 100, 600]))
      var times = [priority: quanta]
      if oneIn(2) { times[random.below(8)] = UInt16(random.below(200)) }
      var frame = Frame.priorityPause(times)
      if configuration.pause.mode == .link, oneIn(2) {
        frame.replaceSubrange(14...17, with: [0, 1, UInt8(quanta >> 8), UInt8(truncatingIfNeeded: quanta)])
      }
      hosted.send(
        frame, wireLength: 60, priority: nil, on: port,
        at: begin + UInt64(number) * 900_000 + UInt64(random.below(900_000)))
    }
  }
}
