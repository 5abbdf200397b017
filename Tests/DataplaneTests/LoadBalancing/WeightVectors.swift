/// Every vector of one to four weights between 0 and 5: 6 + 36 + 216 + 1296.
let smallWeightVectors: [[UInt32]] = {
  var vectors: [[UInt32]] = []
  var longest: [[UInt32]] = [[]]
  for _ in 1...4 {
    longest = longest.flatMap { vector in (0...5).map { vector + [$0] } }
    vectors += longest
  }
  return vectors
}()

/// Divides entries one at a time: the next one always goes to the member furthest below its quota.
///
/// Slow and plain, it is the reference for the division by quotient and remainder. Everyone starts with its floor.
func divideOneByOne(_ total: Int, by weights: [UInt32], floors: [Int]) -> [Int] {
  let sum = weights.reduce(0) { $0 + Int($1) }
  guard sum > 0 else { return floors }
  var counts = floors
  // How far each member is below its quota, times the sum of the weights.
  var needs = weights.indices.map { Int(weights[$0]) * total - counts[$0] * sum }
  var remaining = total - counts.reduce(0, +)
  while remaining > 0 {
    var neediest = -1
    var member = 0
    while member < weights.count {
      if weights[member] > 0, neediest < 0 || needs[member] > needs[neediest] { neediest = member }
      member += 1
    }
    counts[neediest] += 1
    needs[neediest] -= sum
    remaining -= 1
  }
  return counts
}
