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
  /// long all of its way took. The clock was read once for the burst; each costs some 3 ns a frame.
  @inline(__always)
  mutating func flush(at now: Tick) -> Bool {
    // A packet that the device has taken may be gone already.
    var departures = InlineArray<32, UInt64>(repeating: 0)
    var arrivals = InlineArray<32, UInt64>(repeating: 0)
    var index = taken
    while index < staged.count {
      let packet = staged[index]
      departures[unchecked: index & 31] = packet.departure.rawValue
      // What the switch itself made did not come by any device.
      arrivals[unchecked: index & 31] = packet.ingressPort == .none ? .max : packet.arrival.rawValue
      index &+= 1
    }
    index = taken
    taken &+= device.transmit(staged, from: taken)
    while index < taken {
      pacing.record(now.rawValue &- min(now.rawValue, departures[unchecked: index & 31]))
      let arrival = arrivals[unchecked: index & 31]
      if arrival != .max { transit.record(now.rawValue &- min(now.rawValue, arrival)) }
      index &+= 1
    }
    if taken < staged.count {
      counters.blockedCalls &+= 1
      return false
    }
    staged.removeAll()
    taken = 0
    return true
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
