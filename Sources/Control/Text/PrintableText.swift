/// Text of others, made fit for a terminal.
public enum PrintableText {
  /// `text` with `?` for what a terminal would obey. Line ends stay.
  public static func clean(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { TextTable.printable(String($0)) }
      .joined(separator: "\n")
  }
}
