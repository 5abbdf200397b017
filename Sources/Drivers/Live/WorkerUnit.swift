import CShims
import Dataplane

/// A switch, or a slice of one, and its ports, as the worker that owns them sees them.
struct WorkerUnit: ~Copyable {
  let device: UnsafeMutablePointer<Switch>
  /// The ports of the slice.
  var ports: LivePortList
  /// The slice's number, and the ways to and from the others; none if there are none.
  let number: Int
  let links: FlatTable<SliceLink>
  /// By port of the whole switch: captures of other slices' ports, which want to hear of drops.
  let watches: FlatTable<CaptureTap>
  var arrivals = PacketBurst()
  /// What is on its way to other slices.
  var departures = PacketBurst()
  /// Frames that have arrived, for numbering them.
  private var arrived: UInt64
  /// Nothing is received any more; what waits may leave.
  var isDraining = false

  /// - Parameters:
  ///   - number: of the slice.
  ///   - links: to the other slices, by their numbers.
  ///   - placeCount: places of the whole switch.
  init(device: UnsafeMutablePointer<Switch>, number: Int = 0, links: [SliceLink] = [], placeCount: Int) {
    self.device = device
    ports = LivePortList(capacity: placeCount)
    self.number = number
    self.links = FlatTable(links)
    watches = FlatTable(count: links.isEmpty ? 0 : placeCount) { _ in .inactive }
    // Numbers are told apart in captures, whichever slice gave them.
    arrived = UInt64(number) << 48
  }

  /// Receives on all ports once and sends what is due. Returns how many frames came and went.
  ///
  /// - Parameter next: set to the tick at which the switch has to be looked at again if nothing arrives.
  ///
  /// Cost: one clock read, and one for each port and direction that moves something; one device call a port and direction;
  /// per packet that of the switch, and 30 instructions.
  @inline(never)
  mutating func poll(next: inout Tick) -> Int {
    var moved = 0
    let isSlice = links.count != 0
    if isSlice { moved &+= takeOver() }
    if !isDraining, mayReceive {
      var index = 0
      while index < ports.count {
        if ports[index].pointee.isAttached { moved &+= receive(ports[index]) }
        index &+= 1
      }
    }
    // Which ports have something to do is asked of each below.
    while device.pointee.takeTouchedPort() != nil {}
    next = .never
    var now = LiveClock.now
    var index = 0
    while index < ports.count {
      if ports[index].pointee.isAttached { moved &+= send(ports[index], now: &now, next: &next) }
      index &+= 1
    }
    if isSlice { tell() }
    return moved
  }

  @inline(__always)
  private mutating func receive(_ port: UnsafeMutablePointer<LivePort>) -> Int {
    if port.pointee.line.isLink { return receiveLinked(port) }
    let count = port.pointee.device.receive(into: &arrivals, &port.pointee.faults)
    if count == 0, !port.pointee.ingress.isActive { return 0 }
    let now = LiveClock.now
    var index = 0
    while index < count {
      let packet = arrivals[index]
      packet.arrived(number: arrived, wireLength: packet.wireLength, start: now, end: now, latencyFrom: now)
      arrived &+= 1
      index &+= 1
    }
    return deliver(port, count, at: now)
  }

  /// Takes what another switch has put on a link, and lets in what has arrived by now.
  @inline(never)
  private mutating func receiveLinked(_ port: UnsafeMutablePointer<LivePort>) -> Int {
    var moved = 0
    while port.pointee.line.hasRoom {
      let count = port.pointee.device.receive(into: &arrivals, &port.pointee.faults)
      if count == 0 { break }
      port.pointee.line.take(&arrivals)
      moved &+= count
    }
    let now = LiveClock.now
    port.pointee.line.release(at: now, into: &arrivals, number: &arrived)
    let count = arrivals.count
    if count == 0, !port.pointee.ingress.isActive { return moved }
    return moved &+ deliver(port, count, at: now)
  }

  /// Gives the switch what has arrived.
  @inline(__always)
  private mutating func deliver(_ port: UnsafeMutablePointer<LivePort>, _ count: Int, at now: Tick) -> Int {
    if port.pointee.ingress.isActive { delayArrivals(port, at: now) }
    if arrivals.count == 0 { return count }
    if port.pointee.tap.isActive { return receiveTapped(port, count, at: now) }
    device.pointee.receive(&arrivals, on: port.pointee.port, at: now)
    if links.count != 0 { handOver() }
    if device.pointee.endingCount != 0 { tellEndings() }
    notePauses(port, at: now)
    return count
  }

  /// Puts what has arrived behind the impairments of a port, and takes what they let go. It arrives at the switch now.
  @inline(never)
  private mutating func delayArrivals(_ port: UnsafeMutablePointer<LivePort>, at now: Tick) {
    port.pointee.ingress.take(&arrivals, at: now, memory: device.pointee.memory)
    port.pointee.ingress.release(at: now, into: &arrivals, memory: device.pointee.memory)
    for index in 0..<arrivals.count { arrivals[index].arrivedLate(at: arrivals[index].departure) }
  }

  @inline(never)
  private mutating func receiveTapped(_ port: UnsafeMutablePointer<LivePort>, _ count: Int, at now: Tick) -> Int {
    if device.pointee.endingCount != 0 { tellEndings() }
    port.pointee.tap.received(arrivals, at: now)
    device.pointee.receive(&arrivals, on: port.pointee.port, at: now)
    if links.count != 0 { handOver() }
    if device.pointee.endingCount != 0 { tellEndings() }
    port.pointee.tap.publish()
    notePauses(port, at: now)
    return count
  }

  /// Measures how long a neighbour's pause frame takes to hold the device back: what it was given before is on its way.
  @inline(__always)
  private func notePauses(_ port: UnsafeMutablePointer<LivePort>, at now: Tick) {
    let pauseFrames = device.pointee.pauseFramesReceived(on: port.pointee.port)
    if pauseFrames == port.pointee.pauseFramesSeen { return }
    port.pointee.pauseFramesSeen = pauseFrames
    if port.pointee.staged.count != 0 {
      port.pointee.pausedAt = now
    } else {
      port.pointee.pauseReaction.record(0)
    }
  }

  /// - Parameter now: what the clock said last; read anew before frames go to the device.
  @inline(__always)
  private mutating func send(_ port: UnsafeMutablePointer<LivePort>, now: inout Tick, next: inout Tick) -> Int {
    next = min(next, port.pointee.ingress.nextRelease)
    if port.pointee.line.isLink { next = min(next, port.pointee.line.nextArrival) }
    if port.pointee.staged.count != 0 {
      let before = port.pointee.taken
      guard port.pointee.flush(at: now) else {
        // A device that takes nothing is asked again soon, and what it missed is not made up for.
        next = min(next, now)
        return port.pointee.taken &- before
      }
      if port.pointee.pausedAt != .never {
        port.pointee.pauseReaction.record(now - port.pointee.pausedAt)
        port.pointee.pausedAt = .never
      }
      device.pointee.holdWire(of: port.pointee.port, until: now)
    }
    let deadline = device.pointee.nextDeadline(port.pointee.port)
    if deadline <= now {
      device.pointee.transmit(port.pointee.port, at: now, into: &port.pointee.staged)
      if device.pointee.endingCount != 0 { tellEndings() }
      if port.pointee.tap.isActive { port.pointee.tap.sent(port.pointee.staged) }
    }
    if port.pointee.egress.isActive { delayDepartures(port, at: now, next: &next) }
    let count = port.pointee.staged.count
    if count == 0 {
      next = min(next, deadline <= now ? device.pointee.nextDeadline(port.pointee.port) : deadline)
      return 0
    }
    now = LiveClock.now
    _ = port.pointee.flush(at: now)
    next = min(next, now)
    return count
  }

  /// Puts what the switch has sent behind the impairments of a port, and takes what they let go.
  @inline(never)
  private mutating func delayDepartures(_ port: UnsafeMutablePointer<LivePort>, at now: Tick, next: inout Tick) {
    port.pointee.egress.take(&port.pointee.staged, at: now, memory: device.pointee.memory)
    port.pointee.egress.release(at: now, into: &port.pointee.staged, memory: device.pointee.memory)
    next = min(next, port.pointee.egress.nextRelease)
  }

  /// Whether anything waits to leave.
  var isEmpty: Bool {
    for index in 0..<ports.count {
      if ports[index].pointee.staged.count + ports[index].pointee.egress.heldCount != 0 { return false }
    }
    for index in 0..<links.count where links.base[index].packetsIn.count != 0 { return false }
    return device.pointee.totals.waitingPackets == 0
  }

  /// What the device of a port was given and never took is gone.
  mutating func discardStaged(_ port: PortID) {
    for index in 0..<ports.count where ports[index].pointee.port == port { ports[index].pointee.discardStaged() }
  }
}
