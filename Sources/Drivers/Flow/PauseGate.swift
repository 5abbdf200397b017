import Dataplane
import Wire

/// When the sender behind an input port may start a frame, as the pause frames say that left this port.
///
/// All ticks are those of the port: a frame "starts" when its first bit comes in there. So between the last bit of a
/// pause frame and the first frame that obeys it lie the cable there, the sender's response, and the cable back.
/// Frames that have started are finished. The sender's timer runs from the last bit of the pause frame on; each frame
/// replaces what the one before it said, and time 0 ends the pause at once (IEEE 802.3 annexes 31B and 31D).
///
/// A gate has one state for each priority; link-level PAUSE sets all of them. Cost: none while no pause is in effect,
/// and 10 ns a question and frame on its way otherwise.
package struct PauseGate {
  /// A pause frame whose effect begins at ``tick``.
  private struct Order {
    var tick: Tick
    var vector: UInt8
    var times: SIMD8<UInt16>
  }

  private var timers = InlineArray<8, PauseTimer>(repeating: PauseTimer())
  /// Frames that were sent but do not count yet, in the order of their ticks.
  private var orders: [Order] = []
  /// From here on no timer runs.
  private var lastEnd = Tick.zero
  /// What came before is forgotten.
  package private(set) var settledTick = Tick.zero
  private let line: Serializer
  /// From the first bit of a pause frame, as it leaves, to the first frame that an XON lets in.
  private let delayTicks: UInt64
  private let responseTicks: UInt64

  /// Bytes of a pause frame up to its last bit: preamble and check sequence included, the gap not.
  private static let frameBytes =
    EthernetOverhead.preamble + MACControl.frameLength + EthernetOverhead.frameCheckSequence

  /// The gate of a port whose neighbour stops so long after an XOFF has come in.
  package init(
    port: PortConfiguration, response: PauseResponse, ticksPerSecond: UInt64, serialization: Serialization = .exact
  ) {
    line = Serializer(rate: port.speed, ticksPerSecond: ticksPerSecond, serialization: serialization)
    let cable = port.cable.delay.ticks(perSecond: ticksPerSecond)
    delayTicks = line.ticks(bytes: PauseGate.frameBytes) + 2 * cable
    responseTicks = response.time(at: port.speed).ticks(perSecond: ticksPerSecond)
  }

  /// True if no pause frame has any effect at `tick` or later.
  package func isOpen(from tick: Tick) -> Bool { orders.isEmpty && lastEnd <= tick }

  /// Takes in a pause frame that leaves the port.
  ///
  /// - Parameter packet: as ``Switch/transmit(_:at:into:)`` handed it out. Frames come in the order of their departures.
  /// - Returns: the tick from which it counts, that is what was planned for that tick or later is to be asked again; nil
  ///   for a packet that is no pause frame.
  package mutating func receive(_ packet: Packet) -> Tick? { receive(packet, firstBit: packet.departure) }

  /// Takes in a pause frame whose first bit is at the gate's end of the cable at a tick.
  ///
  /// - Returns: the tick from which it counts; nil for a packet that is no pause frame.
  package mutating func receive(_ packet: Packet, firstBit: Tick) -> Tick? {
    guard packet.isPauseFrame else { return nil }
    let body = packet.bytes + EthernetHeader.length
    let available = packet.capturedLength - EthernetHeader.length
    if let frame = PFCFrame(at: body, available: available) {
      var times = SIMD8<UInt16>.zero
      for priority in 0..<8 { times[priority] = frame.time(of: priority) }
      return receive(vector: frame.classEnableVector, times: times, departure: firstBit)
    }
    guard let frame = PauseFrame(at: body, available: available) else { return nil }
    return receive(vector: 0xFF, times: SIMD8(repeating: frame.time), departure: firstBit)
  }

  /// Takes in what a pause frame says.
  ///
  /// - Parameters:
  ///   - vector: priorities that it speaks of, a bit each.
  ///   - times: quanta of 512 bit times; lane n is priority n, and 0 ends its pause.
  ///   - departure: when its first bit leaves the port; not before that of the frame before it.
  /// - Returns: the tick from which it counts.
  package mutating func receive(vector: UInt8, times: SIMD8<UInt16>, departure: Tick) -> Tick {
    let order = Order(tick: departure + delayTicks, vector: vector, times: times)
    orders.append(order)
    return order.tick
  }

  /// Forgets what lies before `tick`, for which nobody will ask any more.
  package mutating func settle(upTo tick: Tick) {
    settledTick = max(settledTick, tick)
    guard let first = orders.first, first.tick <= tick else { return }
    var count = 0
    while count < orders.count, orders[count].tick <= tick {
      let order = orders[count]
      for priority in 0..<8 where order.vector & 1 << UInt8(priority) != 0 {
        apply(order, priority, to: &timers[priority])
      }
      count += 1
    }
    orders.removeFirst(count)
    lastEnd = .zero
    for priority in 0..<8 { lastEnd = max(lastEnd, timers[priority].until) }
  }

  /// The first tick from `tick` on at which a frame may start.
  ///
  /// - Parameters:
  ///   - priorities: priorities the frame belongs to, a bit each: it waits until none of them is paused. 0: it never
  ///     waits.
  ///   - tick: not before ``settledTick``.
  package func start(of priorities: UInt8, notBefore tick: Tick) -> Tick {
    var start = tick
    var isSettled = false
    while !isSettled {
      isSettled = true
      for priority in 0..<8 where priorities & 1 << UInt8(priority) != 0 {
        let next = self.start(of: priority, notBefore: start)
        if next > start { (start, isSettled) = (next, false) }
      }
    }
    return start
  }

  /// How long a priority has been paused before `tick`, at most ``settledTick``.
  package func pausedTicks(of priority: Int, at tick: Tick) -> UInt64 { timers[priority].total(at: tick) }

  private func start(of priority: Int, notBefore tick: Tick) -> Tick {
    var timer = timers[priority]
    var start = tick
    for order in orders where order.vector & 1 << UInt8(priority) != 0 {
      if order.tick > start {
        let end = timer.isActive(at: start) ? timer.until : start
        // Paused until that frame comes, which decides then.
        if end < order.tick { return end }
        start = order.tick
      }
      apply(order, priority, to: &timer)
    }
    return timer.isActive(at: start) ? timer.until : start
  }

  private func apply(_ order: Order, _ priority: Int, to timer: inout PauseTimer) {
    let quanta = Int(order.times[priority])
    guard quanta > 0 else { return timer.release(at: order.tick) }
    let length = line.ticks(bytes: quanta * Int(PauseTime.bitsPerQuantum) / 8)
    _ = timer.pause(from: order.tick + responseTicks, until: order.tick + length, at: order.tick)
  }
}
