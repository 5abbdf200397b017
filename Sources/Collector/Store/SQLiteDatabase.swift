import CSQLite

/// A database could not be opened, read or written.
public struct StoreError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file.
  public var path: String
  /// What is wrong.
  public var problem: String
  /// What to do about it.
  public var remedy: String

  /// Describes a failure.
  public init(path: String, problem: String, remedy: String) {
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  /// File, problem and remedy in one line.
  public var description: String { "\(path): \(problem). \(remedy)" }
}

/// A database file, with statements that are prepared once.
final class SQLiteDatabase {
  let path: String
  private var handle: OpaquePointer?

  /// Opens a file.
  ///
  /// - Parameter isReadOnly: the file must be there; otherwise it is made if it is not.
  init(_ path: String, isReadOnly: Bool) throws(StoreError) {
    self.path = path
    let flags = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    guard sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK else { throw error }
    // Somebody may be reading: wait a little rather than fail.
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit { sqlite3_close_v2(handle) }

  /// What the library says went wrong.
  var error: StoreError {
    StoreError(
      path: path, problem: String(cString: sqlite3_errmsg(handle)),
      remedy: "Name a file of `penstock collect`, in a directory that can be written to and is not full.")
  }

  /// Carries out statements without parameters.
  func run(_ sql: String) throws(StoreError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error }
  }

  /// Prepares a statement.
  func prepare(_ sql: String) throws(StoreError) -> SQLiteStatement {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
      let statement
    else { throw error }
    return SQLiteStatement(statement, of: self)
  }
}

/// A value of a column.
enum SQLiteValue {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)

  /// Unsigned numbers beyond the middle do not fit, and stay at the most that does.
  init(_ number: some BinaryInteger) { self = .integer(Int64(clamping: number)) }

  init(_ number: (some BinaryInteger)?) { self = number.map { SQLiteValue($0) } ?? .null }
}

/// A prepared statement.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private let database: SQLiteDatabase

  init(_ handle: OpaquePointer, of database: SQLiteDatabase) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Carries it out with values for its parameters.
  func run(_ values: [SQLiteValue]) throws(StoreError) {
    try bind(values)
    let result = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard result == SQLITE_DONE || result == SQLITE_ROW else { throw database.error }
  }

  /// Carries it out and calls `body` with each row.
  func rows(_ values: [SQLiteValue] = [], _ body: (SQLiteRow) -> Void) throws(StoreError) {
    try bind(values)
    defer { sqlite3_reset(handle) }
    while true {
      let result = sqlite3_step(handle)
      if result == SQLITE_DONE { return }
      guard result == SQLITE_ROW else { throw database.error }
      body(SQLiteRow(handle: handle))
    }
  }

  private func bind(_ values: [SQLiteValue]) throws(StoreError) {
    // SQLITE_TRANSIENT, a cast that is not imported: the text is copied.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    for (index, value) in values.enumerated() {
      let place = Int32(index + 1)
      let result =
        switch value {
        case .null: sqlite3_bind_null(handle, place)
        case .integer(let number): sqlite3_bind_int64(handle, place, number)
        case .real(let number): sqlite3_bind_double(handle, place, number)
        case .text(let text): sqlite3_bind_text(handle, place, text, -1, transient)
        }
      guard result == SQLITE_OK else { throw database.error }
    }
  }
}

/// A row of an answer, valid until the next.
struct SQLiteRow {
  let handle: OpaquePointer

  /// A whole number that is not negative; nil if it is null.
  func number<Number: FixedWidthInteger>(_ column: Int32) -> Number? {
    guard sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
    return Number(clamping: sqlite3_column_int64(handle, column))
  }

  func real(_ column: Int32) -> Double? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_double(handle, column)
  }

  func text(_ column: Int32) -> String {
    sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
  }
}
