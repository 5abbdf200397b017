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

/// Reads configurations from YAML. The keys are described in docs/configuration.md.
public struct ConfigurationLoader: Sendable {
  /// Creates a loader.
  public init() {}

  /// Reads a file. Files that it names are looked for in its own directory.
  ///
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public func load(path: String) throws(ConfigurationErrors) -> LoadedConfiguration {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw Self.failure(path, error.problem, error.remedy)
    }
    guard let text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw Self.failure(path, "the file is not UTF-8 text", "save it as UTF-8")
    }
    let slash = path.lastIndex(of: "/")
    return try load(yaml: text, file: path, directory: slash.map { String(path[...$0]) } ?? "")
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
    _ text: InlineRoutes, file: String, directory: String
  ) throws(ConfigurationErrors) -> LoadedConfiguration {
    let diagnostics = Diagnostics(file: file)
    let reader = ConfigurationReader(diagnostics: diagnostics, directory: directory, inline: text)
    if let document = YAMLDocument.compose(text.remainder, diagnostics) {
      let context = Field.ReadingContext(diagnostics: diagnostics, marks: document.marks)
      reader.read(Field(node: document.root, key: "", context: context))
    }
    guard diagnostics.errors.isEmpty else { throw ConfigurationErrors(errors: diagnostics.sorted) }
    return LoadedConfiguration(
      file: file, configuration: reader.configuration, notices: diagnostics.notices, impairments: reader.impairments,
      workers: reader.workers, freePorts: reader.freePorts)
  }

  private static func failure(_ path: String, _ problem: String, _ remedy: String) -> ConfigurationErrors {
    ConfigurationErrors(errors: [
      ConfigurationError(file: path, line: 0, column: 0, key: "", problem: problem, remedy: remedy)
    ])
  }
}
