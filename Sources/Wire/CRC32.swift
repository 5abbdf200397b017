/// The CRC of Ethernet, zlib and InfiniBand's invariant CRC: polynomial 0x04C11DB7, reflected, preset and complemented
/// with ones (IEEE 802.3 clause 3.2.9).
public enum CRC32 {
  /// Eight tables of 256 words: table k advances a byte by k further bytes. Built once, never written again, never
  /// freed; a pointer because an inline array would be copied, all 8 KiB of it, by every call.
  nonisolated(unsafe) private static let table: UnsafePointer<UInt32> = {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 2048)
    for index in 0..<256 {
      var word = UInt32(index)
      for _ in 0..<8 { word = word >> 1 ^ (word & 1 == 0 ? 0 : 0xEDB8_8320) }
      (table + index).initialize(to: word)
    }
    for index in 256..<2048 {
      let previous = table[index - 256]
      (table + index).initialize(to: previous >> 8 ^ table[Int(previous & 0xFF)])
    }
    return UnsafePointer(table)
  }()

  /// The state before any octet.
  @inlinable public static var initial: UInt32 { 0xFFFF_FFFF }

  /// The state after more octets; complement the last state to get the CRC.
  public static func update(_ state: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return state }
    let table = table
    var state = state
    var offset = 0
    while offset &+ 8 <= bytes.count {
      let low = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) ^ state
      let high = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset &+ 4, as: UInt32.self))
      state =
        table[1792 &+ Int(low & 0xFF)] ^ table[1536 &+ Int(low >> 8 & 0xFF)]
        ^ table[1280 &+ Int(low >> 16 & 0xFF)] ^ table[1024 &+ Int(low >> 24)]
      state ^=
        table[768 &+ Int(high & 0xFF)] ^ table[512 &+ Int(high >> 8 & 0xFF)]
        ^ table[256 &+ Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
      offset &+= 8
    }
    while offset < bytes.count {
      let octet = base.load(fromByteOffset: offset, as: UInt8.self)
      state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ octet)]
      offset &+= 1
    }
    return state
  }

  /// The CRC of a whole message.
  public static func compute(_ bytes: UnsafeRawBufferPointer) -> UInt32 { ~update(initial, bytes) }
}
