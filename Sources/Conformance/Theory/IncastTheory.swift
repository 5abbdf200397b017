import Dataplane

/// Several ports that send to one, all alike, obeying pauses: event by event, on the rules of ``BufferTheory``.
///
/// Closed forms hold but for a frame; this holds to the picosecond. It knows nothing but sources that send back to back,
/// cables, one FIFO queue and pause frames, each a few lines here, and none of it is the switch's code.
struct IncastTheory {
  /// A group asks for a pause, or for its end.
  struct Change: Equatable {
    var tick: Int
    var port: Int
    var isXOFF: Bool
  }

  private struct Port {
    var sent = 0
    var nextStart: Int
    var isPaused = false
    var wireBytes = 0
    /// Where back-to-back sending began, so that bytes are turned into time once.
    var wireOrigin: Int
    var arrivals: [Int] = []
    var arrived = 0
    var pauses: [(tick: Int, isXOFF: Bool)] = []
    var delivered = 0
    var departed = 0
    var isXOFF = false
    var owedSince = Int.max
    var refreshAt = Int.max
    var reverseFree = 0
  }

  private enum Step: Int { case arrival, pause, start, departure }

  /// All changes, oldest first.
  private(set) var changes: [Change] = []
  /// First bit of the first and of the last frame out.
  private(set) var firstDeparture = 0
  private(set) var lastDeparture = 0
  /// Most bytes in the queue.
  private(set) var peakBytes = 0
  /// Frames dropped.
  private(set) var drops = 0
  /// Frames between the port that has sent most and the one that has sent least, when the first is done.
  private(set) var spread = 0

  private let bench: Bench
  private let length: Int
  private let count: Int
  private let wire: PortConfiguration
  private let slot: Int
  private let pauseSlot: Int
  private let refresh: Int
  private var buffer: BufferTheory
  private var ports: [Port]
  private var queued = 0
  private var isOver = false
  private var departed = 0
  private var egressOrigin = 0
  private var egressFrames = 0
  private var egressFree = 0

  /// Runs until every port has sent `count` frames from `start` on, and they have left.
  init(_ bench: Bench, length: Int, count: Int, start: Int) {
    self.bench = bench
    self.length = length
    self.count = count
    wire = bench.port
    slot = WireTheory.slot(length)
    pauseSlot = WireTheory.picoseconds(bytes: 84, at: bench.speed)
    refresh = WireTheory.refresh(bench.configuration.pause, at: bench.speed)
    buffer = BufferTheory(bench.configuration)
    ports = bench.ingress.map { _ in Port(nextStart: start, wireOrigin: start) }
    while let (tick, step, index) = next() { take(step, index, at: tick) }
  }

  private func next() -> (Int, Step, Int)? {
    var best: (Int, Step, Int)?
    func consider(_ tick: Int, _ step: Step, _ index: Int) {
      guard tick != .max else { return }
      if let (other, otherStep, _) = best, (other, otherStep.rawValue) <= (tick, step.rawValue) { return }
      best = (tick, step, index)
    }
    for index in ports.indices {
      let port = ports[index]
      if port.arrived < port.arrivals.count { consider(port.arrivals[port.arrived], .arrival, index) }
      if port.delivered < port.pauses.count { consider(port.pauses[port.delivered].tick, .pause, index) }
      if port.sent < count, !port.isPaused { consider(port.nextStart, .start, index) }
      let due = min(port.owedSince, port.isXOFF ? port.refreshAt : .max)
      if due != .max, departed < count * ports.count { consider(max(due, port.reverseFree), .departure, index) }
    }
    // The egress port is behind all ingress ports.
    if queued > 0 { consider(egressFree, .departure, ports.count) }
    return best
  }

  private mutating func take(_ step: Step, _ index: Int, at now: Int) {
    switch step {
    case .start: startFrame(index, at: now)
    case .arrival: arrive(index, at: now)
    case .pause:
      ports[index].isPaused = ports[index].pauses[ports[index].delivered].isXOFF
      ports[index].delivered += 1
      ports[index].nextStart = max(ports[index].nextStart, now)
    case .departure: index < ports.count ? sendPause(index, at: now) : depart(at: now)
    }
  }

  private mutating func startFrame(_ index: Int, at now: Int) {
    if now != wireFree(index) {
      // Not back to back: what a division leaves over is carried all the same, as on a real serialiser's clock.
      ports[index].wireOrigin = now - WireTheory.picoseconds(bytes: ports[index].wireBytes, at: wire.speed)
    }
    ports[index].wireBytes += slot
    ports[index].sent += 1
    let free = wireFree(index)
    ports[index].nextStart = free
    ports[index].arrivals.append(
      free - WireTheory.picoseconds(bytes: 12, at: wire.speed) + WireTheory.delay(wire.cable))
  }

  private func wireFree(_ index: Int) -> Int {
    ports[index].wireOrigin + WireTheory.picoseconds(bytes: ports[index].wireBytes, at: wire.speed)
  }

  private mutating func arrive(_ index: Int, at now: Int) {
    ports[index].arrived += 1
    let account = bench.account(bench.ingress[index])
    let result = buffer.arrive(account, length: length)
    note(index, buffer.groups[account].isXOFF, at: now)
    guard result.outcome != .dropped else {
      drops += 1
      return
    }
    if queued == 0, egressFree < now {
      egressFree = now
      egressOrigin = egressFree - WireTheory.picoseconds(bytes: egressFrames * slot, at: wire.speed)
    }
    queued += 1
    peakBytes = max(peakBytes, queued * length)
  }

  private mutating func depart(at now: Int) {
    if departed == 0 { firstDeparture = now }
    lastDeparture = now
    departed += 1
    queued -= 1
    egressFrames += 1
    egressFree = egressOrigin + WireTheory.picoseconds(bytes: egressFrames * slot, at: wire.speed)
    guard let account = buffer.leave() else { return }
    guard let index = bench.ingress.firstIndex(where: { bench.account($0) == account }) else { return }
    note(index, buffer.groups[account].isXOFF, at: now)
    ports[index].departed += 1
    if ports[index].departed == count, !isOver {
      isOver = true
      spread = count - (ports.map(\.departed).min() ?? 0)
    }
  }

  private mutating func note(_ index: Int, _ isXOFF: Bool, at now: Int) {
    guard isXOFF != ports[index].isXOFF else { return }
    ports[index].isXOFF = isXOFF
    ports[index].owedSince = min(ports[index].owedSince, now)
    changes.append(Change(tick: now, port: index, isXOFF: isXOFF))
  }

  /// A pause frame leaves: what was changed last, or again what holds.
  private mutating func sendPause(_ index: Int, at now: Int) {
    ports[index].owedSince = .max
    ports[index].refreshAt = ports[index].isXOFF ? now + refresh : .max
    ports[index].reverseFree = now + pauseSlot
    ports[index].pauses.append((now + WireTheory.pauseFrame(on: wire), ports[index].isXOFF))
  }
}
