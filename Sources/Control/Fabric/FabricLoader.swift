import Dataplane
import Drivers

/// A network that is free of mistakes, with what the user should know about it.
public struct LoadedFabric: Equatable, Sendable {
  /// The file it came from, as it was named.
  public var file: String
  /// The network.
  public var configuration: FabricConfiguration
  /// What is right but worth knowing. One sentence each.
  public var notices: [String]
}

/// Reads networks from YAML. The keys are described in docs/fabric.md.
public struct FabricLoader: Sendable {
  /// Creates a loader.
  public init() {}

  /// Reads a file. Files that it names are looked for in its own directory.
  ///
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public func load(path: String) throws(ConfigurationErrors) -> LoadedFabric {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw ConfigurationErrors(errors: [
        ConfigurationError(file: path, line: 0, column: 0, key: "", problem: error.problem, remedy: error.remedy)
      ])
    }
    guard let text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw ConfigurationErrors(errors: [
        ConfigurationError(
          file: path, line: 0, column: 0, key: "", problem: "the file is not UTF-8 text", remedy: "save it as UTF-8")
      ])
    }
    let slash = path.lastIndex(of: "/")
    return try load(yaml: text, file: path, directory: slash.map { String(path[...$0]) } ?? "")
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - yaml: the network.
  ///   - file: its name in error messages.
  ///   - directory: put before the names of other files, with its slash; empty for the working directory.
  /// - Throws: ``ConfigurationErrors`` with every mistake found.
  public func load(
    yaml: String, file: String, directory: String = ""
  ) throws(ConfigurationErrors) -> LoadedFabric {
    let diagnostics = Diagnostics(file: file)
    let reader = FabricReader(diagnostics: diagnostics, directory: directory)
    if let document = YAMLDocument.compose(yaml, diagnostics) {
      let context = Field.ReadingContext(diagnostics: diagnostics, marks: document.marks)
      reader.read(Field(node: document.root, key: "", context: context))
    }
    guard diagnostics.errors.isEmpty else { throw ConfigurationErrors(errors: diagnostics.sorted) }
    return LoadedFabric(
      file: file, configuration: reader.configuration, notices: reader.notices + diagnostics.notices)
  }
}
