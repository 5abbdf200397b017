import Dataplane
import Wire

extension TelemetryInfo.Hop {
  /// Everything that hops record, in the order in which it lies in a packet.
  static let all: [TelemetryInfo.Hop] =
    INTInstructions.names.map { name, instruction in
      let (layout, unit) = describe(instruction)
      return TelemetryInfo.Hop(name: name, bit: instruction.rawValue, isDomain: false, layout: layout, unit: unit)
    }
    + INTDomainWords.names.map { name, word in
      TelemetryInfo.Hop(name: name, bit: word.rawValue, isDomain: true, layout: "32", unit: describe(word))
    }

  private static func describe(_ instruction: INTInstructions) -> (layout: String, unit: String) {
    switch instruction {
    case .nodeID: ("32", "number of the switch")
    case .interfaces: ("16 ingress, 16 egress", "number of the port, from 1")
    case .hopLatency: ("32", "nanoseconds from arrival to departure, rounded down")
    case .queue: ("8 queue, 24 occupancy", "bytes of frames that the packet left behind in its queue; at most 16777215")
    case .ingressTimestamp:
      ("64", "nanoseconds since 1970: last bit in, with cut-through first bit in; rounded down")
    case .egressTimestamp: ("64", "nanoseconds since 1970: first bit out; rounded down")
    case .logicalInterfaces: ("32 ingress, 32 egress", "number of the routed port from 1, or 65536 plus the VLAN")
    case .egressUtilisation: ("32", "millionths of the last whole window in which the port sent")
    case .buffer: ("8 pool, 24 occupancy", "cells in use of the ingress group's pool; of model hpcc bytes")
    default: ("32", "always ffffffff: checksums are mended where they are")
    }
  }

  private static func describe(_ word: INTDomainWords) -> String {
    switch word {
    case .pauseTime: "nanoseconds for which the packet's queue was paused while it waited, rounded down"
    case .sentBytes: "bytes of frames that the port had sent before, modulo 2^32"
    case .portQueues: "bytes of frames that wait in all queues of the port without the packet"
    default: "megabits per second"
    }
  }
}
