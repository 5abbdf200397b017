/// How many bytes a turn of deficit weighted round robin gives each queue.
public enum DWRRQuanta {
  /// The quanta of a port's queues, 0 for strict ones.
  ///
  /// Weights are divided by their greatest common divisor and multiplied by the largest frame, so that every quantum
  /// covers any frame (which makes a turn O(1)) and no burst is longer than it must be.
  ///
  /// - Parameters:
  ///   - queues: a port's queues, by number.
  ///   - largestFrame: bytes on the wire of the largest frame that can be queued.
  public static func quanta(for queues: [QueueConfiguration], largestFrame: Int) -> [Int] {
    let weights = queues.map { queue -> Int in
      if case .dwrr(let weight) = queue.schedule { weight } else { 0 }
    }
    let divisor = weights.reduce(0) { a, b in
      var (a, b) = (a, b)
      while b != 0 { (a, b) = (b, a % b) }
      return a
    }
    return weights.map { divisor == 0 ? 0 : $0 / divisor * largestFrame }
  }
}
