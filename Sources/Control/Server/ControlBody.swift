import Foundation

/// Reads bodies of requests.
enum ControlBody {
  /// The body as text.
  static func text(of request: HTTPRequest) throws(ControlError) -> String {
    guard let text = String(validating: request.body, as: UTF8.self) else {
      throw ControlError(.invalid, "the body is not UTF-8 text", remedy: "send JSON in UTF-8")
    }
    guard !text.isEmpty else {
      throw ControlError(.invalid, "the body is empty", remedy: "send JSON; docs/control.md shows what")
    }
    return text
  }

  /// The body as a value. Unknown keys are mistakes: one that is misspelt would be without effect, and nobody would know.
  static func decode<Value: Decodable>(
    _ type: Value.Type, keys: [String], from request: HTTPRequest
  ) throws(ControlError) -> Value {
    let text = try text(of: request)
    guard let root = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else {
      throw ControlError(.invalid, "the body is no JSON", remedy: "send \(example(keys))")
    }
    guard let object = root as? [String: Any] else {
      throw ControlError(.invalid, "the body is no JSON object", remedy: "send \(example(keys))")
    }
    for key in object.keys.sorted() where !keys.contains(key) {
      throw ControlError(
        .invalid, "unknown key `\(TextTable.printable(key, width: 40))`",
        remedy: Suggestion.remedy(for: key, among: keys))
    }
    do {
      return try ControlJSON.decode(type, from: text)
    } catch let error as DecodingError {
      throw ControlError(.invalid, explanation(error), remedy: "send \(example(keys))")
    } catch {
      throw ControlError(.invalid, "the body cannot be read", remedy: "send \(example(keys))")
    }
  }

  private static func explanation(_ error: DecodingError) -> String {
    func snake(_ key: any CodingKey) -> String {
      key.stringValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }
    switch error {
    case .keyNotFound(let key, _): return "the key `\(snake(key))` is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      // It is JSON, so what has no place is a number that its type cannot hold.
      guard let key = context.codingPath.last else { return "a number is negative, too large or not whole" }
      return "the value of `\(snake(key))` cannot be read"
    @unknown default: return "the body cannot be read"
    }
  }

  private static func example(_ keys: [String]) -> String {
    "an object with \(Suggestion.alternatives(keys)), as docs/control.md shows"
  }
}
