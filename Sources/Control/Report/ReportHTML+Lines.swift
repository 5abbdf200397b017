extension ReportHTML {
  /// The part of the page's script that makes lines and marks of the report.
  static let linesScript = #"""
    const report = JSON.parse(document.getElementById("report").textContent);
    const ports = Object.entries(report.ports).map(([name, port]) => ({ ...port, name }));
    ports.sort((a, b) => a.index - b.index);
    const duration = report.duration_ps;

    /**
     * The colour of each number of each port, for its queue, its priority and its priority group in all plots. The
     * busiest come first; a port's numbers have colours of their own, and what shares a colour differs by its dashes.
     */
    const styles = new Map();
    function assignStyles() {
      const used = ports.flatMap(port => Object.keys(port.queues).map(number => {
        const size = port.queues[number].tx_bytes + port.groups[number].shared_peak_bytes;
        return { port, number, size, isUsed: size > 0 || port.priorities[number].paused_ps > 0 };
      })).filter(entry => entry.isUsed).sort((a, b) => b.size - a.size);
      const uses = Array(colours).fill(0);
      for (const { port, number } of used) {
        port.colours ??= new Set();
        const free = uses.map((_, slot) => slot).filter(slot => !port.colours.has(slot));
        const slot = free.reduce((best, slot) => uses[slot] < uses[best] ? slot : best);
        port.colours.add(slot);
        styles.set(port.index + "/" + number, { colour: "--c" + slot, dash: dashes[uses[slot] % 4] });
        uses[slot] += 1;
      }
    }

    function rateLine(label, values, bytes) {
      return { label, values, per: 8e12, size: bytes, note: formatRate(duration ? bytes * 8e12 / duration : 0) };
    }

    function portRates(key) {
      const direction = key === "tx_bytes" ? "tx" : "rx";
      return ports.filter(port => port[direction].bytes > 0)
        .map(port => rateLine(port.name, port.series[key], port[direction].bytes));
    }

    /** All `members` ("queues") that `accept` takes, of one port or of all, as `make` turns them into lines. */
    function memberLines(chosen, members, word, accept, make) {
      return (chosen ? [chosen] : ports).flatMap(port => Object.entries(port[members])
        .filter(([, member]) => accept(member))
        .map(([number, member]) => {
          const { colour, dash } = styles.get(port.index + "/" + number) ?? {};
          const label = (chosen ? "" : port.name + " ") + word + " " + number;
          return { ...make(label, member), colour, dash: chosen ? "none" : dash };
        }));
    }

    function throughput(chosen, key) {
      if (!chosen) return portRates(key);
      if (key === "rx_bytes") return portRates(key).filter(line => line.label === chosen.name);
      const total = { ...rateLine("port " + chosen.name, chosen.series.tx_bytes, chosen.tx.bytes), colour: "--ink" };
      const queues = memberLines(chosen, "queues", "queue", queue => queue.tx_bytes > 0,
        (label, queue) => rateLine(label, queue.series.tx_bytes, queue.tx_bytes));
      return chosen.tx.bytes > 0 ? [total, ...queues] : [];
    }

    const depth = chosen => memberLines(chosen, "queues", "queue", queue => queue.max_bytes > 0, (label, queue) =>
      ({ label, values: queue.series.max_bytes, size: queue.max_bytes, note: "peak " + formatBytes(queue.max_bytes) }));

    const latency = chosen => memberLines(chosen, "queues", "queue", queue => queue.latency_ns.count > 0, (label, queue) => ({
      label, latency: queue.latency_ns, histogram: queue.latency_histogram, size: queue.latency_ns.count,
      note: "p99 " + formatTime(queue.latency_ns.p99 * 1000),
    }));

    function buffer(chosen, key) {
      const peak = { shared_bytes: "shared_peak_bytes", headroom_bytes: "headroom_peak_bytes" }[key];
      const lines = memberLines(chosen, "groups", "group", group => group[peak] > 0, (label, group) => ({
        label, values: group.series[key], size: group[peak], note: "peak " + formatBytes(group[peak]),
        bounds: key === "shared_bytes" && group.lossless ? group.series.limit_bytes : undefined,
      }));
      if (chosen || key !== "shared_bytes" || !lines.length) return lines;
      const { pools, series } = report.buffer, most = Math.max(0, ...series.shared_bytes);
      const total = { label: "all groups", values: series.shared_bytes, size: Infinity, colour: "--ink" };
      const size = pools.shared.size_bytes + pools.lossy.size_bytes;
      return [{ ...total, note: "peak " + formatBytes(most) + " of " + formatBytes(size) }, ...lines];
    }

    const paused = chosen => memberLines(chosen, "priorities", "priority", priority => priority.paused_ps > 0,
      (label, priority) => ({
        label, values: priority.series.paused_ps, per: 1, size: priority.paused_ps,
        note: formatTime(priority.paused_ps),
      }));

    /** The moments of the kinds in `words`, which say what each means and whether it stops somebody or lets go. */
    function moments(chosen, words) {
      return report.pause_events.filter(event => words[event.kind] && (!chosen || event.port === chosen.name))
        .map(event => {
          const [kind, text] = words[event.kind](event), cause = event.cause;
          const why = cause ? ", has " + formatBytes(cause.shared_bytes) + " of " + formatBytes(cause.limit_bytes) +
            (cause.headroom_bytes ? " and " + formatBytes(cause.headroom_bytes) + " of headroom" : "") : "";
          return { time: event.time_ps, kind, text: event.port + " " + text + why };
        });
    }
    const own = {
      "xoff-threshold": event => ["stop", "group " + event.cause?.group + " stops its neighbour"],
      "xoff-headroom": event => ["stop", "group " + event.cause?.group + " stops its neighbour, headroom in use"],
      xon: event => ["go", "group " + event.cause?.group + " lets its neighbour go"],
    };
    const storms = {
      storm: event => ["storm", "storm in queue " + event.priorities.join(", ")],
      restored: event => ["go", "storm over in queue " + event.priorities.join(", ")],
    };
    """#
}
