import Yams

/// A mapping with known keys. Unknown and duplicate keys are reported when it is opened.
struct Section {
  /// The mapping itself, for mistakes that concern all of it.
  let field: Field
  private let fields: [String: Field]
  /// Keys that were meant by unknown ones: what is there under a wrong name is not missing as well.
  private let misspelt: Set<String>

  init(_ field: Field, _ mapping: Node.Mapping, _ schema: ConfigurationSchema.Section) {
    self.field = field
    var fields: [String: Field] = [:]
    var lines: [String: Int] = [:]
    var misspelt: Set<String> = []
    for (name, value) in mapping {
      guard let scalar = name.scalar else {
        Field(node: name, key: field.key, context: field.context).report(
          "a key is not a word", "write one of \(Suggestion.alternatives(schema.keys))")
        continue
      }
      let text = field.context.marks.original(of: scalar.string)
      let path = field.key.isEmpty ? text : "\(field.key).\(text)"
      let place = Field(node: name, key: path, context: field.context)
      if !schema.keys.contains(text) {
        place.report("unknown key `\(text)`", Self.remedy(for: text, schema))
        if let meant = Suggestion.nearest(to: text, among: schema.keys) { misspelt.insert(meant) }
      } else if let first = lines[text] {
        place.report("duplicate key `\(text)`, first in line \(first)", "remove one of them")
      } else {
        lines[text] = place.line
        fields[text] = Field(node: value, key: path, context: field.context)
      }
    }
    self.misspelt = misspelt
    self.fields = fields
    for key in schema.required { require(key, example: Self.example(key, schema)) }
  }

  /// Reports a key that is absent.
  func require(_ key: String, example: String) {
    guard fields[key] == nil, !misspelt.contains(key) else { return }
    field.report("required key `\(key)` is missing", "add `\(key): \(example)`")
  }

  /// The value of a key; nil if it is absent.
  subscript(key: String) -> Field? { fields[key] }

  /// True if the key is written, right or wrong.
  func has(_ key: String) -> Bool { fields[key] != nil }

  private static func remedy(for key: String, _ schema: ConfigurationSchema.Section) -> String {
    if key == "<<" { return "write the keys out: merging is not supported" }
    if let near = Suggestion.nearest(to: key, among: schema.keys) { return "did you mean `\(near)`?" }
    // The right word in the wrong place is worth naming the place.
    let elsewhere = ConfigurationSchema.sections.filter { $0.keys.contains(key) }
    if schema.path.isEmpty, elsewhere.contains(where: \.path.isEmpty) {
      return "it belongs into the file of one switch, and `switches` and `links` into a file of their own"
    }
    if elsewhere.count == 1, let section = elsewhere.first {
      return section.path.isEmpty ? "it belongs at the top of the file" : "it belongs into `\(section.path)`"
    }
    return "write \(Suggestion.alternatives(schema.keys))"
  }

  private static func example(_ key: String, _ schema: ConfigurationSchema.Section) -> String {
    switch (schema.path, key) {
    case ("", "ports"): "[{name: h1, speed: 100G}]"
    case ("", "switches"): "[leaf1.yaml, spine1.yaml]"
    case ("links[]", _): "leaf1/p5"
    case ("ports[]", "name"): "h1"
    case ("buffer.pools", _): "16MB"
    case ("buffer.trim", _): "1"
    case (_, "speed"): "100G"
    case (_, "rate"): "10G"
    case (_, "direction"): "egress"
    case (_, "probability"), (_, "enter"): "1%"
    case (_, "leave"): "25%"
    case (_, "trunk"): "[10, 20]"
    case (_, "id"), (_, "vlan"): "10"
    case (_, "address"): "10.0.1.2"
    case (_, "mac"): "\"02:00:00:00:00:01\""
    case (_, "port"): "NAME"
    case (_, "file"): "routes.txt"
    case (_, "dwrr"): "1"
    case (_, "action"): "deny"
    case (_, "collector"): "10.0.9.2"
    case (_, "words"): "[pause-time]"
    case (_, "threshold"): "100kB"
    default: "VALUE"
    }
  }
}
