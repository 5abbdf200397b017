/// A stage of the packet path, as instructions and time are attributed to it.
public enum Stage: String, CaseIterable, Codable, Sendable {
  /// Finds headers and reads their fields; of plain frames also their checks and their class, which is done in one go.
  case parse
  /// Counts what arrived, checks the frame's addresses and lengths, and chooses between routing and bridging.
  case receive
  /// DSCP or PCP to traffic class, priority group and queue.
  case classify
  /// Header checks, hash, route, next hop, neighbour.
  case forward
  /// The shared buffer: admission, and what is given back.
  case admit
  /// Into the queue.
  case enqueue
  /// Which packet leaves next, and when.
  case schedule
  /// ECN.
  case mark
  /// PFC and PAUSE in both directions.
  case pause
  /// MAC addresses, TTL and checksum, tags.
  case rewrite
  /// Counters and latencies of what left.
  case count
  /// What surrounds the switch here: packets are taken, filled and given back. Not part of the switch.
  case source
  /// Code that the table below does not know.
  case other

  /// The stages of the switch itself.
  public static let ofTheSwitch = allCases.filter { $0 != .source }

  /// The stage of one function that an instruction was compiled from; nil if it serves several, as views of headers do.
  ///
  /// - Parameters:
  ///   - file: path of the source file.
  ///   - function: its name as the linker knows it.
  static func of(file: String, function: String) -> Stage? {
    let parts = file.split(separator: "/").map(String.init)
    guard let name = parts.last else { return nil }
    if let stage = byFunction.first(where: { $0.file == name && function.contains($0.function) })?.stage {
      return stage
    }
    if let stage = byFile[name] { return stage }
    return parts.dropLast().last.flatMap { byDirectory[$0] }
  }

  /// The names of source files that the table below mentions.
  static var filesNamed: Set<String> { Set(byFile.keys).union(byFunction.map(\.file)) }

  /// Functions that do other work than the rest of their file. Names as the linker has them: length, then name.
  private static let byFunction: [(file: String, function: String, stage: Stage)] = [
    ("Switch+Transmit.swift", "7enqueue", .enqueue), ("Switch+Transmit.swift", "10enqueueAny", .enqueue),
    ("Switch+Direct.swift", "13enqueueDirect", .enqueue), ("Switch+Transmit.swift", "5touch", .enqueue),
    ("Switch+Transmit.swift", "5count", .count), ("EgressQueue.swift", "4push", .enqueue),
    ("Switch+Receive.swift", "7permits", .forward), ("Switch+Receive.swift", "6remark", .classify),
    ("Switch+Receive.swift", "arrived", .source), ("Switch+Receive.swift", "4fill", .source),
    ("packet.c", "pst_packet", .source), ("packet.c", "pst_pool", .source),
  ]

  private static let byFile: [String: Stage] = [
    "Parser.swift": .parse, "PlainFrames.swift": .parse, "Switch+Receive.swift": .receive,
    "Classifier.swift": .classify,
    "Classifier+Frame.swift": .classify, "Forwarding+Routing.swift": .forward, "Forwarding+Bridging.swift": .forward,
    "RouteTable.swift": .forward, "NeighborTable.swift": .forward, "InterfaceTable.swift": .forward,
    "AccessList.swift": .forward, "ForwardingDatabase.swift": .forward, "WeightedBuckets.swift": .forward,
    "ResilientBuckets.swift": .forward, "route.c": .forward, "table.c": .forward, "acl.c": .forward,
    "Switch+Transmit.swift": .schedule, "Switch+Direct.swift": .schedule, "Rewrite.swift": .rewrite,
    "RandomNumbers.swift": .mark,
    "MemoryBench.swift": .source, "PacketMemory.swift": .source, "PacketBurst.swift": .source,
  ]

  private static let byDirectory: [String: Stage] = [
    "LoadBalancing": .forward, "Buffer": .admit, "Queueing": .schedule, "Marking": .mark, "Pause": .pause,
    "Measurement": .count, "Local": .forward,
  ]
}
