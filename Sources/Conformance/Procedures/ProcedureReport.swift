/// What a procedure found: the conditions, and a table for each of its tests.
public struct ProcedureReport: Codable, Equatable, Sendable {
  /// The document whose procedures these are: `RFC 2544`.
  public var document: String
  /// What was tested, and how.
  public var conditions: [Condition]
  /// What was found, a table for each test.
  public var tables: [ProcedureTable]
}

/// The results of one test.
public struct ProcedureTable: Codable, Equatable, Sendable {
  /// A column.
  public struct Column: Codable, Equatable, Sendable {
    /// Its name in JSON.
    public var key: String
    /// Its heading.
    public var title: String
    /// Decimals that are worth printing.
    public var digits: Int

    init(_ key: String, _ title: String, digits: Int = 0) {
      self.key = key
      self.title = title
      self.digits = digits
    }
  }

  /// The test, in the words of the document.
  public var title: String
  /// Its section.
  public var section: String
  /// How it was done, in one sentence.
  public var method: String
  /// The columns.
  public var columns: [Column]
  /// The rows; nil where there is no value.
  public var rows: [[Double?]] = []

  init(_ title: String, section: String, method: String, _ columns: [Column]) {
    self.title = title
    self.section = section
    self.method = method
    self.columns = columns
  }

  /// The values of a column, by its key.
  public func values(_ key: String) -> [Double?] {
    guard let index = columns.firstIndex(where: { $0.key == key }) else { return [] }
    return rows.map { $0[index] }
  }
}

/// How a procedure is carried out.
public struct ProcedureOptions: Sendable {
  /// Frame sizes with check sequence; those that a port does not take are left out.
  public var frames = usualFrames
  /// Frames of a trial.
  public var trial: UInt64 = 20_000
  /// Frames lost of a million that a trial may have and still counts as without loss.
  public var tolerance: UInt64 = 0
  /// Parts of the line's rate to which the rate of a search is found.
  public var resolution: UInt64 = 100_000
  /// Longest burst that is tried, in frames.
  public var longestBurst: UInt64 = 1_000_000
  /// Asked before every trial with what is being done; an error ends the procedure.
  public var progress: @Sendable (String) throws -> Void = { _ in }

  /// Sizes of RFC 2544 section 9.1.
  public static let usualFrames = [64, 128, 256, 512, 1024, 1280, 1518]

  /// As RFC 2544 has it, but for the length of trials.
  public init() {}

  func sizes(for device: some DeviceUnderTest) throws(ProcedureError) -> [Int] {
    let sizes = frames.filter { $0 >= 64 && $0 <= device.largestFrame }
    guard !sizes.isEmpty else {
      throw ProcedureError("no frame size is between 64 and \(device.largestFrame) bytes, which the ports take")
    }
    return sizes
  }

  func isLossless(_ result: StreamResult) -> Bool {
    result.lost.multipliedFullWidth(by: 1_000_000) <= result.sent.multipliedFullWidth(by: tolerance)
  }
}
