/// The switch buffer of the HPCC simulator as its description has it, in signed integers that cannot wrap.
struct ReferenceMMU {
  /// Bytes of all.
  let buffer: Int
  let reserve: Int
  let resumeOffset: Int
  /// By ingress port.
  let headroom: [Int]
  let shift: [Int]
  var sharedUsed = 0
  /// By ingress port x 8 + priority group.
  var ingress: [Int]
  var headroomUsed: [Int]
  var isPaused: [Bool]

  init(buffer: Int, reserve: Int, resumeOffset: Int, headroom: [Int], shift: [Int]) {
    self.buffer = buffer
    self.reserve = reserve
    self.resumeOffset = resumeOffset
    self.headroom = headroom
    self.shift = shift
    ingress = Array(repeating: 0, count: headroom.count * 8)
    headroomUsed = ingress
    isPaused = ingress.map { _ in false }
  }

  /// thr(i) = (B - total_hdrm - total_rsrv - shared_used) >> shift[i]
  func threshold(_ port: Int) -> Int {
    (buffer - headroom.reduce(0, +) - reserve * headroom.count - sharedUsed) >> shift[port]
  }

  /// sh(i, q) = max(0, ing[i][q] - R)
  func shared(_ index: Int) -> Int { max(0, ingress[index] - reserve) }

  /// False: the packet is dropped.
  mutating func enqueue(_ size: Int, _ index: Int) -> Bool {
    let port = index / 8
    let threshold = threshold(port)
    if size + headroomUsed[index] > headroom[port] && size + shared(index) > threshold { return false }
    let new = ingress[index] + size
    if new <= reserve {
      ingress[index] += size
    } else if new - reserve > threshold {
      headroomUsed[index] += size
    } else {
      ingress[index] += size
      sharedUsed += min(size, new - reserve)
    }
    return true
  }

  /// True: XOFF is sent.
  mutating func pauses(_ index: Int) -> Bool {
    guard !isPaused[index], headroomUsed[index] > 0 || shared(index) >= threshold(index / 8) else { return false }
    isPaused[index] = true
    return true
  }

  mutating func dequeue(_ size: Int, _ index: Int) {
    let fromHeadroom = min(headroomUsed[index], size)
    let fromShared = min(size - fromHeadroom, max(0, ingress[index] - reserve))
    headroomUsed[index] -= fromHeadroom
    ingress[index] -= size - fromHeadroom
    sharedUsed -= fromShared
  }

  /// True: XON is sent.
  mutating func resumes(_ index: Int) -> Bool {
    guard isPaused[index], headroomUsed[index] == 0,
      shared(index) == 0 || shared(index) + resumeOffset <= threshold(index / 8)
    else { return false }
    isPaused[index] = false
    return true
  }
}
