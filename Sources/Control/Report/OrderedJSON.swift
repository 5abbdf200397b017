/// Writes values as JSON with keys in the order in which they are encoded.
///
/// Foundation's encoder either shuffles the keys or sorts them by alphabet; here ports keep the order of the
/// configuration and equal values give equal bytes. Numbers print in their shortest exact form.
public enum OrderedJSON {
  /// The layout of the text.
  public enum Layout: Sendable {
    /// No white space, and `<`, `>` and `&` escaped: safe inside an HTML script element.
    case embedded
    /// Two spaces an indent, a newline at the end; an array without objects in it stays on one line.
    case pretty
  }

  /// The text of `value`.
  ///
  /// - Throws: `EncodingError.invalidValue` for a number that is not finite.
  public static func encode(_ value: some Encodable, layout: Layout = .pretty) throws -> String {
    let root = JSONNode()
    try root.fill(with: value, path: [])
    var writer = JSONTextWriter(layout: layout)
    writer.write(root, depth: 0)
    if layout == .pretty { writer.text += "\n" }
    return writer.text
  }
}

/// One JSON value while it is being built. A class, because encoding containers hold on to the node they fill.
final class JSONNode {
  enum Content {
    case literal(String)
    case string(String)
    case array([JSONNode])
    case object([(key: String, value: JSONNode)])
  }

  var content = Content.literal("null")

  /// Takes on `value`. Numbers, text and truth values are written down at once, everything else encodes itself.
  func fill(with value: some Encodable, path: [any CodingKey]) throws {
    switch value {
    case let number as UInt64: content = .literal(String(number))
    case let number as Double: content = .literal(try Self.text(of: number, path: path))
    case let text as String: content = .string(text)
    case let truth as Bool: content = .literal(truth ? "true" : "false")
    case let number as any BinaryInteger: content = .literal(String(describing: number))
    default: try value.encode(to: NodeEncoder(node: self, codingPath: path))
    }
  }

  /// The shortest decimal that reads back as `number`, without a fraction when it is whole.
  private static func text(of number: Double, path: [any CodingKey]) throws -> String {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: path, debugDescription: "JSON has no way to write \(number)."))
    }
    if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return String(whole) }
    return number.description
  }

  func appendElement() -> JSONNode {
    let node = JSONNode()
    if case .array(var elements) = content {
      content = .literal("null")  // Gives up this reference, so that the append below does not copy the array.
      elements.append(node)
      content = .array(elements)
    } else {
      content = .array([node])
    }
    return node
  }

  func appendMember(_ key: String) -> JSONNode {
    let node = JSONNode()
    if case .object(var members) = content {
      content = .literal("null")
      members.append((key, node))
      content = .object(members)
    } else {
      content = .object([(key, node)])
    }
    return node
  }

  func becomeArray() {
    if case .array = content { return }
    content = .array([])
  }

  func becomeObject() {
    if case .object = content { return }
    content = .object([])
  }
}

private struct NodeEncoder: Encoder {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.becomeObject()
    return KeyedEncodingContainer(KeyedContainer(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.becomeArray()
    return UnkeyedContainer(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleValueContainer(node: node, codingPath: codingPath)
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  let codingPath: [any CodingKey]

  func encodeNil(forKey key: Key) { _ = node.appendMember(key.stringValue) }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    try node.appendMember(key.stringValue).fill(with: value, path: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    NodeEncoder(node: node.appendMember(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    NodeEncoder(node: node.appendMember(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    NodeEncoder(node: node.appendMember("super"), codingPath: codingPath)
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    NodeEncoder(node: node.appendMember(key.stringValue), codingPath: codingPath + [key])
  }
}

private struct UnkeyedContainer: UnkeyedEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]

  var count: Int {
    if case .array(let elements) = node.content { elements.count } else { 0 }
  }

  func encodeNil() { _ = node.appendElement() }

  func encode(_ value: some Encodable) throws { try node.appendElement().fill(with: value, path: codingPath) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    NodeEncoder(node: node.appendElement(), codingPath: codingPath).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    NodeEncoder(node: node.appendElement(), codingPath: codingPath).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { NodeEncoder(node: node.appendElement(), codingPath: codingPath) }
}

private struct SingleValueContainer: SingleValueEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]

  func encodeNil() { node.content = .literal("null") }

  func encode(_ value: some Encodable) throws { try node.fill(with: value, path: codingPath) }
}
