// swift-tools-version: 6.2
import PackageDescription

// Debian's libdpdk.pc cannot be parsed by SwiftPM (its Description spans lines), so the flags it would
// supply are spelled out here. Only CShims sees DPDK's headers; no Swift target needs any of these flags.
#if arch(arm64)
  let multiarch = "aarch64-linux-gnu"
  let machine = "-march=armv8-a+crc"
#else
  let multiarch = "x86_64-linux-gnu"
  let machine = "-march=corei7"  // rte_memcpy.h needs SSSE3
#endif

let dpdkFlags = [
  "-I/usr/include/dpdk", "-I/usr/include/\(multiarch)/dpdk", "-include", "rte_config.h", machine,
]

let dpdkLibraries = ["eal", "mempool", "mbuf", "ring", "hash", "rib", "fib", "acl", "ethdev", "net_ring"]

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

// @_noLocks, which guards the packet path, looks into every function that the path calls, so it needs the whole module:
// that is what release builds compile. Debug builds leave the attribute out.
let checkedPath: [SwiftSetting] = [.define("CHECKED_PACKET_PATH", .when(configuration: .release))]

let package = Package(
  name: "penstock",
  products: [.executable(name: "penstock", targets: ["penstock"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .target(
      name: "CShims",
      path: "CShims",
      exclude: ["SQLite"],
      cSettings: [.unsafeFlags(dpdkFlags + ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"])],
      linkerSettings: dpdkLibraries.map { .linkedLibrary("rte_\($0)") } + [.linkedLibrary("pcap")]
    ),
    .target(name: "Wire", swiftSettings: strict),
    .target(name: "Dataplane", dependencies: ["Wire", "CShims"], swiftSettings: strict + checkedPath),
    .systemLibrary(name: "CSQLite", path: "CShims/SQLite", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "Collector", dependencies: ["Wire", "CSQLite"], swiftSettings: strict),
    .target(name: "Drivers", dependencies: ["Dataplane", "Wire"], swiftSettings: strict),
    .target(name: "Conformance", dependencies: ["Drivers", "Dataplane", "Wire", "CShims"], swiftSettings: strict),
    .target(
      name: "Control",
      dependencies: ["Collector", "Drivers", "Conformance", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .executableTarget(
      name: "penstock",
      dependencies: [
        "Benchmarks", "Control", "Collector", "Conformance",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .target(
      name: "Benchmarks", dependencies: ["Control", "Collector", "Drivers", "Dataplane", "Wire", "CShims"],
      path: "bench/Benchmarks",
      swiftSettings: strict),
    .executableTarget(
      name: "penstock-bench", dependencies: ["Benchmarks"], path: "bench/PenstockBench", swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["Dataplane", "Wire", "CShims"], path: "Tests/Support", swiftSettings: strict),
    .testTarget(name: "CollectorTests", dependencies: ["Collector", "Wire", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Wire"], resources: [.copy("Vectors")], swiftSettings: strict),
    .testTarget(name: "DataplaneTests", dependencies: ["Dataplane", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests", dependencies: ["Conformance", "Control", "Dataplane", "TestSupport"],
      path: "Tests/Conformance",
      exclude: ["Snapshots"], swiftSettings: strict),
    .testTarget(name: "DriversTests", dependencies: ["Drivers", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ControlTests", dependencies: ["Control", "Collector", "penstock", "TestSupport"],
      exclude: ["Report/Snapshots"],
      swiftSettings: strict),
    .testTarget(
      name: "BenchmarksTests", dependencies: ["Benchmarks", "Dataplane", "Wire", "TestSupport"], swiftSettings: strict),
    // These run the program itself, which depending on it builds.
    .testTarget(
      name: "CommandLineTests", dependencies: ["penstock", "TestSupport"], path: "Tests/CommandLine",
      swiftSettings: strict),
    .executableTarget(
      name: "device-wire", dependencies: ["Drivers", "Dataplane"], path: "Tests/DeviceWire",
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]),
    .testTarget(
      name: "LiveTests", dependencies: ["penstock", "Benchmarks", "device-wire", "TestSupport"], path: "Tests/Live",
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// libFuzzer brings its own main, so this target can only be linked with the fuzzer's sanitizer.
if Context.environment["PENSTOCK_FUZZ"] != nil {
  let fuzzers: [(name: String, dependencies: [Target.Dependency], sources: [String])] = [
    ("FuzzWire", ["Wire"], ["FuzzWire.swift"]),
    ("FuzzCollector", ["Collector"], ["FuzzCollector.swift"]),
    ("FuzzSwitch", ["Dataplane"], ["FuzzSwitch.swift", "FuzzConfiguration.swift"]),
  ]
  for fuzzer in fuzzers {
    package.products.append(.executable(name: fuzzer.name, targets: [fuzzer.name]))
    package.targets.append(
      .executableTarget(
        name: fuzzer.name, dependencies: fuzzer.dependencies, path: "Tests/Fuzz", sources: fuzzer.sources,
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
  }
}
