import Dataplane

/// Headroom as SONiC computes it (buffer_headroom_mellanox.lua), in floating point as there.
enum HeadroomTheory {
  /// Bytes for a lossless group of a port, rounded up to 1 KiB.
  static func bytes(for port: PortConfiguration, _ buffer: BufferConfiguration) -> Int {
    let parameters = buffer.headroomParameters
    let mtu = Double(port.mtu)
    let losslessMTU = parameters.losslessMTU.map { Double($0) } ?? mtu
    let cell = Double(buffer.cell.bytes)
    let worst = cell > 128 ? (cell / 64).rounded(.up) : 2 * cell / (1 + cell)
    let smallPackets = Double(parameters.smallPacketPercent)
    let smallBytes = 100 * 64 / ((smallPackets * 64 + (100 - smallPackets) * losslessMTU) / 100)
    let occupancy = (100 - smallBytes + smallBytes * worst) / 100
    let cable = 2 * Double(port.cable.millimetres) / 1000 / 198_000_000 * Double(port.speed.bitsPerSecond) / 8
    let quanta = parameters.responseQuanta.map { Double($0) } ?? Double(WireTheory.responseQuanta(at: port.speed))
    let way =
      mtu + cable.rounded(.up) + 2 * Double(parameters.gearbox.bytes) + Double(parameters.macPhy.bytes) + quanta * 64
    return Int(((losslessMTU + (way * occupancy).rounded(.up)) / 1024).rounded(.up)) * 1024
  }
}
