extension ReportHTML {
  /// The plot of latency by percentile.
  static let latencyPlotScript = #"""
    /** The share of packets that took no longer than a time: time on a log axis, the share by nines. */
    class LatencyPlot extends Plot {
      scale(lines) {
        let low = Infinity, high = 0, packets = 1;
        for (const { latency } of lines) {
          low = Math.min(low, latency.min || 0.001);
          high = Math.max(high, latency.max || 0.001);
          packets = Math.max(packets, latency.count);
        }
        low /= 1.12;
        high *= 1.12;
        if (high / low < 4) { const middle = Math.sqrt(low * high); low = middle / 2; high = middle * 2; }
        const { left, right, top, bottom } = this.area;
        this.low = low;
        this.high = high;
        this.nines = Math.min(6, Math.max(3.2, Math.log10(packets)));
        this.x = time => left + Math.log(Math.max(time, low) / low) / Math.log(high / low) * (right - left);
        const nines = share => Math.min(this.nines, -Math.log10(Math.max(1 - share, 1e-12)));
        this.y = share => bottom - nines(share) / this.nines * (bottom - top);
        for (const line of lines) {
          let sum = 0;
          line.steps = line.histogram.map(([upper, count]) => {
            sum += count;
            return { time: Math.min(upper, line.latency.max), share: Math.min(1, sum / line.latency.count) };
          });
        }
        return true;
      }

      axes() {
        this.horizontal(this.area.bottom, "min", "axis");
        const shares = { p50: 0.5, p90: 0.9, p99: 0.99, "p99.9": 0.999, "p99.99": 0.9999, "p99.999": 0.99999 };
        for (const [label, share] of Object.entries(shares)) {
          if (-Math.log10(1 - share) <= this.nines + 1e-9) this.horizontal(this.y(share), label, "grid");
        }
        const decades = Math.log10(this.high / this.low);
        const factors = decades < 1.2 ? [1, 1.5, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
        let last = -Infinity;
        for (let power = Math.floor(Math.log10(this.low)); power <= Math.log10(this.high); power += 1) {
          for (const factor of factors) {
            const time = factor * 10 ** power;
            if (time < this.low || time > this.high || this.x(time) < last + 60) continue;
            last = this.x(time);
            this.vertical(last, formatTime(time * 1000));
          }
        }
      }

      drawLines(lines, parent) {
        for (const line of [...lines].reverse()) {
          const colour = this.colour(line), start = line.latency.min || 0;
          let path = "M" + this.x(start).toFixed(1) + " " + this.area.bottom;
          for (const { time, share } of line.steps) {
            path += "H" + this.x(time).toFixed(1) + "V" + this.y(share).toFixed(1);
          }
          const style = "stroke:" + colour;
          svg("path", { d: path, class: "line", style, "stroke-dasharray": this.dash(line) }, parent);
          for (const [key, share] of [["p50", 0.5], ["p90", 0.9], ["p99", 0.99], ["p999", 0.999]]) {
            const cx = this.x(line.latency[key]), cy = this.y(share);
            svg("circle", { cx, cy, r: 3.5, class: "dot", style: "fill:" + colour }, parent);
          }
        }
      }

      read(x, lines) {
        const { left, right } = this.area;
        const time = this.low * (this.high / this.low) ** ((x - left) / (right - left));
        const rows = lines.map(line => {
          let share = 0;
          for (const step of line.steps) if (step.time <= time) share = step.share; else break;
          return { line, share, y: this.y(share), text: formatShare(share) };
        }).sort((a, b) => b.share - a.share);
        return { head: "took no longer than " + formatTime(time * 1000), at: x, rows };
      }
    }
    """#
}
