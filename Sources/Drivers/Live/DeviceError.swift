import Glibc

/// A device could not be opened, or not be used as wanted.
public struct DeviceError: Error, Equatable, CustomStringConvertible {
  /// The device, as it was written.
  public let address: String
  /// What is wrong.
  public let problem: String
  /// What to do.
  public let remedy: String

  /// Address, problem and remedy in one line.
  public var description: String { "device `\(address)`: \(problem); \(remedy)" }

  init(_ address: DeviceAddress, _ problem: String, _ remedy: String) {
    self.address = address.description
    self.problem = problem
    self.remedy = remedy
  }

  /// A failure that DPDK reports, as a negative errno.
  init(_ address: DeviceAddress, _ what: String, code: Int32, messages: String = "") {
    let reason = String(cString: strerror(code < 0 ? -code : code))
    // The first message is the nearest to the cause.
    let first = messages.split(separator: "\n").first.map { " (\($0.trimmedForOneLine))" } ?? ""
    self.init(address, "\(what): \(reason)\(first)", "see `penstock devices` for what this machine offers")
  }
}

extension Substring {
  /// Without control characters.
  fileprivate var trimmedForOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
  }
}
