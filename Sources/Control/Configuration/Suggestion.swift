/// Finds what a misspelt word was probably meant to be.
enum Suggestion {
  /// The candidate nearest to a word by edit distance, or nil if none is near enough to be a misspelling.
  ///
  /// Insertions, deletions, substitutions and transpositions of neighbours cost one each; letter case costs nothing.
  /// A third of the longer word may differ, and never all of a word.
  static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().unicodeScalars.prefix(64))
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().unicodeScalars)
      let allowed = max(1, max(wanted.count, letters.count) / 3)
      guard abs(wanted.count - letters.count) <= allowed else { continue }
      let distance = distance(wanted, letters)
      guard distance <= allowed, distance < max(wanted.count, letters.count) else { continue }
      if best == nil || distance < best!.distance { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// `did you mean X?` for a near candidate, or all candidates as `write A, B or C`.
  static func remedy(for word: String, among candidates: [String]) -> String {
    if let near = nearest(to: word, among: candidates) { return "did you mean `\(near)`?" }
    return candidates.isEmpty ? "" : "write \(alternatives(candidates))"
  }

  /// `A`, `A or B`, `A, B or C`, each in backquotes; a long list is cut.
  static func alternatives(_ words: [String], limit: Int = 16) -> String {
    let quoted = words.prefix(limit).map { "`\($0)`" }
    if words.count > limit { return quoted.joined(separator: ", ") + " or another of \(words.count)" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }

  /// Optimal string alignment distance.
  private static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    guard !first.isEmpty, !second.isEmpty else { return max(first.count, second.count) }
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    for row in 1...first.count {
      var current = [row]
      for column in 1...second.count {
        let substitution = last[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
        var cost = min(substitution, last[column] + 1, current[column - 1] + 1)
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          cost = min(cost, beforeLast[column - 2] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[second.count]
  }
}
