import Dataplane
import Drivers
import Glibc

/// A configuration that is free of mistakes, with what the user should know about it.
public struct LoadedConfiguration: Equatable, Sendable {
  /// The file it came from, as it was named.
  public var file: String
  /// The configuration with every default filled in.
  public var configuration: SwitchConfiguration
  /// What happens to frames between devices and ports in `penstock run`, by port.
  public var impairments: [[ImpairmentSettings]]
  /// The workers of `penstock run`, one for each slice; empty: one that other switches of the process may share.
  public var workers: [WorkerSettings]
  /// Ports of which nobody said what worker has them.
  public var freePorts: Set<String>
  /// Ports that are ends of links to other switches, by name.
  public var links: [String: LinkedPort] = [:]
  /// How long the cables of those links are whose delay is known, by port.
  var cables: [String: CableLength] = [:]
  /// Whether ``file`` describes other switches too, and the links.
  var isInline = false
  /// What is right but worth knowing: settings without effect yet, drained routes. One sentence each.
  public var notices: [String]

  /// Puts a configuration together.
  public init(
    file: String, configuration: SwitchConfiguration, notices: [String], impairments: [[ImpairmentSettings]]? = nil,
    workers: [WorkerSettings] = [], freePorts: Set<String> = []
  ) {
    self.file = file
    self.configuration = configuration
    self.notices = notices
    self.workers = workers
    self.freePorts = freePorts
    self.impairments = impairments ?? configuration.ports.map { _ in [] }
  }

  /// The index of a port; nil if no port has the name.
  public func portIndex(named name: String) -> Int? { configuration.ports.firstIndex { $0.name == name } }

  /// What to tell a user who named a port that does not exist: `did you mean ...?` or the names there are.
  public func portSuggestion(for name: String) -> String {
    Suggestion.remedy(for: name, among: configuration.ports.map(\.name))
  }
}

/// One end of a link between two switches.
public struct LinkedPort: Equatable, Sendable {
  /// The link's number in its file, from 0.
  public var link: Int
  /// Whether this is the end that was written as `a`.
  public var isFirst: Bool
  /// The port at the other end: `spine1/p1`.
  public var peer: String
  /// Propagation delay, each way.
  public var delay: Picoseconds
}

/// Reads configurations from YAML. The keys are described in docs/configuration.md.
public struct ConfigurationLoader: Sendable {
  /// Creates a loader.
  public init() {}

  /// Reads a file. Files that it names are looked for in its own directory.
  ///
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public func load(path: String) throws(ConfigurationErrors) -> LoadedConfiguration {
    try load(path: path, cables: [:])
  }

  func load(path: String, cables: [String: CableLength]) throws(ConfigurationErrors) -> LoadedConfiguration {
    try load(InlineRoutes(try text(of: path)), file: path, directory: Self.directory(of: path), cables: cables)
  }

  /// Reads a file of one switch, or one of several switches with the links between them.
  ///
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public func loadAll(path: String) throws(ConfigurationErrors) -> [LoadedConfiguration] {
    try loadAll(yaml: try text(of: path), file: path, directory: Self.directory(of: path))
  }

  /// Reads a text of one switch, or one of several switches with the links between them.
  ///
  /// - Parameters:
  ///   - yaml: the text.
  ///   - file: its name in error messages.
  ///   - directory: put before the names of other files, with its slash; empty for the working directory.
  ///   - cables: lengths of cables of a single switch that are known from elsewhere.
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  func loadAll(
    yaml: String, file: String, directory: String, cables: [String: CableLength] = [:]
  ) throws(ConfigurationErrors) -> [LoadedConfiguration] {
    let text = InlineRoutes(yaml)
    let diagnostics = Diagnostics(file: file)
    // What is no YAML at all is said below.
    guard let document = YAMLDocument.compose(text.remainder, diagnostics) else {
      throw ConfigurationErrors(errors: diagnostics.sorted)
    }
    let context = Field.ReadingContext(diagnostics: diagnostics, marks: document.marks)
    let root = Field(node: document.root, key: "", context: context)
    guard NetworkReader.isNetwork(root) else {
      return [try load(text, file: file, directory: directory, cables: cables)]
    }
    let switches = NetworkReader(diagnostics: diagnostics, directory: directory).read(root)
    guard diagnostics.errors.isEmpty else { throw ConfigurationErrors(errors: diagnostics.sorted) }
    return switches
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - yaml: The configuration.
  ///   - file: Its name in error messages.
  ///   - directory: Put before the names of other files, with its slash; empty for the working directory.
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public func load(
    yaml: String, file: String, directory: String = ""
  ) throws(ConfigurationErrors) -> LoadedConfiguration {
    try load(InlineRoutes(yaml), file: file, directory: directory)
  }

  func load(
    _ text: InlineRoutes, file: String, directory: String, cables: [String: CableLength] = [:]
  ) throws(ConfigurationErrors) -> LoadedConfiguration {
    let diagnostics = Diagnostics(file: file)
    let reader = ConfigurationReader(diagnostics: diagnostics, directory: directory, inline: text)
    reader.cables = cables
    if let document = YAMLDocument.compose(text.remainder, diagnostics) {
      let context = Field.ReadingContext(diagnostics: diagnostics, marks: document.marks)
      let root = Field(node: document.root, key: "", context: context)
      if NetworkReader.isNetwork(root) {
        root.report("this file describes several switches", "name the file of one of them here")
      } else {
        reader.read(root)
      }
    }
    guard diagnostics.errors.isEmpty else { throw ConfigurationErrors(errors: diagnostics.sorted) }
    var loaded = reader.loaded(file)
    loaded.cables = cables
    return loaded
  }

  /// The text of a file.
  private func text(of path: String) throws(ConfigurationErrors) -> String {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw Self.failure(path, error.problem, error.remedy)
    }
    guard let text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw Self.failure(path, "the file is not UTF-8 text", "save it as UTF-8")
    }
    return text
  }

  /// The directory of a file, with its slash; empty for the working directory.
  static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  private static func failure(_ path: String, _ problem: String, _ remedy: String) -> ConfigurationErrors {
    ConfigurationErrors(errors: [
      ConfigurationError(file: path, line: 0, column: 0, key: "", problem: problem, remedy: remedy)
    ])
  }
}
