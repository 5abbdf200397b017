import Dataplane

/// One impairment, compiled: integers only. It decides about frames; ``PortImpairments`` carries them on.
struct ImpairmentRule {
  let matcher: FrameMatcher
  let mayLose: Bool
  let duplication: Chance
  let corruption: Chance
  let corruptedBits: Int
  let mendsChecksums: Bool
  /// Frames that overtake one that is held back; 0: it is held for a time.
  let holdDistance: Int
  /// The time; with a distance, the longest.
  let holdTicks: UInt64
  var counters = ImpairmentCounters()
  var randomDuplication: RandomStream
  var randomCorruption: RandomStream

  private let loss: Chance
  private let burstEnter: Chance
  private let burstLeave: Chance
  private let burstGood: Chance
  private let burstBad: Chance
  private let holdEvery: UInt64
  private let holdChance: Chance
  private let delayTicks: UInt64
  private let jitterTicks: UInt64
  private let isNormal: Bool
  private let keepsOrder: Bool
  private let isPaced: Bool
  private let queueTicks: UInt64
  private var line: Serializer
  private var lineFree = Tick.zero
  private var lastTick = Tick.zero
  private var isBad = false
  private var untilHold: UInt64
  private var randomLoss: RandomStream
  private var randomBurst: RandomStream
  private var randomHold: RandomStream
  private var randomJitter: RandomStream

  /// Compiles settings.
  ///
  /// - Parameter place: number of the impairment among all of the switch.
  init(_ settings: ImpairmentSettings, seed: UInt64, place: UInt64, ticksPerSecond: UInt64) {
    matcher = FrameMatcher(settings.match)
    loss = Chance(settings.loss)
    let never = Probability(partsPerMillion: 0)
    burstEnter = Chance(settings.burstLoss?.enter ?? never)
    burstLeave = Chance(settings.burstLoss?.leave ?? never)
    burstGood = Chance(settings.burstLoss?.good ?? never)
    burstBad = Chance(settings.burstLoss?.bad ?? never)
    mayLose = settings.loss != never || settings.burstLoss != nil
    duplication = Chance(settings.duplication)
    corruption = Chance(settings.corruption?.probability ?? never)
    corruptedBits = min(max(1, settings.corruption?.bits ?? 1), Corruption.bitLimit)
    mendsChecksums = settings.corruption?.mendsChecksums ?? false
    var (every, chance): (UInt64, Chance) = (0, Chance(never))
    switch settings.reordering?.choice {
    case .every(let count): every = max(1, count)
    case .probability(let probability): chance = Chance(probability)
    case nil: break
    }
    (holdEvery, holdChance, untilHold) = (every, chance, every)
    switch settings.reordering?.hold {
    case .frames(let distance, let patience):
      holdDistance = min(max(1, distance), Reordering.distanceLimit)
      holdTicks = patience.ticks(perSecond: ticksPerSecond)
    case .time(let time): (holdDistance, holdTicks) = (0, time.ticks(perSecond: ticksPerSecond))
    case nil: (holdDistance, holdTicks) = (0, 0)
    }
    delayTicks = settings.delay.ticks(perSecond: ticksPerSecond)
    jitterTicks = min(delayTicks, settings.jitter.ticks(perSecond: ticksPerSecond))
    isNormal = settings.distribution == .normal
    keepsOrder = settings.keepsOrder
    line = Serializer(rate: settings.rate ?? .gigabits(1), ticksPerSecond: ticksPerSecond)
    isPaced = settings.rate != nil
    queueTicks = line.ticks(bytes: Int(clamping: settings.rateQueue.bytes))
    func stream(_ purpose: UInt64) -> RandomStream { RandomStream(seed: seed, place: place, purpose: purpose) }
    (randomLoss, randomBurst, randomDuplication) = (stream(0), stream(1), stream(2))
    (randomCorruption, randomHold, randomJitter) = (stream(3), stream(4), stream(5))
  }

  /// Whether the next frame is lost.
  @inline(__always)
  mutating func loses() -> Bool {
    guard mayLose else { return false }
    var isLost = randomLoss.decides(loss)
    if burstEnter.threshold != 0 {
      if randomBurst.decides(isBad ? burstLeave : burstEnter) { isBad.toggle() }
      if randomBurst.decides(isBad ? burstBad : burstGood) { isLost = true }
    }
    return isLost
  }

  /// Whether the next frame is held back.
  @inline(__always)
  mutating func holds() -> Bool {
    if holdEvery > 0 {
      untilHold &-= 1
      if untilHold > 0 { return false }
      untilHold = holdEvery
      return true
    }
    return randomHold.decides(holdChance)
  }

  /// When a frame that comes at a tick has passed line and delay; nil: too much waits in front of the line.
  ///
  /// - Parameter extra: ticks for which it is held back beyond that, while others overtake it.
  @inline(__always)
  mutating func pass(_ packet: Packet, at tick: Tick, extra: UInt64) -> Tick? {
    var tick = tick
    if isPaced {
      let start = max(tick, lineFree)
      if start - tick > queueTicks { return nil }
      lineFree = start + line.advance(bytes: packet.wireSlot)
      tick = start
    }
    if delayTicks > 0 {
      tick = tick + delayTicks
      if jitterTicks > 0 { tick = tick + jitter() }
    }
    if extra > 0 { return tick + extra }
    if keepsOrder {
      tick = max(tick, lastTick)
      lastTick = tick
    }
    return tick
  }

  /// What jitter adds to the delay: from -jitter to +jitter, as a number that wraps around.
  private mutating func jitter() -> UInt64 {
    if !isNormal { return randomJitter.below(2 &* jitterTicks &+ 1) &- jitterTicks }
    var sum: UInt64 = 0
    for _ in 0..<2 {
      let bits = randomJitter.next()
      sum &+= (bits & 0xFFFF) &+ (bits &>> 16 & 0xFFFF) &+ (bits &>> 32 & 0xFFFF) &+ bits &>> 48
    }
    // Eight numbers of 16 bits: from 0 to twice this.
    let half: UInt64 = 4 * 0xFFFF
    return sum &* jitterTicks / half &- jitterTicks
  }
}
