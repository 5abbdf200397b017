import Foundation

/// A frame with the field values that tshark reads in it, and the invariant CRC that zlib computes, if it ends with it.
struct Frame: Decodable, CustomStringConvertible, Sendable {
  let name: String
  let hex: String
  let fields: [String: [String]]
  let icrc: UInt32?

  var bytes: [UInt8] { octets(hex) }
  var description: String { name }
}

/// A packet from its network header up to the invariant CRC, with zlib's answer.
struct CRCVector: Decodable, CustomStringConvertible, Sendable {
  let name: String
  let hex: String
  let icrc: UInt32

  var description: String { name }
}

/// An opcode as tshark knows it: its name, and how far behind the base transport header each extended header lies.
struct OpcodeVector: Decodable, Sendable {
  let opcode: UInt8
  let name: String
  let headers: [String: Int]?
}

/// A frame of `vectors.json`, where pairs end in `-in` and `-out`.
struct Vector: Decodable, Sendable {
  let id: String
  let hex: String
}

enum Vectors {
  static func load<Row: Decodable>(_ file: String, as type: Row.Type = Row.self) throws -> [Row] {
    guard let url = Bundle.module.url(forResource: "Vectors/" + file, withExtension: "json") else {
      throw CocoaError(.fileNoSuchFile)
    }
    return try JSONDecoder().decode([Row].self, from: Data(contentsOf: url))
  }

  /// All frames that tshark has read: made ones, those of `vectors.json`, and real RoCE.
  static func frames() throws -> [Frame] { try load("frames") + load("soft-roce-frames") }

  /// The octets of one frame of `vectors.json`.
  static func octets(_ id: String) throws -> [UInt8] {
    let vectors: [Vector] = try load("vectors")
    guard let vector = vectors.first(where: { $0.id == id }) else { throw CocoaError(.fileNoSuchFile) }
    return WireTests.octets(vector.hex)
  }
}

/// Bytes of a hexadecimal text; spaces are ignored.
func octets(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap(\.hexDigitValue)
  precondition(digits.count % 2 == 0)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
