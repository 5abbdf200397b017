/// Why something that was asked of a switch was not done. It becomes the JSON of an HTTP answer.
public struct ControlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of reason it is.
  public enum Kind: Int, Sendable, CaseIterable {
    /// The request makes no sense: 400.
    case invalid = 400
    /// It names something that does not exist: 404.
    case notFound = 404
    /// It makes sense, but not now: 409.
    case conflict = 409
    /// It was understood, and what it holds is wrong: 422.
    case unprocessable = 422
    /// It failed inside: 500.
    case failed = 500
    /// This switch or port cannot do it: 501.
    case unsupported = 501
    /// Not yet, or not any more: 503.
    case unavailable = 503
  }

  /// What kind of reason it is.
  public var kind: Kind
  /// What is wrong, in one sentence without a full stop.
  public var error: String
  /// What to do about it.
  public var remedy: String
  /// Every mistake, where there are several: of a configuration, one a line.
  public var details: [String]

  /// Describes a failure.
  public init(_ kind: Kind, _ error: String, remedy: String, details: [String] = []) {
    self.kind = kind
    self.error = error
    self.remedy = remedy
    self.details = details
  }

  /// Error and remedy in a line, then the details, one a line.
  public var description: String { (["\(error); \(remedy)"] + details.map { "  \($0)" }).joined(separator: "\n") }
}

extension ControlError {
  /// Something was named that does not exist.
  ///
  /// - Parameters:
  ///   - kind: what it is: `port`.
  ///   - others: the names there are.
  public static func unknown(_ kind: String, _ name: String, among others: [String]) -> ControlError {
    ControlError(.notFound, "no \(kind) is named `\(name)`", remedy: Suggestion.remedy(for: name, among: others))
  }
}
