import Foundation

/// What requests mean: finds the endpoint and the switch, asks it, and makes the answer.
struct ControlInterface: Sendable {
  private let switches: [any ControlledSwitch]

  init(_ switches: [any ControlledSwitch]) { self.switches = switches }

  /// Whether a request is answered without a token: it tells nobody more than that there is a server.
  static func isPublic(_ request: HTTPRequest) -> Bool {
    request.path == ["healthz"] || request.path == ["readyz"]
  }

  /// Answers a request, whatever it is.
  func answer(_ request: HTTPRequest) -> HTTPResponse {
    let found = ControlEndpoint.all.compactMap { endpoint in endpoint.match(request.path).map { (endpoint, $0) } }
    guard !found.isEmpty else {
      return .failure(
        404, "there is no such path", remedy: "GET /v1/switches names the switches; docs/control.md lists all paths")
    }
    let method = request.method == "HEAD" ? "GET" : request.method
    guard let (endpoint, names) = found.first(where: { $0.0.method == method }) else {
      let methods = found.map(\.0.method).sorted()
      let allowed = (methods.contains("GET") ? ["HEAD"] : []) + methods
      return .failure(
        405, "\(TextTable.printable(request.method, width: 20)) does not work here",
        remedy: "use \(methods.joined(separator: " or "))", headers: ["Allow": allowed.joined(separator: ", ")])
    }
    do throws(ControlError) {
      return try carryOut(endpoint.action, names, request)
    } catch {
      return .failure(error)
    }
  }

  private func carryOut(
    _ action: ControlEndpoint.Action, _ names: [String: String], _ request: HTTPRequest
  ) throws(ControlError) -> HTTPResponse {
    switch action {
    case .health: return try json(Status(status: "ok"))
    case .readiness: return try readiness()
    case .metrics: return try metrics()
    case .telemetry: return try json(TelemetryInfo.current)
    case .list: return try json(SwitchList(switches: entries))
    default: break
    }
    let device = try self.switch(names["switch"] ?? "")
    let port = names["port"] ?? ""
    switch action {
    case .overview: return try json(snapshot(device, request, parts: nil))
    case .part(let part): return try json(snapshot(device, request, parts: [part]))
    case .setPort:
      try device.setPort(port, isUp: try ControlBody.decode(PortState.self, keys: ["is_up"], from: request).isUp)
    case .getImpairments: return .json(try device.impairments(of: port))
    case .setImpairments:
      try device.setImpairments(of: port, json: try ControlBody.text(of: request))
      return .json(try device.impairments(of: port))
    case .startCapture:
      let capture = try ControlBody.decode(CaptureRequest.self, keys: CaptureRequest.keys, from: request)
      return try json(try device.startCapture(of: port, capture))
    case .getCapture: return try json(try device.captureStatus(of: port, id: try captureID(request)))
    case .stopCapture: return try json(try device.stopCapture(of: port, id: try captureID(request)))
    case .setWeight:
      let change = try ControlBody.decode(WeightChange.self, keys: ["prefix", "via", "weight"], from: request)
      guard change.weight <= 65_535 else {
        throw ControlError(.unprocessable, "a weight of \(change.weight) is too large", remedy: "write 0 to 65535")
      }
      try device.setWeight(change)
    case .resetWatermarks: try device.resetWatermarks()
    case .reload: return try json(try device.reload(try reloadRequest(request)))
    case .confirmReload: try device.confirmReload()
    case .health, .readiness, .metrics, .telemetry, .list: break
    }
    return try json(Status(status: "done"))
  }

  private func `switch`(_ name: String) throws(ControlError) -> any ControlledSwitch {
    guard let device = switches.first(where: { $0.name == name }) else {
      throw .unknown("switch", name, among: switches.map(\.name))
    }
    return device
  }

  private func snapshot(
    _ device: any ControlledSwitch, _ request: HTTPRequest, parts: Set<SwitchSnapshot.Part>?
  ) throws(ControlError) -> SwitchSnapshot {
    var ports: [String] = []
    var wanted = parts ?? []
    for (name, value) in request.query {
      switch name {
      case "port": ports.append(value)
      case "parts" where parts == nil:
        for word in value.split(separator: ",") {
          guard let part = SwitchSnapshot.Part(rawValue: String(word)) else {
            throw .unknown("part", String(word), among: SwitchSnapshot.Part.allCases.map(\.rawValue))
          }
          wanted.insert(part)
        }
      default: throw .unknown("query parameter", name, among: parts == nil ? ["parts", "port"] : ["port"])
      }
    }
    return try device.snapshot(of: wanted, ports: ports)
  }

  /// The capture that is meant, if the query says which.
  private func captureID(_ request: HTTPRequest) throws(ControlError) -> UInt64? {
    var id: UInt64?
    for (name, value) in request.query {
      guard name == "id" else { throw .unknown("query parameter", name, among: ["id"]) }
      guard let number = UInt64(value) else {
        throw ControlError(
          .invalid, "`\(TextTable.printable(value, width: 40))` is no id of a capture",
          remedy: "write the number that its start was answered with")
      }
      id = number
    }
    return id
  }

  private func reloadRequest(_ request: HTTPRequest) throws(ControlError) -> ReloadRequest {
    if request.body.isEmpty { return ReloadRequest() }
    let reload = try ControlBody.decode(
      ReloadRequest.self, keys: ["text", "path", "is_dry_run", "rollback_after_seconds"], from: request)
    if let seconds = reload.rollbackAfterSeconds, !(seconds > 0 && seconds <= 86_400) {
      throw ControlError(
        .unprocessable, "rollback_after_seconds is \(seconds)", remedy: "write more than 0 and at most 86400")
    }
    return reload
  }

  private var entries: [SwitchList.Entry] {
    switches.map { device in
      let readiness = device.readiness
      return SwitchList.Entry(name: device.name, isReady: readiness.isReady, reason: readiness.reason)
    }
  }

  private func readiness() throws(ControlError) -> HTTPResponse {
    let entries = entries
    var response = try json(SwitchList(switches: entries))
    if !entries.allSatisfy(\.isReady) { response.status = 503 }
    return response
  }

  private func metrics() throws(ControlError) -> HTTPResponse {
    var snapshots: [SwitchSnapshot] = []
    for device in switches { snapshots.append(try device.snapshot(of: MetricFamily.parts, ports: [])) }
    var writer = MetricsWriter()
    writer.write(MetricFamily.all, of: snapshots)
    return HTTPResponse(
      status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(writer.text.utf8))
  }

  private func json(_ value: some Encodable) throws(ControlError) -> HTTPResponse {
    do {
      return .json(try ControlJSON.encode(value))
    } catch {
      throw ControlError(.failed, "the answer cannot be written as JSON: \(error)", remedy: "please report this")
    }
  }
}

/// That something was done.
private struct Status: Encodable {
  var status: String
}

/// The body that takes a port up or down.
struct PortState: Codable {
  var isUp: Bool
}

/// The answer to `GET /v1/switches` and `GET /readyz`.
public struct SwitchList: Codable, Equatable, Sendable {
  /// One switch of the process.
  public struct Entry: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it does its work.
    public var isReady: Bool
    /// Why not; empty if it does.
    public var reason: String
  }

  /// The switches.
  public var switches: [Entry]
}
