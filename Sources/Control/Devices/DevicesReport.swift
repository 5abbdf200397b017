import Dataplane
import Drivers
import Glibc
import Wire

/// What came of opening devices, one after the other.
public struct DevicesReport: Encodable, Equatable, Sendable {
  /// One device.
  public struct Entry: Encodable, Equatable, Sendable {
    /// The port that it belongs to in a configuration.
    public var port: String?
    /// The device, as it was written.
    public var device: String
    /// Why it cannot be opened and what to do; nil: it could.
    public var error: String?
    /// DPDK's driver.
    public var driver: String?
    /// Largest IP packet that it was opened for.
    public var mtu: Int?
    /// Its MAC address; of a TAP that of the kernel's side.
    public var mac: String?
    /// `up` or `down`, half a second after the start at the latest.
    public var link: String?
    /// Speed of the device, if it has one.
    public var speedBps: UInt64?
    /// Packets that it can hold after it took them; nil if its peer decides.
    public var holds: Int?
    /// Who handles MAC control frames: `no MAC`, `off`, or `the MAC's own`.
    public var flowControl: String?
    /// What a port on it should know.
    public var notices: [String]

    enum CodingKeys: String, CodingKey {
      case port, device, error, driver, mtu, mac, link
      case speedBps = "speed_bps"
      case holds
      case flowControl = "flow_control"
      case notices
    }
  }

  /// The devices, in the order in which they were named.
  public var devices: [Entry]

  /// Whether all could be opened.
  public var isGood: Bool { devices.allSatisfy { $0.error == nil } }

  /// The report as JSON.
  ///
  /// - Throws: never for this type; the encoder could.
  public func json() throws -> String { try OrderedJSON.encode(self) }
}

extension DevicesReport {
  /// A device to look at.
  public struct Request: Sendable {
    /// The port that it belongs to.
    public var port: String?
    /// The device.
    public var address: DeviceAddress
    /// Largest IP packet.
    public var mtu: Int

    /// A device for a port, or for none.
    public init(port: String? = nil, address: DeviceAddress, mtu: Int = 1500) {
      self.port = port
      self.address = address
      self.mtu = mtu
    }
  }

  /// Opens each device, starts it, and closes it again.
  ///
  /// - Throws: ``EnvironmentError`` or ``PacketMemoryError``: then none could be tried.
  public static func opening(_ requests: [Request]) throws -> DevicesReport {
    try Environment.start(.live())
    let memory = try PacketMemory(counts: (64, 4096, 2048))
    return DevicesReport(devices: requests.map { Entry($0, memory) })
  }
}

extension DevicesReport.Entry {
  init(_ request: DevicesReport.Request, _ memory: borrowing PacketMemory) {
    port = request.port
    device = request.address.description
    notices = request.address.notices(mtu: request.mtu)
    do {
      let opened = try Device(request.address.harmless, mtu: request.mtu, memory: memory)
      try opened.start()
      driver = opened.driver
      mtu = opened.mtu
      mac = opened.mac.description
      var tries = 0
      while !opened.link.isUp, tries < 25 {
        usleep(20_000)
        tries += 1
      }
      link = opened.link.isUp ? "up" : "down"
      speedBps = opened.link.speed?.bitsPerSecond
      flowControl = opened.flowControl.rawValue
      switch opened.holding {
      case .nothing: holds = 0
      case .ring(let size): holds = size
      case .peer: holds = nil
      }
      opened.close()
    } catch {
      self.error = "\(error)"
    }
  }
}

extension DeviceAddress {
  /// The same device, but for what opening it would destroy: a capture that is there.
  var harmless: DeviceAddress {
    guard case .pcap(let input, .some, _) = target else { return self }
    let text = input.map { "pcap:in=\($0)" } ?? "pcap:out=/dev/null"
    return (try? DeviceAddress(text)) ?? self
  }

  /// What a port on it should know.
  func notices(mtu: Int) -> [String] {
    switch target {
    case .afPacket(let interface), .afXDP(let interface, _):
      HostInterface(named: interface)?.notices(mtu: mtu) ?? []
    default: []
    }
  }
}
