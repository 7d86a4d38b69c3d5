"use strict";
// Everything that a file says reaches the page through textContent or attributes, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("graphs").textContent);
  const SVG = "http://www.w3.org/2000/svg", W = 190, H = 40, GX = 24, GY = 26, PAD = 14, HEAD = 30;
  const say = text => { document.getElementById("said").textContent = text; };
  const make = (name, attributes, parent) => {
    const found = document.createElementNS(SVG, name);
    for (const key in attributes) found.setAttribute(key, attributes[key]);
    if (parent) parent.append(found);
    return found;
  };

  // Old path of every node: a nested model that Keras 3 alone has stands for nothing of its own.
  const rows = new Map([...document.querySelectorAll("#layers > div")].map(row => [row.dataset.path, row]));
  const trace = (nodes, prefix, old, whole) => nodes.forEach(node => {
    const own = old ? node.name : node.from;
    node.path = own == null ? whole : (prefix ? prefix + "/" : "") + own;
    const row = rows.get(node.path);
    node.changed = Boolean(row && row.dataset.changed);
    if (node.nodes) trace(node.nodes, own == null ? prefix : node.path, old, node.path);
  });

  // Ranks by the longest way from an input; an edge that closes a circle (a shared layer) counts for nothing.
  const order = nodes => {
    const rank = new Array(nodes.length).fill(-1), open = new Uint8Array(nodes.length);
    nodes.forEach((_, start) => {
      const stack = [start];
      while (stack.length) {
        const at = stack[stack.length - 1];
        if (rank[at] >= 0) { stack.pop(); continue; }
        if (!open[at]) {
          open[at] = 1;
          const next = nodes[at].inputs.filter(i => rank[i] < 0 && !open[i]);
          if (next.length) { stack.push(...next); continue; }
        }
        rank[at] = 1 + Math.max(-1, ...nodes[at].inputs.map(i => rank[i]));
        stack.pop();
      }
    });
    return rank;
  };

  const layout = (nodes, unfolded) => {
    const rank = order(nodes), lines = [];
    nodes.forEach((node, i) => {
      node.inside = node.nodes && unfolded.has(node) ? layout(node.nodes, unfolded) : null;
      node.w = node.inside ? Math.max(W, node.inside.w + 2 * PAD) : W;
      node.h = node.inside ? node.inside.h + HEAD + PAD : H;
      (lines[rank[i]] = lines[rank[i]] || []).push(node);
    });
    let y = 0, width = 0;
    for (const line of lines) {
      line.forEach((node, i) => {
        const xs = node.inputs.map(j => nodes[j]).filter(n => n.x !== undefined && n !== node).map(n => n.x + n.w / 2);
        node.want = xs.length ? xs.reduce((a, b) => a + b, 0) / xs.length : i * 1e-3;
      });
      line.sort((a, b) => a.want - b.want);
      const whole = line.reduce((sum, n) => sum + n.w + GX, -GX);
      let x = -whole / 2;
      for (const node of line) { node.x = x; node.y = y; x += node.w + GX; }
      width = Math.max(width, whole);
      y += Math.max(...line.map(n => n.h)) + GY;
    }
    for (const node of nodes) node.x += width / 2;
    return { nodes, w: width, h: Math.max(0, y - GY) };
  };

  class Pane {
    constructor(svg, nodes) {
      Object.assign(this, { svg, nodes, unfolded: new Set(), scale: 1, path: null });
      this.world = make("g", {}, svg);
      this.arrange();
      // As wide as the pane, as long as the names can be read.
      this.scale = Math.min(1, Math.max(.6, (svg.clientWidth - 20) / this.all.w));
      this.x = svg.clientWidth / 2 - this.all.w / 2 * this.scale;
      this.y = 20;
      this.listen();
    }
    arrange() { this.forget(this.nodes); this.all = layout(this.nodes, this.unfolded); }
    forget(nodes) { for (const node of nodes) { node.x = undefined; if (node.nodes) this.forget(node.nodes); } }
    soon() { if (!this.waiting) { this.waiting = true; requestAnimationFrame(() => { this.waiting = false; this.draw(); }); } }
    draw() {
      const { svg, scale } = this, world = make("g", { transform: `translate(${this.x} ${this.y}) scale(${scale})`, class: scale < .35 ? "far" : "" });
      const box = [-this.x / scale, -this.y / scale, (svg.clientWidth - this.x) / scale, (svg.clientHeight - this.y) / scale];
      this.paint(this.all, 0, 0, world, box);
      this.world.replaceWith(world);
      this.world = world;
    }
    paint(found, dx, dy, into, [left, top, right, bottom]) {
      const box = [left - dx, top - dy, right - dx, bottom - dy], g = make("g", { transform: `translate(${dx} ${dy})` }, into);
      const edges = [];
      for (const node of found.nodes) {
        for (const i of node.inputs) {
          const a = found.nodes[i], x1 = a.x + a.w / 2, y1 = a.y + a.h, x2 = node.x + node.w / 2, y2 = node.y;
          if (Math.max(y1, y2) < box[1] || Math.min(y1, y2) > box[3] || Math.max(x1, x2) + W < box[0] || Math.min(x1, x2) - W > box[2]) continue;
          const bow = y2 - y1 > GY * 2 && Math.abs(x2 - x1) < 8 ? W * .85 : 0, mid = Math.min(40, Math.abs(y2 - y1) / 2);
          edges.push(`M${x1} ${y1}C${x1 + bow} ${y1 + mid} ${x2 + bow} ${y2 - mid} ${x2} ${y2}`);
        }
      }
      if (edges.length) make("path", { d: edges.join("") }, g);
      for (const node of found.nodes) {
        if (node.y + node.h < box[1] || node.y > box[3] || node.x + node.w < box[0] || node.x > box[2]) continue;
        this.one(node, g);
        if (node.inside) this.paint(node.inside, node.x + (node.w - node.inside.w) / 2, node.y + HEAD, g, box);
      }
    }
    one(node, into) {
      const kind = [node.path && node.path === this.path ? "here" : "", node.changed ? "changed" : "",
        node.inside ? "open" : "", /^[a-z_0-9]+$/.test(node.class) ? "op" : ""].join(" ");
      const g = make("g", { class: kind, transform: `translate(${node.x} ${node.y})` }, into);
      g.node = node;
      make("rect", { width: node.w, height: node.h, rx: 5 }, g);
      if (this.scale < .35) return;
      const fold = node.nodes ? (node.inside ? "▾ " : `▸ ${node.nodes.length}: `) : "";
      const short = text => text.length > 25 ? text.slice(0, 24) + "…" : text;
      make("text", { x: 8, y: 16 }, g).textContent = short(fold + node.class + (node.inside ? " " + node.name : ""));
      if (!node.inside) make("text", { x: 8, y: 32, class: "soft" }, g).textContent = short(node.name);
      make("title", {}, g).textContent = node.name + (node.shape ? " (" + node.shape.map(n => n ?? "?").join(", ") + ")" : "");
    }
    zoom(by, cx = this.svg.clientWidth / 2, cy = this.svg.clientHeight / 2) {
      const next = Math.min(3, Math.max(.02, this.scale * by)), real = next / this.scale;
      this.x = cx - (cx - this.x) * real; this.y = cy - (cy - this.y) * real; this.scale = next; this.soon();
    }
    fit() {
      const { svg, all } = this;
      this.scale = Math.min(1, Math.max(.08, Math.min((svg.clientWidth - 20) / all.w, (svg.clientHeight - 20) / all.h)));
      this.x = (svg.clientWidth - all.w * this.scale) / 2; this.y = 10; this.soon();
    }
    fold(node) { this.unfolded.has(node) ? this.unfolded.delete(node) : this.unfolded.add(node); this.arrange(); this.soon(); }
    find(path) {
      const walk = (nodes, way) => {
        for (const node of nodes) {
          if (node.path === path) return [...way, node];
          const found = node.nodes && walk(node.nodes, [...way, node]);
          if (found) return found;
        }
        return null;
      };
      return walk(this.nodes, []);
    }
    show(path) {
      this.path = path;
      const way = this.find(path);
      if (way) {
        let missing = false;
        for (const node of way.slice(0, -1)) if (!this.unfolded.has(node)) { this.unfolded.add(node); missing = true; }
        if (missing) this.arrange();
        let x = 0, y = 0;
        way.forEach((node, i) => {
          x += node.x; y += node.y;
          if (i < way.length - 1) { x += (node.w - node.inside.w) / 2; y += HEAD; }
        });
        const last = way[way.length - 1];
        if (this.scale < .35) this.scale = .8;
        this.x = this.svg.clientWidth / 2 - (x + last.w / 2) * this.scale;
        this.y = this.svg.clientHeight / 2 - (y + Math.min(last.h, 200) / 2) * this.scale;
      }
      this.soon();
    }
    listen() {
      const { svg } = this;
      let from = null, moved = false;
      svg.addEventListener("pointerdown", e => { from = [e.clientX - this.x, e.clientY - this.y]; moved = false; });
      addEventListener("pointermove", e => {
        if (!from) return;
        const x = e.clientX - from[0], y = e.clientY - from[1];
        moved = moved || Math.abs(x - this.x) + Math.abs(y - this.y) > 4;
        if (moved) { this.x = x; this.y = y; this.soon(); }
      });
      addEventListener("pointerup", () => { from = null; });
      svg.addEventListener("wheel", e => {
        e.preventDefault();
        const box = svg.getBoundingClientRect();
        if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(-e.deltaY / 200), e.clientX - box.left, e.clientY - box.top);
        else { this.x -= e.deltaX; this.y -= e.deltaY; this.soon(); }
      }, { passive: false });
      svg.addEventListener("click", e => {
        const g = e.target.closest("g[class]:not(.far)");
        if (moved || !g || !g.node) return;
        if (g.node.path) choose(g.node.path, false);
        if (g.node.nodes) this.fold(g.node);
      });
      svg.addEventListener("keydown", e => {
        const steps = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40], PageUp: [0, 400], PageDown: [0, -400] };
        if (e.key === "+" || e.key === "=") this.zoom(1.25);
        else if (e.key === "-") this.zoom(.8);
        else if (e.key === "0") this.fit();
        else if (e.key === "n" || e.key === "p") step(e.key === "n" ? 1 : -1);
        else if (e.key === "Enter" && this.path) { const way = this.find(this.path), last = way && way[way.length - 1]; if (last && last.nodes) this.fold(last); }
        else if (steps[e.key]) { this.x += steps[e.key][0]; this.y += steps[e.key][1]; this.soon(); }
        else return;
        e.preventDefault();
      });
      if (window.ResizeObserver) new ResizeObserver(() => this.soon()).observe(svg);
    }
  }

  const panes = [];
  let current = null;
  const choose = (path, scroll) => {
    if (current) rows.get(current)?.classList.remove("here");
    current = path;
    const row = rows.get(path);
    if (row) {
      row.hidden = false;
      row.classList.add("here");
      say(row.querySelector("summary").textContent.trim().replace(/\s+/g, " "));
      if (scroll) row.scrollIntoView({ block: "center" });
    }
    panes.forEach(pane => pane.show(path));
  };
  const step = by => {
    const all = [...rows.keys()], next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(current) + by))];
    if (next !== undefined) choose(next, false);
  };
  for (const side of ["old", "new"]) {
    const svg = document.getElementById("graph-" + side);
    if (!svg || !data[side]) continue;
    trace(data[side], "", side === "old", null);
    panes.push(new Pane(svg, data[side]));
  }
  panes.forEach(pane => pane.draw());
  document.querySelectorAll("[data-do]").forEach(button => button.addEventListener("click", () => panes.forEach(pane => {
    if (button.dataset.do === "in") pane.zoom(1.25);
    if (button.dataset.do === "out") pane.zoom(.8);
    if (button.dataset.do === "fit") pane.fit();
    if (button.dataset.do === "unfold" || button.dataset.do === "fold") {
      const all = nodes => nodes.forEach(node => { if (node.nodes) { pane.unfolded.add(node); all(node.nodes); } });
      pane.unfolded.clear();
      if (button.dataset.do === "unfold") all(pane.nodes);
      pane.arrange(); pane.fit();
    }
  })));
  document.getElementById("layers").addEventListener("click", e => {
    const button = e.target.closest("button[data-show]");
    if (!button) return;
    choose(button.closest("[data-path]").dataset.path, false);
    document.querySelector(".panes").scrollIntoView({ block: "center" });
  });
  const search = document.getElementById("search"), only = document.getElementById("only");
  const texts = new Map([...rows].map(([path, row]) => [path, row.querySelector("summary").textContent.toLowerCase()]));
  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0, first = null;
    for (const [path, row] of rows) {
      const fits = wanted.every(word => texts.get(path).includes(word)) && (!only.checked || row.dataset.changed);
      row.hidden = !fits;
      if (fits) { count++; first = first ?? path; }
    }
    say(`${count} of ${rows.size} layers`);
    return first;
  };
  search.addEventListener("input", filter);
  only.addEventListener("change", filter);
  search.addEventListener("keydown", e => {
    if (e.key !== "Enter") return;
    const first = filter();
    if (first !== null) choose(first, false);
  });
})();
