/// Turns a tree of nodes into text.
struct JSONTextWriter {
  let layout: OrderedJSON.Layout
  var text = ""

  init(layout: OrderedJSON.Layout) { self.layout = layout }

  mutating func write(_ node: JSONNode, depth: Int, oneLine: Bool = false) {
    switch node.content {
    case .literal(let literal): text += literal
    case .string(let string): write(string)
    case .array(let elements):
      let oneLine = oneLine || elements.allSatisfy(\.isFlat)
      let breaks = layout == .pretty && !oneLine && !elements.isEmpty
      text += "["
      for (index, element) in elements.enumerated() {
        separate(index, breaks: breaks, depth: depth + 1)
        write(element, depth: depth + 1, oneLine: oneLine)
      }
      if breaks { newLine(depth) }
      text += "]"
    case .object(let members):
      let breaks = layout == .pretty && !oneLine && !members.isEmpty
      text += "{"
      for (index, member) in members.enumerated() {
        separate(index, breaks: breaks, depth: depth + 1)
        write(member.key)
        text += layout == .pretty ? ": " : ":"
        write(member.value, depth: depth + 1, oneLine: oneLine)
      }
      if breaks { newLine(depth) }
      text += "}"
    }
  }

  /// Writes what stands before the element at `index`.
  private mutating func separate(_ index: Int, breaks: Bool, depth: Int) {
    if index > 0 { text += layout == .pretty && !breaks ? ", " : "," }
    if breaks { newLine(depth) }
  }

  private mutating func newLine(_ depth: Int) {
    text += "\n"
    for _ in 0..<depth { text += "  " }
  }

  /// Writes a string literal (RFC 8259 section 7).
  mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "<" where layout == .embedded, ">" where layout == .embedded, "&" where layout == .embedded:
        writeEscape(scalar)
      case "\u{2028}", "\u{2029}", "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
        writeEscape(scalar)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private mutating func writeEscape(_ scalar: Unicode.Scalar) {
    let digits = String(scalar.value, radix: 16)
    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension JSONNode {
  /// Whether the value holds no object, so that it reads well on one line.
  fileprivate var isFlat: Bool {
    switch content {
    case .literal: true
    case .string: false
    case .array(let elements): elements.allSatisfy(\.isFlat)
    case .object: false
    }
  }
}
