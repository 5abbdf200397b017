import Dataplane

/// The list of everything that happened to flow control, one line for each event; two for a frame that stops some
/// priorities and releases others.
///
/// Of `expired`, `storm` and `restored` the priorities are queues. The last four columns say why: the priority group that
/// made the switch ask for XOFF or XON, what it had then of the shared pool and of headroom, and its limit. Lines are in
/// the order in which the switch took notice, which is later than `time_ps` only for a pause that expired.
struct PauseLog: ~Copyable {
  private var file: CSVFile
  private let portNames: [String]
  private var lines: UInt64 = 0

  static let columns = "time_ps,port,event,priorities,state,priority_group,shared_bytes,limit_bytes,headroom_bytes"

  init(path: String, portNames: [String]) throws(CaptureError) {
    file = try CSVFile(path: path, columns: PauseLog.columns, option: "--pfc-log")
    self.portNames = portNames.map { CSVFile.quoted($0) }
  }

  /// Writes down an event. Throws, once in a while, if a write has failed.
  mutating func note(_ event: PauseEvent) throws(CaptureError) {
    switch event.kind {
    case .storm, .restored: append(event, priorities: event.priorities, state: "")
    case .threshold, .headroom: append(event, priorities: event.priorities, state: "xoff")
    case .drained, .expired: append(event, priorities: event.priorities, state: "xon")
    case .sent, .refreshed, .received:
      if event.xoff != 0 { append(event, priorities: event.xoff, state: "xoff") }
      let released = event.priorities & ~event.xoff
      if released != 0 { append(event, priorities: released, state: "xon") }
    }
    lines += 1
    if lines & 0xFFF == 0 { try file.check() }
  }

  /// Completes the file, still under its temporary name.
  mutating func finish() throws(CaptureError) { try file.finish() }

  /// Gives the finished file its own name.
  mutating func commit() throws(CaptureError) { try file.commit() }

  private mutating func append(_ event: PauseEvent, priorities: UInt8, state: String) {
    file.append(event.tick.rawValue)
    file.append(portNames[event.port.index])
    file.append(event.kind.rawValue)
    file.append((0..<8).filter { priorities & 1 << UInt8($0) != 0 }.map(String.init).joined(separator: "+"))
    file.append(state)
    switch event.kind {
    case .threshold, .headroom, .drained:
      file.append(UInt64(event.group.rawValue))
      file.append(event.sharedBytes)
      file.append(event.limitBytes)
      file.append(event.headroomBytes)
    default: for _ in 0..<4 { file.appendEmpty() }
    }
    file.endLine()
  }
}
