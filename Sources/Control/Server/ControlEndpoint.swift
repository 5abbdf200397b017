/// One thing that can be asked of the control interface. docs/control.md describes each.
public struct ControlEndpoint: Equatable, Sendable {
  /// The method; what can be read with GET can be asked about with HEAD.
  public let method: String
  /// The path, with names in braces where any name stands.
  public let path: String
  let action: Action

  enum Action: Equatable, Sendable {
    case health, readiness, metrics, telemetry
    case list, overview
    case part(SwitchSnapshot.Part)
    case setPort, getImpairments, setImpairments, setWeight, resetWatermarks, reload, confirmReload
    case startCapture, getCapture, stopCapture
  }

  private init(_ method: String, _ path: String, _ action: Action) {
    self.method = method
    self.path = path
    self.action = action
  }

  /// All there are.
  public static let all: [ControlEndpoint] =
    [
      ControlEndpoint("GET", "/healthz", .health),
      ControlEndpoint("GET", "/readyz", .readiness),
      ControlEndpoint("GET", "/metrics", .metrics),
      ControlEndpoint("GET", "/v1/telemetry/info", .telemetry),
      ControlEndpoint("GET", "/v1/switches", .list),
      ControlEndpoint("GET", "/v1/switches/{switch}", .overview),
    ]
    + SwitchSnapshot.Part.allCases.map {
      ControlEndpoint("GET", "/v1/switches/{switch}/\($0.rawValue)", .part($0))
    } + [
      ControlEndpoint("PUT", "/v1/switches/{switch}/ports/{port}", .setPort),
      ControlEndpoint("GET", "/v1/switches/{switch}/ports/{port}/impairments", .getImpairments),
      ControlEndpoint("PUT", "/v1/switches/{switch}/ports/{port}/impairments", .setImpairments),
      ControlEndpoint("POST", "/v1/switches/{switch}/ports/{port}/capture", .startCapture),
      ControlEndpoint("GET", "/v1/switches/{switch}/ports/{port}/capture", .getCapture),
      ControlEndpoint("DELETE", "/v1/switches/{switch}/ports/{port}/capture", .stopCapture),
      ControlEndpoint("PUT", "/v1/switches/{switch}/nexthops", .setWeight),
      ControlEndpoint("POST", "/v1/switches/{switch}/watermarks/reset", .resetWatermarks),
      ControlEndpoint("POST", "/v1/switches/{switch}/reload", .reload),
      ControlEndpoint("POST", "/v1/switches/{switch}/reload/confirm", .confirmReload),
    ]

  /// The names that stand for the braces of ``path``, if `components` is such a path.
  func match(_ components: [String]) -> [String: String]? {
    let template = path.split(separator: "/")
    guard template.count == components.count else { return nil }
    var names: [String: String] = [:]
    for (part, component) in zip(template, components) {
      if part.hasPrefix("{") {
        names[String(part.dropFirst().dropLast())] = component
      } else if part != component {
        return nil
      }
    }
    return names
  }
}
