import Wire

/// Why a switch could not be built from a configuration.
public enum SwitchError: Error, Equatable, CustomStringConvertible {
  /// Memory for something ran out.
  case outOfMemory(String)
  /// The FIB does not take a prefix.
  case routeRefused(IPPrefix)
  /// The access rules could not be compiled.
  case accessRulesRefused(Int)
  /// More ports than a switch can have.
  case tooManyPorts(Int)
  /// More members in a next-hop group than it can have buckets.
  case tooManyNextHops(IPPrefix)
  /// Reserves, headroom and pools do not fit into the buffer.
  case bufferTooSmall(needed: ByteCount, size: ByteCount)
  /// The same of a slice of the buffer.
  case sliceTooSmall(needed: ByteCount, size: ByteCount, slices: Int)
  /// The simulator's buffer is one.
  case notSliced
  /// A running switch cannot go over to a configuration.
  case notReloadable

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .outOfMemory(let what): "no memory for \(what); configure fewer or give the process more memory"
    case .routeRefused(let prefix):
      "the route table has no room for \(prefix); configure fewer routes with prefixes longer than /24"
    case .accessRulesRefused(let count): "\(count) access rules do not fit into memory; merge some of them"
    case .tooManyPorts(let count): "\(count) ports; a switch has at most 512"
    case .bufferTooSmall(let needed, let size):
      "reserves, headroom and pools take \(needed.bytes) bytes of a buffer of \(size.bytes); "
        + "make the buffer larger, headroom smaller, or share headroom"
    case .sliceTooSmall(let needed, let size, let slices):
      "reserves, headroom and pools of a worker take \(needed.bytes) bytes, and its 1/\(slices) of the buffer has "
        + "\(size.bytes): every worker sets reserves and headroom aside for every port; make the buffer larger, headroom "
        + "smaller, share headroom, or use fewer workers"
    case .notSliced: "the buffer of model hpcc cannot be divided; use one worker, or the model asic"
    case .notReloadable: "ports, queues, buffer or flow control differ, which takes a new start; stop and run it again"
    case .tooManyNextHops(let prefix): "the route to \(prefix) has more next hops than its 4096 buckets"
    }
  }
}
