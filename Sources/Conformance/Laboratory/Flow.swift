import Dataplane

/// What a source sends: frames of one size from one port to another.
struct Flow {
  /// The port whose neighbour sends it.
  var source: PortID
  /// The port that it leaves the switch by.
  var destination: PortID
  /// Its traffic class; the laboratory's classification has DSCP n in class n.
  var trafficClass: TrafficClass
  /// Bytes of a frame, without check sequence.
  var length: Int
  /// Frames.
  var count: UInt64
  /// When the first may start, at the source's end of the cable.
  var start = Tick.zero
  /// Rate on the wire; nil: what the port has left.
  var rate: BitRate?
  /// ECN field.
  var ecn: UInt8 = 0
  /// Priorities whose pauses stop it, a bit each; 0 obeys nothing.
  var obeys: UInt8 = 0

  init(
    from source: PortID, to destination: PortID, in trafficClass: TrafficClass, length: Int, count: UInt64,
    start: Tick = .zero
  ) {
    self.source = source
    self.destination = destination
    self.trafficClass = trafficClass
    self.length = length
    self.count = count
    self.start = start
  }
}

/// What became of a flow.
struct FlowRecord {
  /// Frames that the source has begun to send.
  var sent: UInt64 = 0
  /// Frames that have arrived at the switch.
  var arrived: UInt64 = 0
  /// Frames that have left it.
  var departed: UInt64 = 0
  /// Bytes of those, without check sequence.
  var departedBytes: UInt64 = 0
  /// First bit of the first and of the last frame that left.
  var firstDeparture = Tick.never
  var lastDeparture = Tick.zero
  /// Frames dropped.
  var dropped: UInt64 = 0
  /// Number of the first one dropped, counted from 1; 0: none.
  var firstDropped: UInt64 = 0
  /// Number of the last one dropped; 0: none.
  var lastDropped: UInt64 = 0
  /// Why the first was dropped.
  var dropReason: DropReason?
  /// Frames that left with Congestion Experienced.
  var marked: UInt64 = 0
  /// Number of the first frame that stood in headroom, counted from 1; 0: none. Only of watched groups.
  var firstInHeadroom: UInt64 = 0
}

/// A flow control event of the switch, with the state of the sources then.
struct ObservedEvent {
  var event: PauseEvent
  /// Frames that had arrived on the event's port.
  var arrived: UInt64
  /// Frames that had left all ports.
  var departed: UInt64
}
