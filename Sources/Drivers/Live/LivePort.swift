import CShims
import Dataplane

/// One port of a live switch as its worker sees it: the device, and what the device has not taken yet.
struct LivePort: ~Copyable {
  let port: PortID
  var device: DevicePort
  /// The device is left alone while it is false: control looks for its peer again.
  var isAttached = true
  /// What the switch has handed out and the device has not taken.
  var staged = PacketBurst()
  /// When what is staged began, and when it had arrived, by its place.
  private var departures = InlineArray<32, Tick>(repeating: .zero)
  private var arrivals = InlineArray<32, Tick>(repeating: .zero)
  /// How much of ``staged`` the device has taken.
  var taken = 0
  /// What the device delivered in pieces.
  var faults = DeviceFaults()
  var counters = LivePortCounters()
  /// Ticks by which frames went to the device later than the emulated wire would have begun them.
  var pacing = TickHistogram()
  /// Ticks from when a frame was taken from the device that it came by, or had arrived over a link, to when this one was
  /// handed it.
  var transit = TickHistogram()
  /// Ticks from a pause frame to the last data frame that went to the device after it.
  var pauseReaction = TickHistogram()
  /// What happens to frames between the device and the switch, and between the switch and the device.
  var ingress: PortImpairments
  var egress: PortImpairments
  /// What is on its way over a link, if the port is an end of one.
  var line: LinkLine
  /// Where copies for a capture go.
  var tap = CaptureTap.inactive
  /// Pause frames that had come when the worker last looked.
  var pauseFramesSeen: UInt64 = 0
  /// When a pause frame came while something was staged; ``Tick/never`` when nothing waits to be measured.
  var pausedAt = Tick.never

  init(
    port: PortID, device: DevicePort, impairments: [ImpairmentSettings], seed: UInt64, line: consuming LinkLine
  ) {
    self.port = port
    self.device = device
    self.line = line
    let ticks = LiveClock.ticksPerSecond
    ingress = PortImpairments(impairments, direction: .ingress, port: port, seed: seed, ticksPerSecond: ticks)
    egress = PortImpairments(impairments, direction: .egress, port: port, seed: seed, ticksPerSecond: ticks)
  }

  /// A port in memory of its own.
  static func make(
    _ port: PortID, _ device: DevicePort, _ impairments: [ImpairmentSettings], seed: UInt64,
    _ line: consuming LinkLine
  ) -> SharedMemory<LivePort> {
    let pointer = UnsafeMutablePointer<LivePort>.allocate(capacity: 1)
    pointer.initialize(to: LivePort(port: port, device: device, impairments: impairments, seed: seed, line: line))
    return SharedMemory(pointer: pointer)
  }

  deinit {
    for index in taken..<staged.count { PacketMemory.free(staged[index]) }
  }

  /// Hands what is staged to the device. True: all of it is taken.
  ///
  /// Pacing is measured here: how long after the start that the emulated wire gave it a frame went to the device. So is how
  /// long all of its way took. The clock was read once for the burst; a value that differs from the one before costs some 3 ns.
  @inline(__always)
  mutating func flush(at now: Tick) -> Bool {
    // A packet that the device has taken may be gone already.
    var index = taken
    while index < staged.count {
      let packet = staged[index]
      departures[unchecked: index & 31] = packet.departure
      // What the switch itself made did not come by any device.
      arrivals[unchecked: index & 31] = packet.ingressPort == .none ? .never : packet.arrival
      index &+= 1
    }
    let first = taken
    taken &+= device.transmit(staged, from: taken)
    LivePort.record(departures, first..<taken, at: now, in: &pacing)
    LivePort.record(arrivals, first..<taken, at: now, in: &transit)
    if taken < staged.count {
      counters.blockedCalls &+= 1
      return false
    }
    staged.removeAll()
    taken = 0
    return true
  }

  /// Records how long ago something was for each frame of a burst. Those that have it in common are recorded together:
  /// what arrived in one burst, and what a port without queues sends.
  @inline(__always)
  private static func record(
    _ ticks: borrowing InlineArray<32, Tick>, _ places: Range<Int>, at now: Tick, in histogram: inout TickHistogram
  ) {
    var index = places.lowerBound
    while index < places.upperBound {
      let tick = ticks[unchecked: index & 31]
      var same = index &+ 1
      while same < places.upperBound, ticks[unchecked: same & 31] == tick { same &+= 1 }
      if tick != .never { histogram.record(now - min(now, tick), count: UInt64(same &- index)) }
      index = same
    }
  }

  /// Gives up what is staged: the device is gone.
  mutating func discardStaged() {
    while taken < staged.count {
      PacketMemory.free(staged[taken])
      taken += 1
      counters.discarded += 1
    }
    staged.removeAll()
    taken = 0
    pausedAt = .never
  }
}

/// What the driver of one port has counted. Written by its worker, read by anyone.
public struct LivePortCounters: Equatable, Sendable {
  /// Calls in which the device did not take all it was given.
  public var blockedCalls: UInt64 = 0
  /// Packets that the switch had sent and the device, being gone, never took.
  public var discarded: UInt64 = 0
}
