import Collector

/// Answers requests about a collector: what it knows as JSON, metrics, and a page.
public struct CollectorInterface: Sendable {
  private let service: CollectorService
  /// Flows, bursts, changes and drops of an answer, unless the request says how many.
  static let usualLimit = 1000

  /// Answers for a service.
  public init(_ service: CollectorService) { self.service = service }

  /// What can be asked for, and which parts of a snapshot that is.
  static let paths: [(path: [String], parts: SnapshotParts)] = [
    (["v1", "collector"], .all), (["v1", "collector", "flows"], [.flows, .changes]),
    (["v1", "collector", "queues"], [.queues, .histories]), (["v1", "collector", "bursts"], .bursts),
    (["v1", "collector", "drops"], .drops), (["v1", "collector", "sources"], .sources),
  ]

  /// Answers a request, whatever it is.
  public func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.method == "GET" || request.method == "HEAD" else {
      return .failure(
        405, "\(TextTable.printable(request.method, width: 20)) does not work here", remedy: "use GET",
        headers: ["Allow": "GET, HEAD"])
    }
    do throws(ControlError) {
      switch request.path {
      case ["healthz"]: return .json("{\"status\":\"ok\"}\n")
      case ["readyz"]: return readiness()
      case ["metrics"]: return metrics()
      case ["report.html"]: return page(try limit(of: request))
      default: break
      }
      guard let (_, parts) = Self.paths.first(where: { $0.path == request.path }) else {
        throw ControlError(
          .notFound, "there is no such path", remedy: "GET /v1/collector has everything; docs/collector.md lists all")
      }
      return try json(service.records(parts, limit: try limit(of: request)).snapshot())
    } catch {
      return .failure(error)
    }
  }

  private func limit(of request: HTTPRequest) throws(ControlError) -> Int {
    var limit = Self.usualLimit
    for (name, value) in request.query {
      guard name == "limit" else { throw .unknown("query parameter", name, among: ["limit"]) }
      guard let number = Int(value), number >= 0 else {
        throw ControlError(
          .invalid, "`\(TextTable.printable(value, width: 40))` is no limit", remedy: "write a whole number")
      }
      limit = number
    }
    return limit
  }

  /// Ready while it can write down what it finds.
  private func readiness() -> HTTPResponse {
    guard let error = service.status.storeError else { return .json("{\"status\":\"ready\"}\n") }
    return .failure(503, error, remedy: "see that the disk of the store has room")
  }

  private func metrics() -> HTTPResponse {
    let snapshot = service.records([.queues, .drops, .sources], limit: 0).snapshot()
    var writer = CollectorMetrics()
    writer.write(snapshot, service.status)
    return HTTPResponse(
      status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(writer.text.utf8))
  }

  private func page(_ limit: Int) -> HTTPResponse {
    let snapshot = service.records(.all, limit: limit).snapshot()
    return HTTPResponse(
      status: 200, contentType: "text/html; charset=utf-8",
      body: Array(CollectorHTML(snapshot, title: "Live collector").page().utf8))
  }

  private func json(_ value: some Encodable) throws(ControlError) -> HTTPResponse {
    do {
      return .json(try ControlJSON.encode(value))
    } catch {
      throw ControlError(.failed, "the answer cannot be written as JSON: \(error)", remedy: "please report this")
    }
  }
}
