import Foundation

/// How the control interface writes values as JSON, and reads them: keys have underscores (`depth_bytes`) and stand in
/// the order of the alphabet.
public enum ControlJSON {
  /// The text of a value.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  public static func encode(_ value: some Encodable, isPretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// The value of a text.
  ///
  /// - Throws: `DecodingError` for what is no JSON, or not of that type.
  public static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(text.utf8))
  }
}

extension SwitchSnapshot {
  /// The snapshot as JSON.
  public func json() throws -> String { try ControlJSON.encode(self, isPretty: true) }
}
