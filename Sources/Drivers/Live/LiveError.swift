/// A switch cannot be put on its ports.
public struct LiveError: Error, CustomStringConvertible, Sendable {
  /// What went wrong and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
