extension ReportHTML {
  /// The two kinds of plots: values over time, and latency by percentile.
  static let plotKindsScript = #"""
    /** The part of virtual time that all time plots show, in picoseconds. */
    const view = { from: 0, to: 1 };

    /** Values per bin over time. Bins that share a column are joined by their `sum` (a rate) or their maximum. */
    class TimePlot extends Plot {
      constructor(id, { binWidth, duration, format, zoom }) {
        super(id);
        Object.assign(this, { binWidth, duration, format, zoom });
        this.canvas.addEventListener("pointerdown", event => {
          if (event.button === 0) this.drag = this.position(event);
        });
        this.canvas.addEventListener("pointerup", event => this.release(this.position(event)));
        this.canvas.addEventListener("dblclick", () => this.zoom(0, this.duration));
      }

      /**
       * Columns of whole bins, each with its times and the value of `line`: a pixel wide or more. Those of rates are four
       * pixels wide, because a bin counts whole frames: the fewer it holds, the more a steady rate seems to jump.
       */
      columns(line) {
        const first = Math.floor(view.from / this.binWidth), last = Math.ceil(view.to / this.binWidth);
        const wanted = (this.area.right - this.area.left) / (line.sum ? 4 : 1);
        const group = Math.max(1, Math.ceil((last - first) / wanted));
        const columns = [];
        for (let bin = first; bin < last; bin += group) {
          let sum = 0, most = 0;
          for (let index = bin; index < Math.min(bin + group, last); index += 1) {
            const value = line.values[index] ?? 0;
            sum += value;
            most = Math.max(most, value);
          }
          const from = bin * this.binWidth, to = Math.min((bin + group) * this.binWidth, this.duration);
          if (to > from) columns.push({ from, to, value: line.sum ? sum * 8e12 / (to - from) : most });
        }
        return columns;
      }

      scale(lines) {
        if (!this.binWidth || !this.duration) return false;
        let most = 0;
        for (const line of lines) {
          line.columns = this.columns(line);
          for (const column of line.columns) most = Math.max(most, column.value);
        }
        this.limit = this.lineRate && most > this.lineRate * 0.4 ? this.lineRate : 0;
        const { left, right, top, bottom } = this.area;
        this.yTicks = ticks(0, Math.max(most, this.limit) || 1, 4);
        const highest = Math.max(this.yTicks.values.at(-1), Math.max(most, this.limit) * 1.04);
        const scale = (right - left) / (view.to - view.from);
        this.x = time => left + (Math.min(Math.max(time, view.from), view.to) - view.from) * scale;
        this.y = value => bottom - value / highest * (bottom - top);
        return true;
      }

      axes() {
        for (const value of this.yTicks.values) {
          this.horizontal(this.y(value), value === 0 ? "0" : this.format(value), value === 0 ? "axis" : "grid");
        }
        const wanted = Math.max(2, Math.floor((this.area.right - this.area.left) / 130));
        for (const time of ticks(view.from, view.to, wanted).values) this.vertical(this.x(time), formatTime(time));
      }

      drawLimit() {
        if (!this.limit) return;
        const { left, right } = this.area, y = this.y(this.limit);
        svg("line", { x1: left, x2: right, y1: y, y2: y, class: "limit" }, this.drawing);
        const label = svg("text", { x: right, y: y - 5, "text-anchor": "end", class: "label" }, this.drawing);
        label.textContent = "line rate " + this.format(this.limit);
      }

      drawLines(lines, parent) {
        for (const line of [...lines].reverse()) {
          let path = "";
          for (const { from, to, value } of line.columns) {
            const y = this.y(value).toFixed(1);
            path += (path ? "L" : "M") + this.x(from).toFixed(1) + " " + y + "H" + this.x(to).toFixed(1);
          }
          if (!path) continue;
          const colour = this.colour(line), { left, bottom } = this.area;
          if (lines.length === 1) {
            const end = this.x(line.columns.at(-1).to).toFixed(1);
            const area = path + "L" + end + " " + bottom + "L" + left + " " + bottom + "Z";
            svg("path", { d: area, class: "area", style: "fill:" + colour }, parent);
          }
          const style = "stroke:" + colour;
          svg("path", { d: path, class: "line", style, "stroke-dasharray": this.dash(line) }, parent);
        }
      }

      dash(line) {
        return line.colour ? "none" : ["none", "7 3", "2 3", "9 3 2 3"][Math.floor(line.slot / colours) % 4];
      }

      read(x, lines) {
        const { left, right } = this.area;
        const time = view.from + (x - left) / (right - left) * (view.to - view.from);
        const columns = lines[0].columns;
        let index = columns.findIndex(column => time < column.to);
        if (index < 0) index = columns.length - 1;
        const { from, to } = columns[index];
        if (this.drag !== undefined && Math.abs(x - this.drag) > 3) {
          const start = Math.min(x, this.drag), width = Math.abs(x - this.drag);
          const { top, bottom } = this.area;
          svg("rect", { x: start, y: top, width, height: bottom - top, class: "band" }, this.overlay);
        }
        const rows = lines.map(line => {
          const value = line.columns[index].value;
          return { line, value, y: this.y(value), text: this.format(value) };
        }).sort((a, b) => b.value - a.value);
        return { head: (from === 0 ? "0 s" : formatTime(from)) + " to " + formatTime(to), at: x, rows };
      }

      release(x) {
        const start = this.drag;
        this.drag = undefined;
        if (start === undefined || Math.abs(x - start) < 8 || !this.drawing) return;
        const { left, right } = this.area, span = view.to - view.from;
        const time = position => view.from + (Math.min(right, Math.max(left, position)) - left) / (right - left) * span;
        const from = Math.floor(time(Math.min(start, x)) / this.binWidth) * this.binWidth;
        const to = Math.min(this.duration, Math.ceil(time(Math.max(start, x)) / this.binWidth) * this.binWidth);
        if (to - from >= 2 * this.binWidth) this.zoom(from, to);
      }

      leave() { this.drag = undefined; super.leave(); }
    }

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
          svg("path", { d: path, class: "line", style: "stroke:" + colour }, parent);
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
