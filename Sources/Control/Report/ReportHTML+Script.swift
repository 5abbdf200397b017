extension ReportHTML {
  /// The part of the page's script that fills the plots from the report and answers the controls.
  static let pageScript = #"""
    const report = JSON.parse(document.getElementById("report").textContent);
    const ports = Object.entries(report.ports).map(([name, port]) => ({ ...port, name }));
    ports.sort((a, b) => a.index - b.index);
    const duration = report.duration_ps;

    function rateLine(label, values, bytes) {
      return { label, values, sum: true, size: bytes, note: formatRate(duration ? bytes * 8e12 / duration : 0) };
    }

    function portRates(key) {
      const direction = key === "tx_bytes" ? "tx" : "rx";
      return ports.filter(port => port[direction].bytes > 0)
        .map(port => rateLine(port.name, port.series[key], port[direction].bytes));
    }

    /**
     * All queues that `accept` takes, of one port or of all, as `make` turns them into lines. Queues of one port keep
     * their colour from plot to plot.
     */
    function queueLines(chosen, accept, make) {
      return (chosen ? [chosen] : ports).flatMap(port => Object.entries(port.queues)
        .filter(([, queue]) => accept(queue))
        .map(([number, queue]) => ({
          ...make((chosen ? "" : port.name + " ") + "queue " + number, queue),
          colour: chosen ? "--c" + number : undefined,
        })));
    }

    function throughput(chosen, key) {
      if (!chosen) return portRates(key);
      if (key === "rx_bytes") return portRates(key).filter(line => line.label === chosen.name);
      const total = { ...rateLine("port " + chosen.name, chosen.series.tx_bytes, chosen.tx.bytes), colour: "--ink" };
      const queues = queueLines(chosen, queue => queue.tx_bytes > 0,
        (label, queue) => rateLine(label, queue.series.tx_bytes, queue.tx_bytes));
      return chosen.tx.bytes > 0 ? [total, ...queues] : [];
    }

    const depth = chosen => queueLines(chosen, queue => queue.max_bytes > 0, (label, queue) =>
      ({ label, values: queue.series.max_bytes, size: queue.max_bytes, note: "peak " + formatBytes(queue.max_bytes) }));

    const latency = chosen => queueLines(chosen, queue => queue.latency_ns.count > 0, (label, queue) => ({
      label, latency: queue.latency_ns, histogram: queue.latency_histogram, size: queue.latency_ns.count,
      note: "p99 " + formatTime(queue.latency_ns.p99 * 1000),
    }));

    function startPlots() {
      document.getElementById("plots").hidden = false;
      const reset = document.getElementById("reset");
      const zoom = (from, to) => {
        Object.assign(view, { from, to });
        reset.hidden = from === 0 && to === duration;
        plots.rate.draw();
        plots.depth.draw();
      };
      Object.assign(view, { from: 0, to: duration || 1 });
      const axis = { binWidth: report.series.bin_ps, duration, zoom };
      const plots = {
        rate: new TimePlot("throughput", { ...axis, format: formatRate }),
        depth: new TimePlot("depth", { ...axis, format: formatBytes }),
        latency: new LatencyPlot("latency"),
      };
      reset.addEventListener("click", () => zoom(0, duration));

      const select = document.getElementById("port");
      tag("option", "", "all ports", select).value = "";
      ports.forEach((port, index) => { tag("option", "", "port " + port.name, select).value = String(index); });
      const switches = [...document.querySelectorAll("#throughput .switch button")];
      let direction = "tx_bytes";
      const update = () => {
        const chosen = select.value === "" ? undefined : ports[Number(select.value)];
        for (const button of switches) button.setAttribute("aria-pressed", button.value === direction);
        plots.rate.lineRate = chosen ? chosen.speed_bps : 0;
        const empty = direction === "tx_bytes" ? "Nothing was sent" : "Nothing was received";
        plots.rate.show(throughput(chosen, direction), empty);
        return chosen;
      };
      const updateAll = () => {
        const chosen = update();
        plots.depth.show(depth(chosen), "No queue held a packet");
        plots.latency.show(latency(chosen), "No packet was measured");
      };
      for (const button of switches) button.addEventListener("click", () => { direction = button.value; update(); });
      select.addEventListener("change", updateAll);
      updateAll();
    }

    /** Lets a click on a heading order the table by that column. */
    function makeSortable(table) {
      const headings = [...table.tHead.rows[0].cells], body = table.tBodies[0];
      headings.forEach((heading, column) => {
        const button = tag("button", "", heading.textContent);
        button.type = "button";
        heading.replaceChildren(button);
        button.addEventListener("click", () => {
          const falling = heading.getAttribute("aria-sort") !== "descending";
          for (const other of headings) other.removeAttribute("aria-sort");
          heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
          const rows = [...body.rows].sort((a, b) => {
            const left = a.cells[column], right = b.cells[column];
            const order = left.dataset.key === undefined
              ? left.textContent.localeCompare(right.textContent, "en", { numeric: true })
              : left.dataset.key - right.dataset.key;
            return falling ? -order : order;
          });
          body.append(...rows);
        });
      });
    }

    function startTheme() {
      const button = document.getElementById("theme"), root = document.documentElement;
      const system = matchMedia("(prefers-color-scheme: dark)");
      const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
      const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
      button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
      system.addEventListener("change", label);
      button.hidden = false;
      label();
    }

    startTheme();
    document.querySelectorAll("table.sortable").forEach(makeSortable);
    startPlots();
    """#
}
