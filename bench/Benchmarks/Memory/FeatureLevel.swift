/// How much of the switch is in use, each level on top of the one before.
public enum FeatureLevel: String, CaseIterable, Codable, Sendable {
  /// Parse, classify, route over a weighted group, rewrite: mode `direct`, without queues and buffer.
  case forward
  /// Eight queues a port, strict priority and DWRR, line rates, and the shared buffer.
  case queues
  /// A lossless class with headroom, PFC and ECN.
  case lossless
  /// All eight queues lossless and never empty, pause frames sent, packets marked.
  case busy

  /// The level as tables call it.
  public var title: String {
    switch self {
    case .forward: "forward only"
    case .queues: "+ queues"
    case .lossless: "+ PFC, ECN"
    case .busy: "all busy"
    }
  }
}
