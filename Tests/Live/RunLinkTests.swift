import Foundation
import TestSupport
import Testing

/// `penstock run` on interfaces of the kernel's that lose their link, and the demonstration of examples/.
@Suite(
  "A live switch and its links", .serialized, .enabled(if: Oracle.has(Oracle.devices), Oracle.lacks(Oracle.devices)))
struct RunLinkTests {
  @Test("a port on packet sockets is down while its interface has no carrier") func carrier() throws {
    let script = """
      set -e
      for x in a b; do ip link add sw-$x type veth peer name host-$x; ip link set sw-$x up; ip link set host-$x up; done
      socket=$(mktemp -u)
      "$0" run "$1" --socket $socket --duration 20s >/dev/null 2>&1 & switch=$!
      trap 'kill -TERM $switch 2>/dev/null; wait $switch || true' EXIT
      shows() { for i in $(seq 100); do
        if "$0" show ports --socket $socket 2>/dev/null | grep -qE "$1"; then return 0; fi; sleep 0.05; done
        echo "never shown: $1"; return 1; }
      shows "^  a +up "
      ip link set host-a down
      shows "^  a +no link "
      shows "^  b +up "
      ip link set host-a up
      shows "^  a +up "
      ip link set sw-b down
      shows "^  b +no link "
      echo all well
      """
    let outcome = try Program(path: "/usr/bin/env").run(
      ["unshare", "-n", "bash", "-c", script, Program.penstock.path, example("live-bridge.yaml")], limit: 60)
    #expect(outcome.status == 0 && outcome.output == "all well\n", "\(outcome.output)\(outcome.errors)")
  }

  @Test("examples/live-demo", .enabled(if: Program(named: "iperf3") != nil, "missing: iperf3"))
  func demonstration() throws {
    let outcome = try Program(path: example("live-demo")).run([Program.penstock.path], limit: 60)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("Destination Net Unreachable"), "\(outcome.output)")
    #expect(outcome.output.contains("every packet is accounted for"), "\(outcome.output)")
  }

  private func example(_ name: String) -> String { Program.packageDirectory + "/examples/" + name }
}
