/// Which part of a switch a ``Switch`` is.
///
/// A switch that one worker cannot move is divided into slices, as the buffer of a large ASIC is: every slice takes in
/// packets on its own ports, and queues and sends what leaves by them, whoever received it. Slices share nothing. What one
/// has for another, packets and ``SliceMessage``, the driver carries.
public struct Slice: Equatable, Sendable {
  /// Its number, from 0.
  public let number: Int
  /// How many there are.
  public let count: Int
  private let owners: [Int]

  /// How many slices a switch can have at most.
  public static let most = 64

  /// All of a switch.
  public static let whole = Slice(number: 0, count: 1, owners: [])

  private init(number: Int, count: Int, owners: [Int]) {
    self.number = number
    self.count = count
    self.owners = owners
  }

  /// A slice of a switch with ``SwitchConfiguration/owners``.
  public init(_ number: Int, of configuration: SwitchConfiguration) {
    self.init(number: number, count: configuration.sliceCount, owners: configuration.owners)
  }

  /// The slice that a port belongs to.
  func owner(of port: Int) -> Int { owners.indices.contains(port) ? owners[port] : 0 }

  /// What this slice has of something that is divided. The first slices have one more each until nothing is left.
  func share(of whole: UInt64) -> UInt64 {
    let (each, rest) = whole.quotientAndRemainder(dividingBy: UInt64(count))
    return each + (UInt64(number) < rest ? 1 : 0)
  }
}

extension SwitchConfiguration {
  /// How many slices a live run has.
  public var sliceCount: Int { max(leastSlices, (owners.max() ?? 0) + 1) }

  /// All of them.
  public var slices: [Slice] { (0..<sliceCount).map { Slice($0, of: self) } }
}
