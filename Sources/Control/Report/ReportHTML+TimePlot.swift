extension ReportHTML {
  /// Plots of values over time.
  static let timePlotScript = #"""
    /** The part of virtual time that all time plots show, in picoseconds. */
    const view = { from: 0, to: 1 };

    /**
     * Values per bin over time. Bins that share a column are joined by their sum, of which a picosecond is worth
     * `per`, or by their maximum. A line can have `bounds`: what it was allowed, drawn with dots where it fits.
     */
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
        const wanted = (this.area.right - this.area.left) / (line.per ? 4 : 1);
        const group = Math.max(1, Math.ceil((last - first) / wanted));
        const columns = [];
        for (let bin = first; bin < last; bin += group) {
          let sum = 0, most = 0, bound = Infinity;
          for (let index = bin; index < Math.min(bin + group, last); index += 1) {
            const value = line.values[index] ?? 0;
            sum += value;
            most = Math.max(most, value);
            if (line.bounds) bound = Math.min(bound, line.bounds[index] ?? 0);
          }
          const from = bin * this.binWidth, to = Math.min((bin + group) * this.binWidth, this.duration);
          if (to <= from) continue;
          columns.push({ from, to, bound, value: line.per ? sum * line.per / (to - from) : most });
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
        let tallest = Math.max(most, this.limit);
        for (const line of lines) {
          if (line.bounds) tallest = Math.max(tallest, this.nearBound(line));
        }
        const { left, right, top, bottom } = this.area;
        this.yTicks = ticks(0, tallest || 1, 4);
        const highest = this.highest = Math.max(this.yTicks.values.at(-1), tallest * 1.04);
        const scale = (right - left) / (view.to - view.from);
        this.x = time => left + (Math.min(Math.max(time, view.from), view.to) - view.from) * scale;
        this.y = value => bottom - value / highest * (bottom - top);
        return true;
      }

      /** The largest bound that a line came near to; bounds far above all use would press the lines to the ground. */
      nearBound(line) {
        let near = 0;
        for (const { value, bound } of line.columns) if (value > bound * 0.3) near = Math.max(near, bound);
        return near;
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
          if (line.bounds) svg("path", { d: this.boundPath(line), class: "bound", style }, parent);
        }
      }

      /** The line of what was allowed, with gaps where it is above the frame. */
      boundPath(line) {
        let path = "", isDown = false;
        for (const { from, to, bound } of line.columns) {
          const fits = bound <= this.highest && bound > 0;
          if (fits) {
            path += (isDown ? "L" : "M") + this.x(from).toFixed(1) + " " + this.y(bound).toFixed(1) +
              "H" + this.x(to).toFixed(1);
          }
          isDown = fits;
        }
        return path;
      }

      /** Moments above the frame: a triangle down stops somebody, one up lets go. One for each kind and pixel. */
      drawMarks() {
        const drawn = new Set();
        for (const { time, kind } of this.marks ?? []) {
          if (time < view.from || time > view.to) continue;
          const x = Math.round(this.x(time)), key = kind + x;
          if (drawn.has(key)) continue;
          drawn.add(key);
          const y = kind === "go" ? 16 : 4, tip = kind === "go" ? y - 7 : y + 7;
          const d = "M" + (x - 4) + " " + y + "h8L" + x + " " + tip + "Z";
          svg("path", { d, class: "mark " + kind }, this.drawing);
        }
      }

      /** The moments under the crosshair, in words. */
      notes(x) {
        const near = (this.marks ?? []).filter(mark => mark.time >= view.from && mark.time <= view.to &&
          Math.abs(this.x(mark.time) - x) <= 4);
        const words = near.slice(0, 5).map(mark => formatTime(mark.time) + " " + mark.text);
        return near.length > 5 ? [...words, "and " + (near.length - 5) + " more moments"] : words;
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
          const of = line.bounds ? " of " + this.format(line.columns[index].bound) : "";
          return { line, value, y: this.y(value), text: this.format(value) + of };
        }).sort((a, b) => b.value - a.value);
        const head = (from === 0 ? "0 s" : formatTime(from)) + " to " + formatTime(to);
        return { head, at: x, rows, notes: this.notes(x) };
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
    """#
}
