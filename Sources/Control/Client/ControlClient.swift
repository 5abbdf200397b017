import Glibc

/// Asks a running switch over its control socket. Calls block.
public struct ControlClient: Sendable {
  /// The socket.
  public let socketPath: String
  /// Seconds to wait for an answer.
  public var patience = 60.0

  /// A client of a socket.
  public init(socketPath: String) { self.socketPath = socketPath }

  /// The socket to use: the one that is named, or that `PENSTOCK_SOCKET` names, or the only one on which a switch answers.
  public static func find(_ named: String?) throws(ControlClientError) -> ControlClient {
    let environment = getenv("PENSTOCK_SOCKET").map { String(cString: $0) } ?? ""
    if let path = named ?? (environment.isEmpty ? nil : environment) { return ControlClient(socketPath: path) }
    let answering = ControlSocket.all.filter {
      guard case .success(let connection) = ControlSocket.connect($0) else { return false }
      close(connection)
      return true
    }
    guard let path = answering.first else {
      throw .unreachable(
        ControlSocket.directories.joined(separator: ", "), "no switch answers there",
        remedy: "start one with `penstock run`, or name its socket with --socket PATH")
    }
    guard answering.count == 1 else {
      throw .unreachable(
        answering.joined(separator: ", "), "more than one process answers", remedy: "choose one with --socket PATH")
    }
    return ControlClient(socketPath: path)
  }

  /// The name of the switch that is meant: the one that is named, or the only one of the process.
  public func switchName(_ named: String?) throws(ControlClientError) -> String {
    if let named { return named }
    let list = try decode(SwitchList.self, from: try get(["v1", "switches"]))
    guard let first = list.switches.first, list.switches.count == 1 else {
      throw .refused(
        ControlError(
          .invalid,
          "the process runs \(list.switches.count) switches: \(list.switches.map(\.name).joined(separator: ", "))",
          remedy: "choose one with --switch NAME"))
    }
    return first.name
  }

  /// Parts of a switch, of all ports or of some.
  public func snapshot(
    of device: String, parts: [SwitchSnapshot.Part], ports: [String] = []
  ) throws(ControlClientError) -> SwitchSnapshot {
    let query = ports.map { ("port", $0) } + [("parts", parts.map(\.rawValue).joined(separator: ","))]
    return try decode(SwitchSnapshot.self, from: try get(["v1", "switches", device], query: query))
  }

  /// Takes a port up or down.
  public func setPort(_ port: String, of device: String, isUp: Bool) throws(ControlClientError) {
    _ = try send("PUT", ["v1", "switches", device, "ports", port], body: try encode(PortState(isUp: isUp)))
  }

  /// Changes the weight of a next hop.
  public func setWeight(_ change: WeightChange, of device: String) throws(ControlClientError) {
    _ = try send("PUT", ["v1", "switches", device, "nexthops"], body: try encode(change))
  }

  /// Forgets all peaks.
  public func resetWatermarks(of device: String) throws(ControlClientError) {
    _ = try send("POST", ["v1", "switches", device, "watermarks", "reset"])
  }

  /// The impairments of a port, as JSON; first sets them, if `json` is not nil.
  public func impairments(
    of port: String, of device: String, set json: String?
  ) throws(ControlClientError) -> String {
    let path = ["v1", "switches", device, "ports", port, "impairments"]
    return try json == nil ? get(path) : send("PUT", path, body: json)
  }

  /// Changes the configuration.
  public func reload(_ request: ReloadRequest, of device: String) throws(ControlClientError) -> ReloadReport {
    try decode(
      ReloadReport.self, from: try send("POST", ["v1", "switches", device, "reload"], body: try encode(request)))
  }

  /// Keeps a configuration that is on trial.
  public func confirmReload(of device: String) throws(ControlClientError) {
    _ = try send("POST", ["v1", "switches", device, "reload", "confirm"])
  }

  private func get(
    _ path: [String], query: [(String, String)] = []
  ) throws(ControlClientError) -> String {
    try send("GET", path, query: query)
  }

  func encode(_ value: some Encodable) throws(ControlClientError) -> String {
    do {
      return try ControlJSON.encode(value)
    } catch {
      throw .garbled("\(error)")
    }
  }

  func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws(ControlClientError) -> Value {
    do {
      return try ControlJSON.decode(type, from: text)
    } catch {
      throw .garbled("\(error)")
    }
  }

  /// Sends a request; returns the body of an answer of 200.
  func send(
    _ method: String, _ path: [String], query: [(String, String)] = [], body: String? = nil
  ) throws(ControlClientError) -> String {
    let answer = try HTTPExchange(socketPath: socketPath, patience: patience).send(
      method, path, query: query, body: body.map { Array($0.utf8) })
    let text = String(decoding: answer.body, as: UTF8.self)
    if answer.status == 200 { return text }
    struct Failure: Decodable {
      var error: String
      var remedy: String
      var details: [String]?
    }
    guard let failure = try? ControlJSON.decode(Failure.self, from: text) else {
      throw .garbled("status \(answer.status)")
    }
    throw .refused(
      ControlError(
        ControlError.Kind(rawValue: answer.status) ?? .invalid, failure.error, remedy: failure.remedy,
        details: failure.details ?? []))
  }
}

/// Why a running switch did not do what was asked.
public enum ControlClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It cannot be asked.
  case unreachable(String, String, remedy: String)
  /// It does not want to, or cannot.
  case refused(ControlError)
  /// Its answer is none that this version understands.
  case garbled(String)

  /// What went wrong, and what to do.
  public var description: String {
    switch self {
    case .unreachable(let place, let problem, let remedy): "\(place): \(problem); \(remedy)"
    case .refused(let error): error.description
    case .garbled(let what): "the answer cannot be read (\(what)); use the penstock that runs the switch"
    }
  }
}
