/// How much can still arrive after a priority group has asked its neighbour to stop.
public enum Headroom {
  /// Metres that light goes in a second through a fibre, as SONiC has it.
  static let metresPerSecond: UInt64 = 198_000_000

  /// Bytes of headroom that a lossless priority group of a port needs, rounded up to 1 KiB: a frame that had just begun
  /// in front of the XOFF, the way there and back, the neighbour's response, and a frame that it had just begun, each
  /// multiplied by how badly small packets fill cells (SONiC, buffer_headroom_mellanox.lua).
  public static func bytes(for port: PortConfiguration, _ buffer: BufferConfiguration) -> ByteCount {
    let parameters = buffer.headroomParameters
    let losslessMTU = parameters.losslessMTU ?? UInt64(port.mtu)
    let cell = buffer.cell.bytes
    // How many times its own size a packet of 64 bytes occupies at worst, in 1/(1 + cell).
    let (worst, unit) = cell > 128 ? ((cell + 63) / 64, 1) : (2 * cell, 1 + cell)
    let percent = min(100, parameters.smallPacketPercent)
    // What small packets have of all bytes, in thousandths of a percent; as the script has it, not less than one would.
    let mean = max(64, percent * 64 + (100 - percent) * losslessMTU)
    let small = min(100_000, 640_000_000 / mean)
    let quanta = parameters.responseQuanta ?? PauseTime.responseQuanta(at: port.speed)
    let delay = cableBytes(port.cable, at: port.speed)
    let way =
      UInt64(port.mtu) + delay + 2 * parameters.gearbox.bytes + parameters.macPhy.bytes
      + quanta * PauseTime.bitsPerQuantum / 8
    // occupancy = (100 - small + small x worst) / 100
    let occupied = way * ((100_000 - small) * unit + small * worst)
    let bytes = losslessMTU + (occupied + 100_000 * unit - 1) / (100_000 * unit)
    return ByteCount((bytes + 1023) / 1024 * 1024)
  }

  /// Bytes that pass while light goes through a cable and back.
  static func cableBytes(_ cable: CableLength, at rate: BitRate) -> UInt64 {
    let product = (2 * cable.millimetres).multipliedFullWidth(by: rate.bitsPerSecond)
    let divisor = metresPerSecond * 1000 * 8
    guard product.high < divisor else { return .max / 1_000_000_000 }
    return divisor.dividingFullWidth(product).quotient + 1
  }
}

extension CableLength {
  /// One-way delay at two thirds of the speed of light, 198 000 km/s, rounded up to a picosecond.
  public var delay: Picoseconds {
    let product = millimetres.multipliedFullWidth(by: 1_000_000_000_000)
    let metres = Headroom.metresPerSecond * 1000
    guard product.high < metres else { return Picoseconds(.max) }
    let (quotient, remainder) = metres.dividingFullWidth(product)
    return Picoseconds(quotient + (remainder > 0 ? 1 : 0))
  }
}
