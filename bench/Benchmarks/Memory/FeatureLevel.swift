/// How much of the switch is in use, each level on top of the one before.
public enum FeatureLevel: String, CaseIterable, Codable, Sendable {
  /// Parse, classify, route over a weighted group, rewrite; one queue a port.
  case forward = "forward only"
  /// Eight queues a port: strict priority and DWRR.
  case queues = "+ queues"
  /// A lossless class with headroom, PFC and ECN.
  case lossless = "+ PFC, ECN"
  /// All eight queues lossless and never empty, pause frames sent, packets marked.
  case busy = "all busy"
}
