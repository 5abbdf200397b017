extension ReportHTML {
  /// The part of the page's script that every plot shares: units, scales, the legend, the crosshair and its tooltip.
  ///
  /// Text reaches the page through `textContent` and attributes of elements only, never as markup.
  package static let plotScript = #"""
    "use strict";
    const shownAtFirst = 8, colours = 8;

    function scaled(value, units) {
      if (value === 0) return "0 " + units[0];
      let unit = 0;
      while (unit < units.length - 1 && Math.abs(value) >= 999.95) { value /= 1000; unit += 1; }
      return Number(value.toPrecision(4)) + " " + units[unit];
    }
    const formatRate = value => scaled(value, ["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s", "Pb/s"]);
    const formatBytes = value => scaled(value, ["B", "kB", "MB", "GB", "TB"]);
    const formatTime = picoseconds => picoseconds === 0 ? "0" : scaled(picoseconds, ["ps", "ns", "\u00b5s", "ms", "s"]);
    const formatShare = value => (value * 100).toFixed(2) + " %";
    const formatPart = value => Number((value * 100).toFixed(2)) + " %";
    const dashes = ["none", "7 3", "2 3", "9 3 2 3"];

    function svg(name, attributes, parent) {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const key in attributes) element.setAttribute(key, attributes[key]);
      if (parent) parent.append(element);
      return element;
    }

    function tag(name, className, text, parent) {
      const element = document.createElement(name);
      if (className) element.className = className;
      if (text !== undefined) element.textContent = text;
      if (parent) parent.append(element);
      return element;
    }

    /** Round values from 0 to at least `top`, about five of them. */
    function ticks(from, to, wanted) {
      const rough = (to - from) / wanted, power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 2.5, 5, 10].find(factor => factor * power >= rough * 0.999) * power;
      const values = [];
      for (let index = Math.ceil(from / step - 1e-9); index * step <= to * (1 + 1e-9); index += 1) {
        values.push(index * step);
      }
      return { step, values };
    }

    /** A frame, its axes, its lines and its legend. Kinds of plots say how values become positions. */
    class Plot {
      constructor(id) {
        this.figure = document.getElementById(id);
        this.canvas = this.figure.querySelector(".canvas");
        this.legend = this.figure.querySelector(".legend");
        this.title = this.figure.querySelector("h2").textContent;
        this.lines = [];
        this.tip = tag("div", "tip");
        this.tip.hidden = true;
        this.canvas.addEventListener("pointermove", event => this.point(this.position(event)));
        this.canvas.addEventListener("pointerleave", () => this.leave());
        this.canvas.addEventListener("blur", () => this.leave());
        this.canvas.addEventListener("keydown", event => this.key(event));
        new ResizeObserver(() => this.draw()).observe(this.canvas);
      }

      /** Where in the frame an event happened, from its left edge. */
      position(event) { return event.clientX - this.canvas.getBoundingClientRect().left; }

      /** Shows `lines`, largest first, the first few switched on. */
      show(lines, empty) {
        this.lines = [...lines].sort((a, b) => b.size - a.size);
        this.empty = empty;
        this.expanded = false;
        this.buildLegend();
        this.largest();
      }

      /** Switches the largest lines on and the others off. */
      largest() {
        this.lines.forEach((line, index) => { line.slot = index < shownAtFirst ? index : -1; });
        this.draw();
      }

      visible() { return this.lines.filter(line => line.slot >= 0); }

      colour(line) { return "var(" + (line.colour ?? "--c" + line.slot % colours) + ")"; }

      dash(line) { return line.dash ?? (line.colour ? "none" : dashes[Math.floor(line.slot / colours) % 4]); }

      /** A sample of a line: one with dashes shows them. */
      swatch(line) {
        const colour = this.colour(line), [dash, gap] = this.dash(line).split(" ").map(Number);
        if (!gap) return colour;
        const end = (dash + gap) / 1.5;
        return `repeating-linear-gradient(90deg, ${colour} 0 ${dash / 1.5}px, transparent ${dash / 1.5}px ${end}px)`;
      }

      switchOn(line) {
        const used = new Set(this.lines.map(other => other.slot));
        let slot = 0;
        while (used.has(slot)) slot += 1;
        line.slot = slot;
      }

      buildLegend() {
        this.legend.replaceChildren();
        for (const line of this.lines) {
          const button = tag("button", "", undefined, this.legend);
          button.type = "button";
          line.swatch = tag("span", "swatch", undefined, button);
          tag("span", "", line.label, button);
          tag("small", "", line.note, button);
          line.button = button;
          button.addEventListener("click", () => {
            if (line.slot >= 0) line.slot = -1; else this.switchOn(line);
            this.draw();
          });
        }
        if (this.lines.length < 2) return;
        const more = this.lines.length - shownAtFirst;
        if (more > 0) {
          this.more = this.control(more + " more", () => { this.expanded = !this.expanded; this.draw(); });
        }
        this.control(more > 0 ? "Largest " + shownAtFirst : "All", () => this.largest());
        this.control("None", () => { this.lines.forEach(line => { line.slot = -1; }); this.draw(); });
      }

      control(text, action) {
        const button = tag("button", "control", text, this.legend);
        button.type = "button";
        button.addEventListener("click", action);
        return button;
      }

      /** Brings the legend in line with what is shown: beyond the largest, lines that are off wait behind a button. */
      updateLegend() {
        this.lines.forEach((line, index) => {
          const isOn = line.slot >= 0;
          line.button.hidden = !isOn && !this.expanded && index >= shownAtFirst;
          line.button.setAttribute("aria-pressed", isOn);
          line.swatch.style.background = isOn ? this.swatch(line) : "";
        });
        this.legend.classList.toggle("expanded", this.expanded);
        if (!this.more || this.lines.length <= shownAtFirst) return;
        const hidden = this.lines.filter(line => line.button.hidden).length;
        this.more.textContent = this.expanded ? "Fewer" : hidden + " more";
        this.more.setAttribute("aria-expanded", this.expanded);
        this.more.hidden = !this.expanded && hidden === 0;
      }

      draw() {
        const width = this.canvas.clientWidth;
        if (!width) return;
        const lines = this.visible();
        this.updateLegend();
        this.canvas.classList.toggle("blank", !this.lines.length);
        this.canvas.setAttribute("aria-label", this.title + ": " +
          (lines.map(line => line.label + " " + line.note).join(", ") || "nothing shown"));
        const height = this.canvas.clientHeight;
        this.area = { left: 78, right: width - 14, top: this.marks?.length ? 28 : 12, bottom: height - 30, height };
        this.canvas.replaceChildren(this.tip);
        this.tip.hidden = true;
        if (!lines.length || !this.scale(lines)) {
          tag("div", "empty", this.lines.length ? "Choose a line below" : this.empty, this.canvas);
          return;
        }
        this.drawing = svg("svg", { height: this.area.height, "aria-hidden": "true" }, this.canvas);
        this.axes();
        const top = svg("g", {}, this.drawing);
        this.drawLines(lines, top);
        this.drawLimit();
        this.drawMarks();
        this.overlay = svg("g", {}, this.drawing);
      }

      /** Draws what bounds the lines, when something does. */
      drawLimit() {}

      /** Draws moments, when the kind of plot has them. */
      drawMarks() {}

      horizontal(y, label, kind) {
        const { left, right } = this.area;
        svg("line", { x1: left, x2: right, y1: y, y2: y, class: kind }, this.drawing);
        svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, this.drawing).textContent = label;
      }

      vertical(x, label) {
        const { top, bottom } = this.area;
        svg("line", { x1: x, x2: x, y1: top, y2: bottom, class: "grid" }, this.drawing);
        svg("text", { x, y: bottom + 19, "text-anchor": "middle" }, this.drawing).textContent = label;
      }

      key(event) {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (event.key === "Escape") this.leave();
        if (!step || !this.drawing) return;
        event.preventDefault();
        const { left, right } = this.area;
        this.point(Math.min(right, Math.max(left, (this.at ?? left) + step * (event.shiftKey ? 40 : 4))));
      }

      /** Puts the crosshair at `x` and lists the values there. */
      point(x) {
        const lines = this.visible();
        const { left, right, top, bottom } = this.area ?? {};
        if (!lines.length || !this.overlay || x < left - 4 || x > right + 4) return this.leave();
        this.at = x;
        this.overlay.replaceChildren();
        const { head, at, rows, notes } = this.read(Math.min(right, Math.max(left, x)), lines);
        svg("line", { x1: at, x2: at, y1: top, y2: bottom, class: "cross" }, this.overlay);
        this.tip.replaceChildren();
        tag("p", "", head, this.tip);
        for (const row of rows.slice(0, 12)) {
          const colour = this.colour(row.line);
          svg("circle", { cx: at, cy: row.y, r: 4, class: "dot", style: "fill:" + colour }, this.overlay);
          const item = tag("div", "", undefined, this.tip);
          tag("i", "swatch", undefined, item).style.background = this.swatch(row.line);
          tag("span", "", row.line.label, item);
          tag("b", "", row.text, item);
        }
        if (rows.length > 12) tag("p", "", "and " + (rows.length - 12) + " more", this.tip);
        for (const note of notes ?? []) tag("p", "moment", note, this.tip);
        this.tip.hidden = false;
        const width = this.tip.offsetWidth;
        this.tip.style.left = (at + 16 + width > right ? Math.max(0, at - 16 - width) : at + 16) + "px";
      }

      leave() {
        this.at = undefined;
        this.tip.hidden = true;
        if (this.overlay) this.overlay.replaceChildren();
      }
    }
    """#
}
