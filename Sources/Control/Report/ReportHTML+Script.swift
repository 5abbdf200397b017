extension ReportHTML {
  /// The part of the page's script that fills the plots and answers the controls.
  static let pageScript = #"""
    function startPlots() {
      document.getElementById("plots").hidden = false;
      const reset = document.getElementById("reset");
      const zoom = (from, to) => {
        Object.assign(view, { from, to });
        reset.hidden = from === 0 && to === duration;
        for (const plot of [plots.rate, plots.depth, plots.buffer, plots.paused]) plot.draw();
      };
      Object.assign(view, { from: 0, to: duration || 1 });
      const axis = { binWidth: report.series.bin_ps, duration, zoom };
      const plots = {
        rate: new TimePlot("throughput", { ...axis, format: formatRate }),
        depth: new TimePlot("depth", { ...axis, format: formatBytes }),
        buffer: new TimePlot("buffer", { ...axis, format: formatBytes }),
        paused: new TimePlot("paused", { ...axis, format: formatPart }),
        latency: new LatencyPlot("latency"),
      };
      reset.addEventListener("click", () => zoom(0, duration));

      const select = document.getElementById("port");
      tag("option", "", "all ports", select).value = "";
      ports.forEach((port, index) => { tag("option", "", "port " + port.name, select).value = String(index); });
      const chosen = () => select.value === "" ? undefined : ports[Number(select.value)];
      const showRate = direction => {
        plots.rate.lineRate = chosen() ? chosen().speed_bps : 0;
        const nothing = direction === "tx_bytes" ? "Nothing was sent" : "Nothing was received";
        plots.rate.show(throughput(chosen(), direction), nothing);
      };
      const showBuffer = key => {
        plots.buffer.marks = moments(chosen(), own);
        const nothing = key === "shared_bytes" ? "Nothing was in the shared buffer" : "No headroom was used";
        plots.buffer.show(buffer(chosen(), key), nothing);
      };
      const updates = [switchable("throughput", showRate), switchable("buffer", showBuffer)];
      const update = () => {
        updates.forEach(show => show());
        plots.depth.show(depth(chosen()), "No queue held a packet");
        plots.paused.marks = moments(chosen(), storms);
        plots.paused.show(paused(chosen()), "No priority was paused");
        plots.latency.show(latency(chosen()), "No packet was measured");
      };
      select.addEventListener("change", update);
      update();
    }

    /** Makes the buttons of a plot choose what `show` shows; returns what shows the present choice again. */
    function switchable(id, show) {
      const buttons = [...document.querySelectorAll("#" + id + " .switch button")];
      let value = buttons[0].value;
      const update = () => {
        for (const button of buttons) button.setAttribute("aria-pressed", button.value === value);
        show(value);
      };
      for (const button of buttons) button.addEventListener("click", () => { value = button.value; update(); });
      return update;
    }

    assignStyles();
    startTheme();
    document.querySelectorAll("table.sortable").forEach(makeSortable);
    startPlots();
    """#

  /// The part of a page's script that orders tables.
  static let tableScript = #"""
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
    """#
}
