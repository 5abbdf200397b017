/// What one port counts. Plain memory, written by the port's worker alone.
struct PortCounters {
  var rxPackets: UInt64 = 0
  var rxBytes: UInt64 = 0
  var txPackets: UInt64 = 0
  var txBytes: UInt64 = 0
  /// Packets that ended in the switch: MAC control, ARP, and what was addressed to it.
  var consumedPackets: UInt64 = 0
  var drops = InlineArray<32, UInt64>(repeating: 0)
  var pfcRxXOFF = InlineArray<8, UInt64>(repeating: 0)
  var pfcRxXON = InlineArray<8, UInt64>(repeating: 0)
  /// Link-level PAUSE frames and other MAC control frames, which are consumed without effect.
  var otherMACControl: UInt64 = 0
}

/// What one queue counts.
struct QueueCounters {
  var txPackets: UInt64 = 0
  var txBytes: UInt64 = 0
}

/// What the switch as a whole counts.
struct SwitchCounters {
  /// Packets that the switch made: ICMP, ARP and ND.
  var originatedPackets: UInt64 = 0
  /// Copies made by flooding and mirroring.
  var replicatedPackets: UInt64 = 0
  /// Packets that the switch made and that ended in it.
  var consumedWithoutPort: UInt64 = 0
  /// Packets dropped on behalf of no port: those that the switch made and could not send.
  var dropsWithoutPort = InlineArray<32, UInt64>(repeating: 0)
}
