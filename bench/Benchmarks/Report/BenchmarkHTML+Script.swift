extension BenchmarkHTML {
  /// The part of the page's script that draws curves.
  static let script = #"""
    const formatCount = value => value < 1000 ? String(Number(value.toPrecision(4)))
      : scaled(value, ["", "k", "M", "G"]).replace(" ", "");

    /** Values over a variable: on a log axis if it spans much, and so latency; with a band from the least to the most. */
    class CurvePlot extends Plot {
      constructor(curve) {
        super(curve.id);
        this.curve = curve;
        this.format = { ns: value => Number(value.toPrecision(3)) + " ns", latency: value => formatTime(value * 1000),
          Mpps: value => Number(value.toPrecision(3)) + " Mpps" }[curve.unit];
        this.show(curve.lines.map(line => {
          const last = line.points.at(-1);
          return { label: line.label, points: line.points, size: last.y,
            note: this.format(last.y) + " at " + formatCount(last.x) };
        }), "nothing measured");
      }

      scale(lines) {
        const points = lines.flatMap(line => line.points);
        let low = Math.min(...points.map(point => point.x)), high = Math.max(...points.map(point => point.x));
        this.isLog = low > 0 && high / low >= 20;
        if (low === high) high = low + 1;
        const { left, right, top, bottom } = this.area, scale = value => this.isLog ? Math.log(value) : value;
        const from = scale(low), to = scale(high);
        [this.low, this.high] = [low, high];
        this.x = value => left + 6 + (scale(value) - from) / (to - from) * (right - left - 12);
        const least = Math.min(...points.map(point => point.low).filter(value => value > 0));
        const most = Math.max(...points.map(point => point.high));
        if (this.curve.unit === "latency" && most / least >= 30) {
          // From one power of ten to another; what took no time stands on the axis.
          const first = Math.floor(Math.log10(least)), last = Math.ceil(Math.log10(most));
          this.yTicks = { values: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)) };
          this.y = value => bottom - Math.max(0, Math.log10(Math.max(value, 1e-9)) - first) / (last - first)
            * (bottom - top);
          return true;
        }
        this.yTicks = ticks(0, most * 1.04 || 1, 4);
        const highest = Math.max(this.yTicks.values.at(-1), most);
        this.y = value => bottom - Math.max(0, value) / highest * (bottom - top);
        return true;
      }

      axes() {
        for (const value of this.yTicks.values) {
          const isAxis = value === this.yTicks.values[0];
          this.horizontal(this.y(value), value === 0 ? "0" : this.format(value), isAxis ? "axis" : "grid");
        }
        let values = [];
        if (this.isLog) {
          for (let power = Math.ceil(Math.log10(this.low)); 10 ** power <= this.high * 1.001; power += 1) {
            values.push(10 ** power);
          }
          if (values.length < 3) values = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];
        } else {
          values = ticks(this.low, this.high, 6).values;
        }
        let last = -Infinity;
        for (const value of values) {
          if (value < this.low || value > this.high || this.x(value) < last + 48) continue;
          last = this.x(value);
          this.vertical(last, formatCount(value));
        }
      }

      drawLines(lines, parent) {
        const at = (x, y) => this.x(x).toFixed(1) + " " + this.y(y).toFixed(1);
        for (const line of [...lines].reverse()) {
          const colour = this.colour(line), points = line.points;
          const band = "M" + [...points.map(point => at(point.x, point.high)),
            ...[...points].reverse().map(point => at(point.x, point.low))].join("L") + "Z";
          svg("path", { d: band, class: "area", style: "fill:" + colour }, parent);
          const d = "M" + points.map(point => at(point.x, point.y)).join("L");
          svg("path", { d, class: "line", style: "stroke:" + colour, "stroke-dasharray": this.dash(line) }, parent);
          for (const point of points) {
            const attributes = { cx: this.x(point.x), cy: this.y(point.y), r: 3.5, class: "dot" };
            svg("circle", { ...attributes, style: "fill:" + colour }, parent);
          }
        }
      }

      /** The measured point that is nearest to the crosshair, and every line's value there. */
      read(x, lines) {
        const points = lines.flatMap(line => line.points);
        const nearest = points.reduce((best, point) =>
          Math.abs(this.x(point.x) - x) < Math.abs(this.x(best.x) - x) ? point : best);
        const rows = lines.flatMap(line => {
          const point = line.points.find(point => point.x === nearest.x);
          const range = point && point.low !== point.high
            ? " (" + this.format(point.low) + " to " + this.format(point.high) + ")" : "";
          return point ? [{ line, y: this.y(point.y), value: point.y, text: this.format(point.y) + range }] : [];
        }).sort((a, b) => b.value - a.value);
        return { head: formatCount(nearest.x) + " " + this.curve.variable, at: this.x(nearest.x), rows };
      }
    }

    startTheme();
    for (const curve of JSON.parse(document.getElementById("curves").textContent)) new CurvePlot(curve);
    """#
}
