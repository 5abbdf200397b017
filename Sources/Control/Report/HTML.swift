/// Text that is HTML already.
///
/// A string literal is taken as markup; every string that is interpolated into it is escaped. Nothing that comes from
/// a configuration or a file can therefore become markup by being forgotten.
package struct HTML: ExpressibleByStringInterpolation, Equatable {
  package var text = ""

  package init() {}
  package init(stringLiteral value: String) { text = value }
  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Takes `markup` as it is: for the page's own style and script.
  package init(markup: String) { text = markup }

  /// A sentence whose names stand between grave accents, as in messages on a terminal; here they become code.
  package init(sentence: String) {
    let parts = sentence.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
    // An even number of parts: the last accent has no partner, and means itself.
    let isWhole = parts.count % 2 == 1
    for (index, part) in parts.enumerated() {
      if !isWhole, index == parts.count - 1 {
        self += "`\(part)"
      } else {
        self += index % 2 == 0 ? "\(part)" : "<code>\(part)</code>"
      }
    }
  }

  package static func += (left: inout HTML, right: HTML) { left.text += right.text }

  package struct StringInterpolation: StringInterpolationProtocol {
    package var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { text += literal }
    package mutating func appendInterpolation(_ string: String) { text += HTML.escaped(string) }
    package mutating func appendInterpolation(_ html: HTML) { text += html.text }
    package mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(describing: number) }
  }

  /// `string` as text of an element or of a quoted attribute. Control characters, which HTML forbids, and marks that
  /// turn the direction of text become U+FFFD.
  package static func escaped(_ string: String) -> String {
    var text = ""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\u{0}"..."\u{8}", "\u{B}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
        text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Sequence<HTML> {
  /// All of them, one after the other.
  package func joined() -> HTML { HTML(markup: map(\.text).joined()) }
}

extension HTML {
  /// The policy of a page that has a style and nothing else.
  package static let withoutScripts =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

  /// A page from its beginning to the end of its head.
  ///
  /// - Parameters:
  ///   - title: in plain text.
  ///   - style: CSS, all of it: the page asks for nothing else.
  ///   - policy: what the page may do (Content-Security-Policy).
  package static func head(title: String, style: String, policy: String) -> HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="\(policy)">
    <title>\(title)</title>
    <style>
    \(HTML(markup: style))
    </style>
    </head>
    """
  }
}
