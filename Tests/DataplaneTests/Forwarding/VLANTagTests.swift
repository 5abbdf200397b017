import Dataplane
import TestSupport
import Testing
import Wire

/// Every way in against every way out: the bytes and the length on the wire, exactly.
@Suite("VLAN tags")
struct VLANTagTests {
  /// What lies between the addresses and the payload when a frame comes in.
  enum Tagging: CaseIterable {
    case none, priority, tagged, taggedDropEligible, inner, innerService, service

    /// Tag control information of the C-tag that the switch takes for its own, or nil without one.
    var control: UInt16? {
      switch self {
      case .none, .service: nil
      case .priority: 5 << 13
      case .tagged, .inner, .innerService: 6 << 13 | 10
      case .taggedDropEligible: 6 << 13 | 1 << 12 | 10
      }
    }

    /// Tags that are payload to a bridge of C-tags.
    var payload: [UInt8] {
      switch self {
      case .inner: [0x81, 0x00, 0xE0, 0x63]
      case .innerService, .service: [0x88, 0xA8, 0xA0, 0x64]
      default: []
      }
    }

    /// A frame that is tagged in this way.
    func frame(_ plain: [UInt8]) -> [UInt8] {
      let carried = Array(plain[..<12] + payload + plain[12...])
      return control.map { Frame.tagged(carried, control: $0) } ?? carried
    }
  }

  private let destination = Frame.station(2)

  /// A payload of class 0, and one that DSCP 26 puts into class 3.
  private func plain(isRoCE: Bool) -> [UInt8] {
    guard isRoCE else { return Frame.layer2(from: Frame.station(1), to: destination) }
    var frame = Frame(
      from: "192.168.1.1", to: "192.168.1.2", sourceMAC: Frame.station(1), destinationMAC: destination)
    frame.dscp = 26
    return frame.roce(queuePair: 9, size: 100)
  }

  @Test("Bytes and wire length, whole and cut at a snap length", arguments: Tagging.allCases, [false, true])
  func everyWay(tagging: Tagging, isRoCE: Bool) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let plain = plain(isRoCE: isRoCE)
    let frame = tagging.frame(plain)
    let carried = Array(plain[..<12] + tagging.payload + plain[12...])
    for ingress in ["a1", "a2", "t1", "t2"] {
      // A trunk without native VLAN wants a VLAN identifier.
      let isAccepted = ingress != "t1" || (tagging.control ?? 0) & 0xFFF != 0
      for extra in [0, 1000] {
        let out = campus.exchange(frame, on: ingress, wireLength: frame.count + extra)
        guard isAccepted else {
          #expect(out.isEmpty)
          continue
        }
        #expect(Set(out.map(\.port)) == Set(["a1", "a2", "t1", "t2"]).subtracting([ingress]))
        for departure in out {
          var wanted = carried
          if departure.port == "t1" {
            // A tag keeps its PCP and DEI; a new one gets the traffic class.
            let trafficClass: UInt16 = isRoCE ? 3 : 0
            wanted = Frame.tagged(carried, control: tagging.control.map { $0 & 0xF000 | 10 } ?? trafficClass << 13 | 10)
          }
          #expect(departure.bytes == wanted, "\(ingress) to \(departure.port)")
          #expect(departure.wireLength == wanted.count + extra, "\(ingress) to \(departure.port)")
        }
      }
    }
  }

  @Test("Between trunks a tag stays as it is, whatever VLAN is native where")
  func trunkToTrunk() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.layer2(from: Frame.station(1), to: destination, tags: [.init(vlan: 20, priority: 3)])
    let out = campus.exchange(frame, on: "t1")
    #expect(out.on("t2").map(\.bytes) == [frame])
    #expect(out.on("c1").map(\.bytes) == [Frame.untagged(frame)])
    #expect(campus.exchange(frame, on: "t2").on("t1").map(\.bytes) == [frame])
  }

  @Test("A native VLAN outside the allowed ones is a member all the same")
  func nativeIsAMember() throws {
    var configuration = TestConfiguration.bridge(ports: 2)
    configuration.ports[1].role = .trunk(allowed: [VLANID(20)], native: VLANID(10))
    var bridge = try VirtualSwitch(configuration)
    let frame = Frame.layer2(from: Frame.station(1), to: destination)
    #expect(bridge.exchange(frame, on: "p2").map(\.bytes) == [frame])
    #expect(bridge.exchange(frame, on: "p1").map(\.bytes) == [frame])
  }

  @Test("A tag that is cut off is a truncated frame", arguments: 14..<18)
  func truncatedTag(captured: Int) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.layer2(from: Frame.station(1), to: destination, tags: [.init(vlan: 10)])
    #expect(campus.exchange(Array(frame[..<captured]), on: "t1", wireLength: 64).isEmpty)
    #expect(campus.allDrops(on: "t1") == ["truncated-ethernet: 1"])
  }

  @Test("What is counted and queued is what leaves: bytes with the new tag")
  func counters() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: Frame.station(1), to: destination), on: "a1", wireLength: 1000)
    for (name, bytes) in [("a2", 1000), ("t1", 1004), ("t2", 1000)] as [(String, UInt64)] {
      let port = campus.port(name)
      #expect(campus.device.sent(on: port).bytes == bytes)
      #expect(campus.device.statistics(of: QueueID(0), on: port).tx.bytes == bytes)
      #expect(campus.device.statistics(of: QueueID(0), on: port).peakBytes == bytes)
    }
    #expect(campus.device.received(on: campus.port("a1")).bytes == 1000)
  }
}
