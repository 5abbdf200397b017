import CShims

/// The accounts of a buffer as the packet path sees them: pointers into the tables of ``Buffer``, which owns them.
///
/// A trivial value of a few words, because a call on the buffer itself would copy all of it (Swift 6.3.1).
struct BufferAccounts {
  /// At port x 8 + group. Behind the last port are the accounts of packets that the switch makes.
  let groups: UnsafeMutablePointer<GroupAccount>
  let portReserves: UnsafeMutablePointer<PortReserve>
  /// At port x 8 + queue.
  let queues: UnsafeMutablePointer<QueueAccount>
  let pools: UnsafeMutablePointer<PoolAccount>
  /// The port in whose name the switch's own packets are charged.
  let ownPort: Int
  /// Bytes of a cell.
  let cellBytes: UInt64
  private let reciprocal: UInt64

  init(
    groups: UnsafeMutablePointer<GroupAccount>, portReserves: UnsafeMutablePointer<PortReserve>,
    queues: UnsafeMutablePointer<QueueAccount>, pools: UnsafeMutablePointer<PoolAccount>, ownPort: Int,
    cellBytes: UInt64
  ) {
    self.groups = groups
    self.portReserves = portReserves
    self.queues = queues
    self.pools = pools
    self.ownPort = ownPort
    self.cellBytes = cellBytes
    // Exact for frames below 2^17 bytes and cells up to 2^16: the error is below 2^17 x cell / 2^40 < 1 / cell.
    reciprocal = ((1 << 40) + cellBytes - 1) / cellBytes
  }

  /// Cells that a frame of `bytes` occupies; at least one.
  @inline(__always)
  func cells(_ bytes: UInt32) -> UInt32 {
    // In Swift a shift binds tighter than a product.
    UInt32(truncatingIfNeeded: ((UInt64(max(1, bytes)) &+ cellBytes &- 1) &* reciprocal) &>> 40)
  }

  /// The accounts that a packet belongs to.
  @inline(__always)
  func groupIndex(of packet: Packet) -> Int {
    let state = packet.state
    let ingress = state.pointee.ingress_port
    let port = ingress == PortID.none.rawValue ? ownPort : Int(ingress)
    return port &* 8 &+ Int(state.pointee.priority_group)
  }

  /// Whether the simulator's model does not account for a packet: its queue 0 is for control, and it has no packets that
  /// a switch makes.
  @inline(__always)
  func isExempt(_ packet: Packet, queue: Int) -> Bool {
    queue & 7 == 0 || packet.state.pointee.ingress_port == PortID.none.rawValue
  }
}
