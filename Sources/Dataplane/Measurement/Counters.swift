/// What one port counts. Plain memory, written by the port's worker alone.
struct PortCounters {
  var rxPackets: UInt64 = 0
  var rxBytes: UInt64 = 0
  var txPackets: UInt64 = 0
  var txBytes: UInt64 = 0
  /// Packets that ended in the switch: MAC control, ARP, and what was addressed to it.
  var consumedPackets: UInt64 = 0
  var drops = InlineArray<32, UInt64>(repeating: 0)
  /// PFC and PAUSE frames; they are no data, and in no other counter.
  var pauseFramesReceived: UInt64 = 0
  var pauseFramesSent: UInt64 = 0
  /// Link-level PAUSE with a time, and with none.
  var linkRxXOFF: UInt64 = 0
  var linkRxXON: UInt64 = 0
  var linkTxXOFF: UInt64 = 0
  var linkTxXON: UInt64 = 0
  /// MAC control frames that are neither PFC nor PAUSE, or not to be obeyed: tagged, too short, to a foreign address.
  var otherMACControl: UInt64 = 0
}

/// What one queue counts.
struct QueueCounters {
  var txPackets: UInt64 = 0
  var txBytes: UInt64 = 0
  /// Marked here.
  var markedPackets: UInt64 = 0
  var markedBytes: UInt64 = 0
  /// Came in with Congestion Experienced.
  var arrivedCE: UInt64 = 0
  /// Would have been marked if it could be, and was not dropped.
  var notCapable: UInt64 = 0
  /// Dropped by WRED, as it could not be marked.
  var wredDrops: UInt64 = 0
  /// Not admitted to the buffer, for whatever reason.
  var droppedPackets: UInt64 = 0
  /// Not admitted here, and trimmed.
  var trimmedPackets: UInt64 = 0
  /// Trimmed packets that left from here, and that were dropped here.
  var trimmedSent: UInt64 = 0
  var trimmedDropped: UInt64 = 0
}

/// What the switch as a whole counts.
struct SwitchCounters {
  /// Packets that the switch made: ICMP, ARP and ND.
  var originatedPackets: UInt64 = 0
  /// Copies made by flooding and mirroring, and what trimming left of packets.
  var replicatedPackets: UInt64 = 0
  /// Packets that went to other slices, and that came from them.
  var handedOver: UInt64 = 0
  var takenOver: UInt64 = 0
  /// Packets that the switch made and that ended in it.
  var consumedWithoutPort: UInt64 = 0
  /// What ports counted that are gone.
  var departed = PortCounters()
  /// Packets dropped on behalf of no port: those that the switch made and could not send.
  var dropsWithoutPort = InlineArray<32, UInt64>(repeating: 0)
}
