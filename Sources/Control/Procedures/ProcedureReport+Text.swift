import Conformance

extension ProcedureReport {
  /// The report for a person: the conditions, then a table for each test.
  public func text(isColoured: Bool) -> String {
    var conditions = TextTable([("condition", .left), ("", .left)])
    for condition in self.conditions { conditions.add([condition.name, condition.value]) }
    let head = "\(document)\n\n" + conditions.text(isColoured: isColoured)
    return head + tables.map { "\n\($0.text(isColoured: isColoured))" }.joined()
  }

  /// The report as JSON: every row is an object, its keys end in their units.
  public func json() throws -> String { try OrderedJSON.encode(ProcedureJSON(report: self)) }
}

extension ProcedureTable {
  fileprivate func text(isColoured: Bool) -> String {
    var table = TextTable(columns.map { ($0.title, TextTable.Side.right) })
    for row in rows { table.add(cells(of: row)) }
    return "\(title) (\(section)): \(method)\n" + table.text(isColoured: isColoured)
  }

  /// The numbers of a row as people read them.
  func cells(of row: [Double?]) -> [String] {
    zip(columns, row).map { column, value in value.map { ProcedureTable.text($0, digits: column.digits) } ?? "-" }
  }

  /// A number with thousands apart and a fixed number of decimals.
  static func text(_ number: Double, digits: Int) -> String {
    guard number.isFinite, abs(number) < 9e15 else { return "-" }
    var scale: Double = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = (number.magnitude * scale).rounded()
    guard scaled < 1.8e19 else { return "\(number)" }
    let parts = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(scale))
    let sign = number < 0 && scaled > 0 ? "-" : ""
    let whole = sign + ReportUnits.count(parts.quotient)
    guard digits > 0 else { return whole }
    let fraction = String(parts.remainder)
    return "\(whole).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}

/// A report in the order and with the names that its JSON has.
private struct ProcedureJSON: Encodable {
  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  struct Test: Encodable {
    let table: ProcedureTable

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(table.title, forKey: Key("title"))
      try container.encode(table.section, forKey: Key("section"))
      try container.encode(table.method, forKey: Key("method"))
      try container.encode(table.rows.map { Row(columns: table.columns, values: $0) }, forKey: Key("rows"))
    }
  }

  struct Row: Encodable {
    let columns: [ProcedureTable.Column]
    let values: [Double?]

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      for (column, value) in zip(columns, values) { try container.encode(value, forKey: Key(column.key)) }
    }
  }

  let report: ProcedureReport

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(report.document, forKey: Key("document"))
    try container.encode(report.conditions, forKey: Key("conditions"))
    try container.encode(report.tables.map { Test(table: $0) }, forKey: Key("tests"))
  }
}
