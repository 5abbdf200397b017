/// Takes the string of a device apart.
struct DeviceAddressParser {
  private let text: String
  private let kind: DeviceAddress.Kind
  private let main: String
  private var values: [String: String] = [:]

  /// The longest name of an interface, and of a socket's path, that the kernel takes.
  private static let (longestInterface, longestSocket) = (15, 107)

  init(_ text: String) throws(DeviceAddressError) {
    self.text = text
    func failure(_ problem: String, _ remedy: String) -> DeviceAddressError {
      DeviceAddressError(address: text, problem: problem, remedy: remedy)
    }
    if text.isEmpty { throw failure("it is empty", "write \(Self.allKinds)") }
    if let bad = text.unicodeScalars.first(where: { $0.value <= 32 || $0.value == 127 }) {
      throw failure(
        bad.value == 32 ? "it contains a blank" : "it contains a control character", "leave it out, or rename the file")
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var options = parts.dropFirst()
    if let address = Self.pciAddress(parts[0]) {
      (kind, main) = (.pci, address)
    } else {
      guard let colon = parts[0].firstIndex(of: ":") else {
        throw failure("there is no colon after the kind", "write \(Self.allKinds)")
      }
      let name = String(parts[0][..<colon])
      guard let kind = DeviceAddress.Kind(rawValue: name), kind != .pci else {
        let isAddress = name.count <= 4 && !name.isEmpty && name.allSatisfy(\.isHexDigit)
        throw isAddress
          ? failure("it is not a whole PCI address", "write it as lspci -D does: `0000:01:00.0`")
          : failure("there is no kind of device named `\(name)`", "write \(Self.allKinds)")
      }
      self.kind = kind
      let rest = String(parts[0][parts[0].index(after: colon)...])
      if kind == .pcap {
        main = ""
        if !rest.isEmpty { options = [rest] + options }
      } else {
        main = rest
      }
    }
    for option in options {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard kind.keys.contains(pair[0]) else {
        let keys = kind.keys.map { "`\($0)`" }.joined(separator: ", ")
        throw failure(
          "\(kind.rawValue) has no option `\(pair[0])`",
          keys.isEmpty ? "it has none: write `\(kind.syntax)`" : "it has \(keys): write `\(kind.syntax)`")
      }
      guard pair.count == 2 || pair[0] == "endless" else {
        throw failure("`\(pair[0])` has no value", "write `\(kind.syntax)`")
      }
      if pair.count == 2, pair[0] == "endless" {
        throw failure("`endless` takes no value", "write `endless` alone, or leave it out")
      }
      guard values.updateValue(pair.count == 2 ? pair[1] : "", forKey: pair[0]) == nil else {
        throw failure("`\(pair[0])` is there twice", "write it once")
      }
      if pair.count == 2, pair[1].isEmpty { throw failure("nothing follows `\(pair[0])=`", "write `\(kind.syntax)`") }
    }
  }

  /// What the string names.
  mutating func target() throws(DeviceAddressError) -> DeviceAddress.Target {
    switch kind {
    case .pci: return .pci(main)
    case .tap: return .tap(interface: try interface())
    case .afPacket: return .afPacket(interface: try interface())
    case .afXDP: return .afXDP(interface: try interface(), queue: try number("queue", 0...1023) ?? 0)
    case .memif:
      return .memif(
        socket: try socket(), role: try role() ?? .server, id: UInt32(try number("id", 0...Int(UInt32.max)) ?? 0))
    case .vhost: return .vhost(socket: try socket(), role: try role() ?? .server)
    case .virtioUser: return .virtioUser(socket: try socket())
    case .ring: return .ring(name: try ringName())
    case .pcap:
      let (input, output) = (values.removeValue(forKey: "in"), values.removeValue(forKey: "out"))
      let isEndless = values.removeValue(forKey: "endless") != nil
      if input == nil, output == nil { throw failure("it names no capture", "write `\(kind.syntax)`") }
      if isEndless, input == nil { throw failure("nothing is to be repeated", "add `in=FILE`, or remove `endless`") }
      if input == output { throw failure("it reads and writes one file", "name two files") }
      return .pcap(input: input, output: output, isEndless: isEndless)
    case .null:
      if main.isEmpty { return .null(frame: nil) }
      guard let size = Self.integer(main, 14...9600) else {
        throw failure("`\(main)` is not the size of a frame", "write a number of bytes from 14 to 9600, or nothing")
      }
      return .null(frame: size)
    }
  }

  /// The size of the ring, a power of two.
  mutating func ring(of target: DeviceAddress.Target) throws(DeviceAddressError) -> Int? {
    guard let size = try number("ring", 32...16384) else { return nil }
    guard size & (size - 1) == 0 else {
      throw failure("a ring of \(size) is not a power of two", "write 64, 128, 256, 512 or 1024")
    }
    return size
  }

  /// Complains about what nobody took.
  func finish() throws(DeviceAddressError) {
    if let key = values.keys.min() { throw failure("`\(key)` has no meaning here", "write `\(kind.syntax)`") }
  }

  // MARK: -

  private static let allKinds =
    "a PCI address, or " + DeviceAddress.Kind.allCases.dropFirst().map { "`\($0.rawValue):`" }.joined(separator: ", ")

  private func failure(_ problem: String, _ remedy: String) -> DeviceAddressError {
    DeviceAddressError(address: text, problem: problem, remedy: remedy)
  }

  private func interface() throws(DeviceAddressError) -> String {
    if main.isEmpty { throw failure("no interface is named", "write `\(kind.syntax)`") }
    if main.utf8.count > Self.longestInterface {
      throw failure(
        "`\(main)` is longer than the name of an interface can be", "write at most \(Self.longestInterface) characters")
    }
    if main == "." || main == ".." || main.contains(where: { "/:%".contains($0) }) {
      throw failure("`\(main)` cannot be the name of an interface", "write letters, digits, `-`, `_` and `.`")
    }
    return main
  }

  private func socket() throws(DeviceAddressError) -> String {
    if main.isEmpty { throw failure("no socket is named", "write `\(kind.syntax)`") }
    if !main.hasPrefix("/") { throw failure("the path of the socket is not absolute", "begin it with a `/`") }
    if main.hasSuffix("/") { throw failure("the path of the socket is a directory", "add the name of the socket") }
    if main.utf8.count > Self.longestSocket {
      throw failure(
        "the path of the socket is longer than the system allows", "write at most \(Self.longestSocket) bytes")
    }
    return main
  }

  private func ringName() throws(DeviceAddressError) -> String {
    guard !main.isEmpty, main.utf8.count <= 16, main.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
      throw failure("`\(main)` cannot be the name of a ring", "write 1 to 16 letters and digits")
    }
    return main
  }

  private mutating func role() throws(DeviceAddressError) -> DeviceAddress.SocketRole? {
    guard let text = values.removeValue(forKey: "role") else { return nil }
    guard let role = DeviceAddress.SocketRole(rawValue: text) else {
      throw failure("`\(text)` is not a role", "write `role=server` or `role=client`")
    }
    return role
  }

  private mutating func number(_ key: String, _ range: ClosedRange<Int>) throws(DeviceAddressError) -> Int? {
    guard let text = values.removeValue(forKey: key) else { return nil }
    guard let number = Self.integer(text, range) else {
      throw failure(
        "`\(key)=\(text)` is out of range", "write a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func integer(_ text: String, _ range: ClosedRange<Int>) -> Int? {
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), range.contains(number) else {
      return nil
    }
    return number
  }

  /// `[dddd:]bb:dd.f`, in full and lower case; nil if it is something else.
  private static func pciAddress(_ text: String) -> String? {
    var parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2 { parts.insert("0000", at: 0) }
    guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, let dot = parts[2].firstIndex(of: "."),
      parts[2].count == 4, parts[2].distance(from: parts[2].startIndex, to: dot) == 2,
      hexadecimal(parts[0]) != nil, hexadecimal(parts[1]) != nil,
      let slot = hexadecimal(String(parts[2].prefix(2))), slot < 32,
      let function = hexadecimal(String(parts[2].suffix(1))), function < 8
    else { return nil }
    return parts.joined(separator: ":")
  }

  private static func hexadecimal(_ text: String) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isHexDigit } ? Int(text, radix: 16) : nil
  }
}
