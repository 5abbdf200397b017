import Wire

/// Between which amounts the headroom of a lossless priority group decides about loss, from what this switch does and
/// what its neighbour may do. Both are sums over the frames that can still arrive; ``Headroom`` is the usual estimate.
public struct HeadroomBounds: Equatable, Sendable {
  /// Bytes without which packets are lost as soon as the neighbour sends its largest lossless frames at line rate, even
  /// if the XOFF finds the wire free and the neighbour stops at once: C/8 x (2d + t_pfc) + L.
  public var least: UInt64
  /// Bytes of cells that suffice whatever lossless frames come: the frame that caused the XOFF, a largest frame in front
  /// of it, the way there and back, the neighbour's response and a frame that the neighbour had begun, all of it in
  /// frames of the size that fills cells worst.
  public var worst: UInt64

  /// Bytes that a pause frame has on the wire.
  private static let pauseFrame = UInt64(MACControl.frameLength + EthernetOverhead.total)

  /// Bytes by which a frame can grow in the switch: a VLAN tag.
  private static let growth = UInt64(VLANTag.length)

  /// Computes both for one port of a switch.
  public init(for port: PortConfiguration, _ configuration: SwitchConfiguration) {
    let buffer = configuration.buffer
    let overhead = UInt64(EthernetOverhead.total)
    let parts = HeadroomParts(for: port, buffer)
    // The simulator's model counts bytes.
    let cell = buffer.model == .hpcc ? 1 : max(1, buffer.cell.bytes)
    least = parts.cable + Self.pauseFrame + parts.losslessMTU + UInt64(EthernetHeader.length)
    // Tagged twice: the largest that a port takes. It may leave with another tag, and is charged as it leaves.
    let tags = UInt64(EthernetHeader.length + 2 * VLANTag.length)
    let frame = parts.portMTU + tags + Self.growth
    let before = UInt64(configuration.ports.map(\.mtu).max() ?? port.mtu) + tags + overhead
    let wire = before + Self.pauseFrame + parts.cable + parts.delays + parts.response
    let ratio = Self.worstRatio(cell: cell, largest: frame)
    let cells = (frame + cell - 1) / cell * cell
    worst = 2 * cells + (wire * ratio.cells + ratio.wire - 1) / ratio.wire
  }

  /// Bytes of cells, and bytes on the wire before, of the frame that has most cells for the time it takes to come.
  private static func worstRatio(cell: UInt64, largest: UInt64) -> (cells: UInt64, wire: UInt64) {
    var worst: (cells: UInt64, wire: UInt64) = (0, 1)
    let smallest = UInt64(EthernetOverhead.minimumFrame)
    func consider(_ length: UInt64) {
      let came = max(smallest, length - growth)
      let frame = (cells: (length + cell - 1) / cell * cell, wire: came + UInt64(EthernetOverhead.total))
      if frame.cells * worst.wire > worst.cells * frame.wire { worst = frame }
    }
    consider(smallest + growth)
    consider(largest)
    // Beyond that, a frame is worst that has just begun another cell; if cells are tiny, the largest of them.
    let first = (smallest + growth + cell - 1) / cell
    for count in [first, largest / cell] where count >= first && count * cell < largest { consider(count * cell + 1) }
    return worst
  }
}
