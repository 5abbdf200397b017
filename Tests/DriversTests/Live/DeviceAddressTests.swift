import Testing

@testable import Drivers

/// The string of a device: every kind, and every mistake with its remedy.
@Suite("Device addresses") struct DeviceAddressTests {
  private static let valid: [(String, DeviceAddress.Target, Int?)] = [
    ("0000:01:00.0", .pci("0000:01:00.0"), nil),
    ("af:1F.7", .pci("0000:af:1f.7"), nil),
    ("0001:01:00.0,ring=128", .pci("0001:01:00.0"), 128),
    ("tap:h1", .tap(interface: "h1"), nil),
    ("af_packet:veth-0.10", .afPacket(interface: "veth-0.10"), nil),
    ("af_xdp:eth0", .afXDP(interface: "eth0", queue: 0), nil),
    ("af_xdp:eth0,queue=3", .afXDP(interface: "eth0", queue: 3), nil),
    ("memif:/run/m.sock", .memif(socket: "/run/m.sock", role: .server, id: 0), nil),
    ("memif:/run/m.sock,role=client,id=7,ring=64", .memif(socket: "/run/m.sock", role: .client, id: 7), 64),
    ("vhost:/run/v.sock", .vhost(socket: "/run/v.sock", role: .server), nil),
    ("vhost:/run/v.sock,role=client", .vhost(socket: "/run/v.sock", role: .client), nil),
    ("virtio_user:/run/v.sock", .virtioUser(socket: "/run/v.sock"), nil),
    ("virtio_user:/run/v.sock,ring=512", .virtioUser(socket: "/run/v.sock"), 512),
    ("ring:r0", .ring(name: "r0"), nil),
    ("pcap:in=a.pcap", .pcap(input: "a.pcap", output: nil, isEndless: false), nil),
    ("pcap:out=b.pcap", .pcap(input: nil, output: "b.pcap", isEndless: false), nil),
    ("pcap:in=a=1.pcap,out=b:2.pcap,endless", .pcap(input: "a=1.pcap", output: "b:2.pcap", isEndless: true), nil),
    ("null:", .null(frame: nil), nil), ("null:64", .null(frame: 64), nil), ("null:9600", .null(frame: 9600), nil),
  ]

  @Test("every kind is read", arguments: valid)
  func kinds(text: String, target: DeviceAddress.Target, ring: Int?) throws {
    let address = try DeviceAddress(text)
    #expect(address.target == target)
    #expect(address.ring == ring)
    #expect(address.description == text)
  }

  @Test("all kinds occur above, and their syntax lists their options")
  func completeness() throws {
    #expect(try Set(Self.valid.map { try DeviceAddress($0.0).kind }) == Set(DeviceAddress.Kind.allCases))
    for kind in DeviceAddress.Kind.allCases {
      for key in kind.keys { #expect(kind.syntax.contains(key), "\(kind)") }
    }
  }

  private static let kinds =
    "write a PCI address, or `tap:`, `af_packet:`, `af_xdp:`, `memif:`, `vhost:`, `virtio_user:`, `ring:`, `pcap:`, "
    + "`null:`"
  private static let memif = "write `memif:SOCKET[,role=server|client][,id=N][,ring=N]`"
  private static let wrong: [(String, String)] = [
    ("", "it is empty; \(kinds)"),
    ("tap", "there is no colon after the kind; \(kinds)"),
    ("tun:h1", "there is no kind of device named `tun`; \(kinds)"),
    ("pci:0000:01:00.0", "there is no kind of device named `pci`; \(kinds)"),
    (":h1", "there is no kind of device named ``; \(kinds)"),
    ("01:00", "it is not a whole PCI address; write it as lspci -D does: `0000:01:00.0`"),
    ("0000:01:20.0", "it is not a whole PCI address; write it as lspci -D does: `0000:01:00.0`"),
    ("0000:01:00.8", "it is not a whole PCI address; write it as lspci -D does: `0000:01:00.0`"),
    ("0000:01:00.0,queue=1", "pci has no option `queue`; it has `ring`: write `0000:01:00.0[,ring=N]`"),
    ("tap: h1", "it contains a blank; leave it out, or rename the file"),
    ("tap:h\n1", "it contains a control character; leave it out, or rename the file"),
    ("tap:", "no interface is named; write `tap:NAME`"),
    ("tap:h1,", "tap has no option ``; it has none: write `tap:NAME`"),
    ("tap:h1,mtu=9000", "tap has no option `mtu`; it has none: write `tap:NAME`"),
    ("tap:..", "`..` cannot be the name of an interface; write letters, digits, `-`, `_` and `.`"),
    ("tap:a/b", "`a/b` cannot be the name of an interface; write letters, digits, `-`, `_` and `.`"),
    (
      "af_packet:averylonginterface",
      "`averylonginterface` is longer than the name of an interface can be; write at most 15 characters"
    ),
    ("af_xdp:eth0,queue=x", "`queue=x` is out of range; write a whole number from 0 to 1023"),
    ("af_xdp:eth0,queue=-1", "`queue=-1` is out of range; write a whole number from 0 to 1023"),
    ("memif:", "no socket is named; \(memif)"),
    ("memif:m.sock", "the path of the socket is not absolute; begin it with a `/`"),
    ("memif:/run/", "the path of the socket is a directory; add the name of the socket"),
    (
      "memif:/" + String(repeating: "x", count: 107),
      "the path of the socket is longer than the system allows; write at most 107 bytes"
    ),
    ("memif:/m,role=master", "`master` is not a role; write `role=server` or `role=client`"),
    ("memif:/m,role", "`role` has no value; \(memif)"),
    ("memif:/m,id=", "nothing follows `id=`; \(memif)"),
    ("memif:/m,id=1,id=2", "`id` is there twice; write it once"),
    ("memif:/m,id=4294967296", "`id=4294967296` is out of range; write a whole number from 0 to 4294967295"),
    ("memif:/m,ring=100", "a ring of 100 is not a power of two; write 64, 128, 256, 512 or 1024"),
    ("memif:/m,ring=16", "`ring=16` is out of range; write a whole number from 32 to 16384"),
    (
      "vhost:/v,ring=64",
      "vhost has no option `ring`; it has `role`: write `vhost:SOCKET[,role=server|client]`"
    ),
    (
      "virtio_user:/v,role=server",
      "virtio_user has no option `role`; it has `ring`: write `virtio_user:SOCKET[,ring=N]`"
    ),
    ("ring:", "`` cannot be the name of a ring; write 1 to 16 letters and digits"),
    ("ring:a_b", "`a_b` cannot be the name of a ring; write 1 to 16 letters and digits"),
    ("pcap:", "it names no capture; write `pcap:in=FILE,out=FILE[,endless]`"),
    (
      "pcap:a.pcap",
      "pcap has no option `a.pcap`; it has `in`, `out`, `endless`: write `pcap:in=FILE,out=FILE[,endless]`"
    ),
    ("pcap:in=a,endless=yes", "`endless` takes no value; write `endless` alone, or leave it out"),
    ("pcap:out=a,endless", "nothing is to be repeated; add `in=FILE`, or remove `endless`"),
    ("pcap:in=a,out=a", "it reads and writes one file; name two files"),
    ("null:x", "`x` is not the size of a frame; write a number of bytes from 14 to 9600, or nothing"),
    ("null:9601", "`9601` is not the size of a frame; write a number of bytes from 14 to 9600, or nothing"),
    ("null:٦٤", "`٦٤` is not the size of a frame; write a number of bytes from 14 to 9600, or nothing"),
  ]

  @Test("every mistake has its remedy", arguments: wrong)
  func mistakes(text: String, message: String) {
    do {
      let address = try DeviceAddress(text)
      Issue.record("\(text) was read as \(address.target)")
    } catch {
      #expect(error.description == "device `\(text)`: \(message)")
    }
  }

  @Test("any string has an answer: each prefix of a valid one, and each with a byte changed")
  func mutations() {
    var count = 0
    for (text, _, _) in Self.valid {
      for end in 0...text.utf8.count {
        for byte in [nil, UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: "."), 0, 0xFF] {
          var bytes = Array(text.utf8.prefix(end))
          if let byte { bytes.append(byte) }
          let mutation = String(decoding: bytes, as: UTF8.self)
          do {
            _ = try DeviceAddress(mutation)
          } catch {
            #expect(!error.problem.isEmpty && !error.remedy.isEmpty)
          }
          count += 1
        }
      }
    }
    #expect(count > 2000)
  }

  @Test("drivers and arguments that DPDK gets")
  func arguments() throws {
    let expected: [(String, Int, String)] = [
      ("tap:h1", 9216, "iface=h1"),
      ("af_packet:v0", 1500, "iface=v0,qpairs=1,framesz=2048,blocksz=4096,framecnt=512"),
      ("af_packet:v0", 9216, "iface=v0,qpairs=1,framesz=9600,blocksz=307200,framecnt=512"),
      ("af_xdp:v0,queue=2", 1500, "iface=v0,start_queue=2,queue_count=1"),
      ("memif:/m", 1500, "role=server,id=0,socket=/m,socket-abstract=no,bsize=2048,rsize=8"),
      ("memif:/m,role=client,id=3,ring=64", 9000, "role=client,id=3,socket=/m,socket-abstract=no,bsize=9600,rsize=6"),
      ("vhost:/v", 1500, "iface=/v,queues=1,client=0"), ("vhost:/v,role=client", 1500, "iface=/v,queues=1,client=1"),
      ("virtio_user:/v", 1500, "path=/v,queues=1,queue_size=256"),
      ("pcap:in=a,out=b,endless", 1500, "rx_pcap=a,tx_pcap=b,infinite_rx=1"),
      ("null:", 1500, "no-rx=1"), ("null:64", 1500, "size=64"),
    ]
    for (text, mtu, arguments) in expected {
      #expect(try DeviceAddress(text).driverArguments(mtu: mtu) == arguments)
    }
  }
}
