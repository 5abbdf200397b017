import CShims

/// The shared buffer (MMU): every packet in a queue is charged to accounts of its ingress priority group and of its
/// egress queue, and refunded to exactly those.
///
/// Cells are taken in this order: the group's reserve, the port's reserve, the shared pool up to the group's limit, and
/// for a lossless group the headroom. What is beyond the reserves is taken from one place only, as a whole.
struct Buffer: ~Copyable {
  /// At port x 8 + group. Behind the last port are the accounts of packets that the switch makes.
  let groups: FlatTable<GroupAccount>
  let portReserves: FlatTable<PortReserve>
  /// At port x 8 + queue.
  let queues: FlatTable<QueueAccount>
  /// The shared pools, the headroom pool, the egress pool.
  let pools: FlatTable<PoolAccount>
  let model: BufferModel
  let simulator: HPCCBuffer
  /// Bytes of a cell.
  let cellBytes: UInt64
  private let reciprocal: UInt64

  /// Position of the headroom pool that groups share; of size 0 if they do not.
  static let headroomPool = 2
  static let egressPool = 3

  init(_ configuration: SwitchConfiguration) {
    let layout = BufferLayout(configuration)
    cellBytes = layout.cell
    // Exact for frames below 2^17 bytes and cells up to 2^16: the error is below 2^17 x cell / 2^40 < 1 / cell.
    reciprocal = ((1 << 40) + layout.cell - 1) / layout.cell
    groups = FlatTable(layout.groups.joined().map { GroupAccount($0, cell: layout.cell) })
    portReserves = FlatTable(
      layout.groups.indices.map {
        PortReserve(size: $0 < configuration.ports.count ? UInt32(clamping: layout.portReserveCells) : 0)
      })
    queues = FlatTable(
      configuration.ports.flatMap { port in
        port.queues.map {
          QueueAccount(
            reserve: UInt32(clamping: layout.egressReserveCells), isLossless: $0.isLossless,
            limit: Limit(configuration.buffer.egress.threshold, cell: layout.cell))
        }
      })
    let shared = layout.poolCells
    pools = FlatTable(
      [shared[0], shared.count > 1 ? shared[1] : 0, layout.sharedHeadroomCells, layout.egressPoolCells]
        .map { PoolAccount(size: $0) })
    model = configuration.buffer.model
    simulator = HPCCBuffer(configuration)
  }

  /// Cells that a frame of `bytes` occupies; at least one.
  @inline(__always)
  func cells(_ bytes: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(max(1, bytes)) &+ cellBytes &- 1) &* reciprocal &>> 40)
  }

  /// The accounts that a packet belongs to.
  @inline(__always)
  func groupIndex(of packet: Packet) -> Int {
    let state = packet.state
    let port =
      state.pointee.ingress_port == PortID.none.rawValue
      ? portReserves.count &- 1 : Int(state.pointee.ingress_port)
    return port &* 8 &+ Int(state.pointee.priority_group)
  }
}

/// Whether the buffer takes a packet.
enum Admission {
  case admitted
  /// A lossless group has used up its headroom. This must not happen.
  case headroomFull
  /// A lossy group is at its limit, or its pool is full.
  case ingressFull
  /// A lossy queue is at its limit, or the egress pool is full.
  case egressFull
}
