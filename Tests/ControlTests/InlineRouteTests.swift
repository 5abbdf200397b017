import Dataplane
import Testing

@testable import Control

/// Routes written in the configuration itself: the way for millions must accept and refuse what the usual way does.
@Suite struct InlineRouteTests {
  private let ports = """
    ports:
      - {name: s1, speed: 400G, address: [10.1.1.0/31, "fd00:1::/127"]}
      - {name: s2, speed: 400G, address: [10.1.2.0/31, "fd00:2::/127"]}

    """

  private enum Outcome: Equatable {
    case loaded(LoadedConfiguration)
    case refused([ConfigurationError])
  }

  private func outcome(_ yaml: String, threshold: Int) -> Outcome {
    do throws(ConfigurationErrors) {
      return .loaded(
        try ConfigurationLoader().load(InlineRoutes(yaml, threshold: threshold), file: "leaf.yaml", directory: ""))
    } catch {
      return .refused(error.errors)
    }
  }

  private static let entries = [
    "- {prefix: 10.9.0.0/16, via: 10.1.1.1}", "- {prefix: 10.10.0.0/16, via: [10.1.1.1, 10.1.2.1]}",
    "- {prefix: 10.11.0.0/16, via: [{address: 10.1.1.1, weight: 3}, {address: 10.1.2.1}]}",
    "- {prefix: \"fd09::/32\", via: \"fd00:1::1\"}", "- {prefix: fd0a::/32, via: fd00:2::1}",
    "- prefix: 10.12.0.0/16\n    via: 10.1.2.1", "- prefix: 10.13.0.0/16\n    via: [{address: 10.1.1.1, weight: 0}]",
    "- prefix: 10.14.0.0/16\n    via:\n      - 10.1.1.1\n      - {address: 10.1.2.1, weight: 7}",
    "- {prefix: 10.15.0.0/16, via: discard}", "- { prefix: 10.16.0.0/16 , via: 10.1.1.1 }   ",
    "- {via: 10.1.1.1, prefix: 10.17.0.0/16}", "- {prefix: 10.18.0.0/16,\n     via: 10.1.1.1}", "# a comment", "",
    "- {prefix: 10.19.0.0/16, via: 10.1.1.1}  # another", "- {prefix: 10.20.0.0/16, via: {address: 10.1.1.1}}",
    "-   {prefix: 10.21.0.0/16, via: 10.1.1.1}", "- {prefix: 10.22.0.0/16, via: &hop 10.1.1.1}",
    "- {prefix: 10.23.0.0/16, via: *hop}",
    // From here on each is wrong.
    "- {prefix: 10.9.0.1/16, via: 10.1.1.1}", "- {prefix: 10.9.0.0/16, via: 10.1.2.1}",
    "- {prefix: 10.1.1.0/31, via: discard}",
    "- {prefix: 10.30.0.0/16, via: 10.1.3.1}", "- {prefix: 10.31.0.0/16, via: [10.1.1.1, 10.1.1.1]}",
    "- {prefix: 10.32.0.0/16, via: [{address: 10.1.1.1, weight: 65536}]}", "- {prefix: 10.33.0.0/16, vai: 10.1.1.1}",
    "- {prefix: 10.34.0.0/16, via: fd00:1::1}", "- {prefix: 10.35.0.0/16, via: []}",
    "- {prefix: 10.36.0.0, via: 10.1.1.1}",
    "- {prefix: 10.37.0.0/16}", "- prefix: 10.38.0.0/16", "- {prefix: 10.39.0.0/16, via: 10.1.1.0}",
    "- {prefix: 10.40.0.0/16, via: 10.1.1.1, via: 10.1.1.1}", "- {prefix: 10.41.0.0/16, via:10.1.1.1}", "- {}",
    "- 10.1.1.1",
    "- prefix: 10.42.0.0/16\n    via: 10.1.1.1\n    weight: 3",
    "- prefix: 10.43.0.0/16\n    via: 10.1.1.1\n      10.1.2.1",
  ]

  @Test func bothWaysAgreeOnEveryEntry() {
    for entry in Self.entries where !entry.contains("*hop") {
      // The first entry is always YAML's, so the one in question stands behind and between others.
      let yaml =
        ports + "routes:\n  - {prefix: 10.200.0.0/16, via: 10.1.1.1}\n  - {prefix: 10.201.0.0/16, via: 10.1.1.1}\n  "
        + entry + "\n  - {prefix: 10.202.0.0/16, via: 10.1.1.1}\nicmp: {rate: 7}\n"
      let usual = outcome(yaml, threshold: .max)
      let fast = outcome(yaml, threshold: 0)
      #expect(usual == fast, "\(entry)")
    }
  }

  @Test func bothWaysAgreeOnRandomMixtures() {
    var random = SplitMix(seed: 5)
    for _ in 0..<300 {
      var yaml = random.next() % 2 == 0 ? ports + "routes:\n" : "routes:   # all of them\n"
      for _ in 0..<1 + random.next() % 8 {
        // Mostly right ones, or hardly any text would load.
        let limit = random.next() % 8 == 0 ? Self.entries.count : 18
        yaml += "  " + Self.entries[Int(random.next() % UInt64(limit))] + "\n"
      }
      if !yaml.hasPrefix("ports") { yaml += ports }
      #expect(outcome(yaml, threshold: .max) == outcome(yaml, threshold: 0), "\(yaml)")
    }
  }

  @Test func plainEntriesAreTakenOut() {
    let entry = "  - {prefix: 10.9.0.0/16, via: 10.1.1.1}\n"
    let block = "  - prefix: 10.8.0.0/16\n    via: 10.1.1.1\n"
    let text = InlineRoutes("switch: {}\nroutes:\n" + entry + entry + block + "qos: {}\n", threshold: 0)
    #expect(text.remainder == "switch: {}\nroutes:\n" + entry + "\n\n\nqos: {}\n")
    #expect(text.entries.map(\.line) == [4, 5])
    #expect(text.entries.map(\.index) == [1, 2])
    let short = InlineRoutes("routes:\n" + entry + entry)
    #expect(short.entries.isEmpty)
  }

  @Test func hundredThousandRoutesKeepTheirOrderAndGroups() throws {
    var yaml = ports + "routes:\n"
    for index in 0..<100_000 {
      yaml += "  - {prefix: 20.\(index >> 8 & 255).\(index & 255).\((index >> 16) << 7)/25, via: 10.1.1.1}\n"
    }
    let configuration = try load(yaml).configuration
    #expect(configuration.routes.count == 100_000)
    #expect(configuration.routes.map(\.group) == Array(0..<100_000))
    #expect(configuration.routes[65_536 + 513].prefix.description == "20.2.1.128/25")
    #expect(
      mistakes(in: yaml + "  - {prefix: 20.0.0.0/25, via: 10.1.1.1}\n") == [
        "leaf.yaml:100005: routes[100000].prefix: `20.0.0.0/25` is routed already, in line 5, keep one of them"
      ])
  }
}
