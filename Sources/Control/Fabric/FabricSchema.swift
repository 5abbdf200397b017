/// The keys of a network's file, beside those of the switches in it.
public enum FabricSchema {
  static let root = ConfigurationSchema.Section(
    "", ["fabric", "switches", "links", "hosts", "traffic", "events"], required: ["switches"])
  static let fabric = ConfigurationSchema.Section("fabric", ["name", "seed", "until"])
  static let device = ConfigurationSchema.Section(
    "switches[]", ["name", "id", "mac", "file", "configuration"], required: ["name"])
  static let link = ConfigurationSchema.Section("links[]", ["a", "b", "delay", "rate"], required: ["a", "b"])
  static let host = ConfigurationSchema.Section(
    "hosts[]", ["name", "port", "address", "mac", "delay", "response"], required: ["name", "port", "address"])
  static let traffic = ConfigurationSchema.Section(
    "traffic[]",
    [
      "name", "from", "to", "flows", "kind", "size", "bytes", "packets", "start", "stop", "rate", "pattern", "burst",
      "dscp", "ecn",
    ], required: ["from", "to"])
  static let event = ConfigurationSchema.Section(
    "events[]", ["at", "link", "rate", "up"], required: ["at", "link"])

  /// Every mapping, in the order of the documentation.
  public static let sections = [root, fabric, device, link, host, traffic, event]

  /// The path of every key: `links[].delay`.
  public static var keyPaths: [String] {
    sections.flatMap { section in section.keys.map { section.path.isEmpty ? $0 : "\(section.path).\($0)" } }
  }
}
