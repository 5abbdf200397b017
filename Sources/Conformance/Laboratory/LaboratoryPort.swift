import Dataplane
import Drivers

/// The far end of a port's cable, and what is on the cable.
struct LaboratoryPort {
  /// The source that sends to the switch.
  var source: HostLine
  /// Of the port's pause frames.
  let line: Serializer
  let delayTicks: UInt64
  /// Frames that have arrived at the switch.
  var arrived: UInt64 = 0
  var inFlight = Fifo<InFlight>()
  /// When pause frames that are on their way will be at the source.
  var pauses = Fifo<Tick>()

  init(_ port: PortConfiguration) {
    line = Serializer(rate: port.speed, ticksPerSecond: Laboratory.ticksPerSecond)
    delayTicks = port.cable.delay.count
    source = HostLine(port: port, response: .immediate, ticksPerSecond: Laboratory.ticksPerSecond)
  }
}

/// A frame on its way to the switch.
struct InFlight {
  var flow: Int
  /// First and last bit at the switch.
  var start: Tick
  var end: Tick
}

/// Pause frames that arrive by plan.
struct PauseScript {
  struct Entry {
    var tick: Tick
    var port: PortID
    var priorities: UInt8
    var quanta: UInt16
  }

  private struct Hold {
    var next: Tick
    let port: PortID
    let priorities: UInt8
    let end: Tick
    let interval: UInt64
  }

  private var entries: [Entry] = []
  private var holds: [Hold] = []

  mutating func add(_ entry: Entry) { entries.append(entry) }

  mutating func hold(_ port: PortID, _ priorities: UInt8, from start: Tick, until end: Tick, interval: UInt64) {
    holds.append(Hold(next: start, port: port, priorities: priorities, end: end, interval: interval))
  }

  /// When the next frame arrives.
  var due: Tick { min(entries.map(\.tick).min() ?? .never, holds.map(\.next).min() ?? .never) }

  /// A frame that arrives by now; nil if there is none.
  mutating func take(at now: Tick) -> Entry? {
    if let index = entries.firstIndex(where: { $0.tick <= now }) { return entries.remove(at: index) }
    guard let index = holds.firstIndex(where: { $0.next <= now }) else { return nil }
    let hold = holds[index]
    if hold.next >= hold.end {
      holds.remove(at: index)
      return Entry(tick: now, port: hold.port, priorities: hold.priorities, quanta: 0)
    }
    holds[index].next = min(hold.end, hold.next + hold.interval)
    return Entry(tick: now, port: hold.port, priorities: hold.priorities, quanta: 65_535)
  }
}
