/// How much can still arrive after a priority group has asked its neighbour to stop.
public enum Headroom {
  /// Metres that light goes in a second through a fibre, as SONiC has it.
  static let metresPerSecond: UInt64 = 198_000_000

  /// Bytes of headroom that a lossless priority group of a port needs, rounded up to 1 KiB: the total of its
  /// ``HeadroomParts``.
  public static func bytes(for port: PortConfiguration, _ buffer: BufferConfiguration) -> ByteCount {
    HeadroomParts(for: port, buffer).total
  }

  /// Bytes that pass at a rate while light goes through a cable and back, rounded up.
  static func cableBytes(_ cable: CableLength, at rate: BitRate) -> UInt64 {
    let product = (2 * cable.millimetres).multipliedFullWidth(by: rate.bitsPerSecond)
    let divisor = metresPerSecond * 1000 * 8
    guard product.high < divisor else { return .max / 1_000_000_000 }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    return quotient + (remainder > 0 ? 1 : 0)
  }
}

/// What computed headroom consists of (SONiC, buffer_headroom_mellanox.lua): a lossless frame that the neighbour had
/// just begun, and, multiplied by how badly small packets fill cells, a frame that had just begun in front of the XOFF,
/// the way there and back, and the time the neighbour may take.
public struct HeadroomParts: Equatable, Sendable {
  /// Largest lossless packet.
  public var losslessMTU: UInt64
  /// Largest packet of the port.
  public var portMTU: UInt64
  /// What passes while light goes through the cable and back.
  public var cable: UInt64
  /// Twice the delay of a gearbox, and that of MAC and PHY.
  public var delays: UInt64
  /// What passes until the neighbour stops.
  public var response: UInt64
  /// Bytes of cells for a byte that arrives, as a fraction.
  public var occupancy: (numerator: UInt64, denominator: UInt64) { (occupancyNumerator, occupancyDenominator) }

  private var occupancyNumerator: UInt64
  private var occupancyDenominator: UInt64

  /// Computes the parts for one lossless priority group of a port.
  public init(for port: PortConfiguration, _ buffer: BufferConfiguration) {
    let parameters = buffer.headroomParameters
    losslessMTU = parameters.losslessMTU ?? UInt64(port.mtu)
    portMTU = UInt64(port.mtu)
    cable = Headroom.cableBytes(port.cable, at: port.speed)
    delays = 2 * parameters.gearbox.bytes + parameters.macPhy.bytes
    let quanta = parameters.responseQuanta ?? PauseTime.responseQuanta(at: port.speed)
    response = quanta * PauseTime.bitsPerQuantum / 8
    // How many times its own size a packet of 64 bytes occupies at worst.
    let cell = buffer.cell.bytes
    let (worst, unit) = cell > 128 ? ((cell + 63) / 64, 1) : (2 * cell, 1 + cell)
    let percent = min(100, parameters.smallPacketPercent)
    // What small packets have of all bytes, in thousandths of a percent; as the script has it, not less than one would.
    let mean = max(64, percent * 64 + (100 - percent) * losslessMTU)
    let small = min(100_000, 640_000_000 / mean)
    // (100 - small + small x worst) / 100
    occupancyNumerator = (100_000 - small) * unit + small * worst
    occupancyDenominator = 100_000 * unit
  }

  /// All of it, rounded up to 1 KiB.
  public var total: ByteCount {
    let occupied = (portMTU + cable + delays + response) * occupancyNumerator
    let bytes = losslessMTU + (occupied + occupancyDenominator - 1) / occupancyDenominator
    return ByteCount((bytes + 1023) / 1024 * 1024)
  }
}

extension CableLength {
  /// The shortest cable that takes at least a time.
  public init(delay: Picoseconds) {
    let product = delay.count.multipliedFullWidth(by: Headroom.metresPerSecond * 1000)
    let second: UInt64 = 1_000_000_000_000
    guard product.high < second else {
      self.init(millimetres: .max)
      return
    }
    let (quotient, remainder) = second.dividingFullWidth(product)
    self.init(millimetres: quotient + (remainder > 0 ? 1 : 0))
  }

  /// One-way delay at two thirds of the speed of light, 198 000 km/s, rounded up to a picosecond.
  public var delay: Picoseconds {
    let product = millimetres.multipliedFullWidth(by: 1_000_000_000_000)
    let metres = Headroom.metresPerSecond * 1000
    guard product.high < metres else { return Picoseconds(.max) }
    let (quotient, remainder) = metres.dividingFullWidth(product)
    return Picoseconds(quotient + (remainder > 0 ? 1 : 0))
  }

  /// The cable, rounded up to a millimetre, that light takes so long for one way.
  public init(lasting delay: Picoseconds) {
    let product = delay.count.multipliedFullWidth(by: Headroom.metresPerSecond)
    let (quotient, remainder) = UInt64(1_000_000_000).dividingFullWidth(product)
    self.init(millimetres: quotient + (remainder > 0 ? 1 : 0))
  }
}
