/// The programs that penstock is compared with.
enum Peers {
  /// Those that this suite knows how to start, whether they are installed or not.
  static let forwarders: [any Forwarder] =
    Testpmd.Mode.allCases.map { Testpmd(mode: $0) } + [OpenVSwitch(), LinuxRouter()]

  /// Those that users ask for and that no package of Debian 12 has.
  static let unpackaged = [
    AbsentPeer(name: "DPDK l3fwd", reason: "no package of Debian 12 contains it"),
    AbsentPeer(name: "FD.io VPP", reason: "no package of Debian 12 contains it"),
  ]
}
