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
  /// The same tables as the packet path sees them.
  let accounts: BufferAccounts

  /// Position of the headroom pool that groups share; of size 0 if they do not.
  static let headroomPool = 2
  static let egressPool = 3

  /// Bytes of a cell.
  var cellBytes: UInt64 { accounts.cellBytes }

  init(_ configuration: SwitchConfiguration, _ slice: Slice = .whole) {
    let layout = BufferLayout(configuration, slice)
    // The switch's own packets are charged behind the last port, which has nothing set aside.
    let asides = configuration.ports.map { $0.isVacant ? 0 : layout.portReserveCells } + [0]
    let groups = FlatTable(
      zip(layout.groups, asides).flatMap { groups, aside in
        groups.map { GroupAccount($0, portReserveCells: aside, cell: layout.cell) }
      })
    let portReserves = FlatTable(asides.map { PortReserve(size: UInt32(clamping: $0)) })
    let queues = FlatTable(
      configuration.ports.flatMap { port in
        port.queues.map {
          QueueAccount(
            reserve: UInt32(clamping: layout.egressReserveCells), isLossless: $0.isLossless,
            limit: Limit(configuration.buffer.egress.threshold, cell: layout.cell))
        }
      })
    let shared = layout.poolCells
    let pools = FlatTable(
      [shared[0], shared.count > 1 ? shared[1] : 0, layout.sharedHeadroomCells, layout.egressPoolCells]
        .map { PoolAccount(size: $0) })
    accounts = BufferAccounts(
      groups: groups.base, portReserves: portReserves.base, queues: queues.base, pools: pools.base,
      ownPort: configuration.ports.count, cellBytes: layout.cell)
    self.groups = groups
    self.portReserves = portReserves
    self.queues = queues
    self.pools = pools
    model = configuration.buffer.model
    simulator = HPCCBuffer(configuration)
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
