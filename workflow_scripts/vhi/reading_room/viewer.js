"use strict";
// The viewer of all pages: a slice of STIR and T1w on two canvases, without WebGL, with what a page paints over it.

// Told apart with protanopia, deuteranopia and tritanopia (tests/test_reading_viewer.py); what is removed or cut off differs in form as well.
const COLOURS = { lower: [240, 228, 66], upper: [170, 60, 220], gone: [120, 215, 250], cut: [220, 220, 220], mark: [255, 255, 255], chosen: [255, 255, 255], mask: [120, 215, 250], before: [240, 228, 66], unsure: [213, 94, 0] };
const PRESETS = { standard: [0, 1], bright: [0, 0.6], dark: [0, 1.7], contrast: [0.2, 0.75] };
const LONGEST_SIDE = 12; // largest zoom
const MANY_PIXELS = 1.5e6; // of a canvas
const NOTCH = 100, TRACKPAD = 40; // pixels of scrolling that make a slice

class Viewer {
  // paint(slice) gives classes (Uint8Array of the slice, 0 nothing), parts (numbers that part one class into regions, or null), look (by class:
  // colour, fill, line, dash, hatch) and rims (lists of voxels to be outlined, with their look).
  constructor(pack, images, paint) {
    Object.assign(this, { pack, images, paint, slice: pack.grid[0] >> 1, zoom: 1, pan: [0, 0], hidden: false, outline: null, cross: null });
    [this.slices, this.rows, this.columns] = pack.grid;
    this.plane = this.rows * this.columns;
    Object.assign(this, { layout: "both", share: 0.5, smooth: true, overlay: "fill", opacity: 0.55, version: 0, preset: "standard", painted: {}, brush: 0 });
    this.resetWindows();
    this.planes = {};
    for (const name of ["stir", "t1w", "overlay"]) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [this.columns, this.rows];
      const context = canvas.getContext("2d"), image = context.createImageData(this.columns, this.rows);
      this.planes[name] = { canvas, context, image, pixels: new Uint32Array(image.data.buffer), stamp: "" };
    }
    this.grey = new Uint32Array(65536);
  }

  // Windows, in the pack's whole numbers

  resetWindows(preset = "standard") {
    const [from, to] = PRESETS[preset];
    this.preset = preset;
    this.windows = Object.fromEntries(Object.entries(this.pack.windows).map(([name, [low, high]]) => [name, [Math.round(low + from * (high - low)), Math.round(low + to * (high - low))]]));
  }

  setWindow(name, [low, high], wider, brighter) {
    const width = Math.max(8, (high - low) * wider), middle = (low + high) / 2 + brighter * (high - low);
    this.windows[name] = [Math.round(middle - width / 2), Math.round(middle + width / 2)];
    this.preset = "own";
  }

  // Intensity of the scan, as its file has it (but for rounding to 4,096 steps).
  intensity(name, value) { return this.pack.scale[name][0] + value * this.pack.scale[name][1]; }

  readout(name) {
    const [low, high] = this.windows[name].map((value) => this.intensity(name, value));
    return `W ${Math.round(high - low)} L ${Math.round((low + high) / 2)}`;
  }

  // Places

  canvases() { return { both: ["stir", "t1w"], stir: ["stir"], t1w: ["t1w"], blend: ["stir"] }[this.layout].map((id) => document.getElementById(id)); }

  geometry(canvas) {
    const [, rowStep, columnStep] = this.pack.spacing_um, { rows, columns } = this;
    const scale = Math.min(canvas.width / (columns * columnStep), canvas.height / (rows * rowStep)) * this.zoom;
    const [sx, sy] = [scale * columnStep, scale * rowStep];
    return { sx, sy, x: (canvas.width - columns * sx) / 2 + this.pan[0] * sx, y: (canvas.height - rows * sy) / 2 + this.pan[1] * sy };
  }

  // Column and row at a point of the screen, with fractions.
  place(canvas, { clientX, clientY }) {
    const box = canvas.getBoundingClientRect(), g = this.geometry(canvas);
    return { x: (((clientX - box.left) * canvas.width) / box.width - g.x) / g.sx, y: (((clientY - box.top) * canvas.height) / box.height - g.y) / g.sy };
  }

  // Where the middle of a voxel is on the screen.
  onScreen(row, column, id = "stir") {
    const canvas = document.getElementById(id), box = canvas.getBoundingClientRect(), g = this.geometry(canvas);
    return [box.left + ((g.x + (column + 0.5) * g.sx) * box.width) / canvas.width, box.top + ((g.y + (row + 0.5) * g.sy) * box.height) / canvas.height];
  }

  voxelAt({ x, y }) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    return column < 0 || row < 0 || column >= this.columns || row >= this.rows ? -1 : this.slice * this.plane + row * this.columns + column;
  }

  // The voxel nearest to a point, of those that the test takes and that lie within so many pixels of the screen; -1 without one.
  nearest(canvas, { x, y }, pixels, test) {
    const g = this.geometry(canvas), dpr = canvas.width / canvas.getBoundingClientRect().width, [rx, ry] = [(pixels * dpr) / g.sx, (pixels * dpr) / g.sy];
    let best = -1, least = Infinity;
    for (let row = Math.max(0, Math.floor(y - ry)); row <= Math.min(this.rows - 1, y + ry); row++) {
      for (let column = Math.max(0, Math.floor(x - rx)); column <= Math.min(this.columns - 1, x + rx); column++) {
        const voxel = this.slice * this.plane + row * this.columns + column;
        const away = Math.hypot(Math.max(column - x, 0, x - column - 1) / rx, Math.max(row - y, 0, y - row - 1) / ry);
        if (away <= 1 && away < least && test(voxel)) [best, least] = [voxel, away];
      }
    }
    return best;
  }

  // Zoom that keeps what lies under the pointer.
  zoomAt(by, canvas = null, point = null) {
    const before = canvas && this.place(canvas, point);
    this.zoom = by ? Math.max(1, Math.min(LONGEST_SIDE, this.zoom * by)) : 1;
    if (before) {
      const after = this.place(canvas, point);
      this.pan = [this.pan[0] + after.x - before.x, this.pan[1] + after.y - before.y];
    }
    this.settle();
  }

  settle() {
    const most = 0.5 * (1 - 1 / this.zoom);
    this.pan = [this.columns, this.rows].map((size, axis) => Math.max(-most * size, Math.min(most * size, this.pan[axis])));
  }

  // Drawing

  base(name) {
    const [low, high] = this.windows[name], stamp = `${this.slice} ${low} ${high}`, plane = this.planes[name], { grey } = this;
    if (plane.stamp === stamp) return plane.canvas;
    plane.stamp = stamp;
    const scale = 255 / Math.max(1, high - low), top = 1 << this.pack.bits;
    for (let value = 0; value < top; value++) grey[value] = 0xff000000 | (0x010101 * Math.max(0, Math.min(255, Math.round((value - low) * scale))));
    const source = this.images[name], start = this.slice * this.plane, { pixels } = plane;
    for (let i = 0; i < this.plane; i++) pixels[i] = grey[source[start + i]];
    plane.context.putImageData(plane.image, 0, 0);
    return plane.canvas;
  }

  changed() { this.version++; }

  // What the page paints on this slice: as pixels, and as lines along the borders of voxels, by class.
  layer() {
    const stamp = `${this.slice} ${this.version} ${this.overlay} ${this.opacity}`;
    if (this.painted.stamp === stamp) return this.painted;
    const { classes, parts, look, rims } = this.paint(this.slice), { columns, rows } = this, { pixels, context, image } = this.planes.overlay;
    const box = [columns, rows, -1, -1], kinds = new Set();
    pixels.fill(0);
    const fills = look.map((one) => (one?.fill && this.overlay === "fill" ? (Math.round(255 * Math.min(1, this.opacity * one.fill)) << 24) | (one.colour[2] << 16) | (one.colour[1] << 8) | one.colour[0] : 0));
    for (let row = 0, i = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        const kind = classes[i];
        if (!kind) continue;
        if (column < box[0]) box[0] = column;
        if (column > box[2]) box[2] = column;
        if (row < box[1]) box[1] = row;
        if (row > box[3]) box[3] = row;
        kinds.add(kind);
        if (fills[kind] && !(look[kind].hatch && (row + column) % 2)) pixels[i] = fills[kind];
      }
    }
    if (box[2] >= 0) context.putImageData(image, 0, 0, box[0], box[1], box[2] - box[0] + 1, box[3] - box[1] + 1);
    const lines = [...kinds].filter((kind) => look[kind].line || this.overlay === "outline").map((kind) => [look[kind], this.border(classes, kind, parts, box)]);
    this.painted = { stamp, box, lines: [...lines, ...(rims ?? []).map(([one, voxels]) => [one, this.rim(voxels)])] };
    return this.painted;
  }

  // Lines along the border of a class, and between its parts; voxels side by side share a line.
  border(classes, kind, parts, [left, top, right, bottom]) {
    const path = new Path2D(), { columns, rows } = this, { plane } = this;
    const edge = (i, j, outside) => {
      const a = i >= 0 && i < plane && classes[i] === kind, b = !outside && j >= 0 && j < plane && classes[j] === kind;
      return a !== b || (a && b && parts !== null && parts[i] !== parts[j]);
    };
    for (let row = top; row <= bottom + 1; row++) {
      for (let column = left, from = -1; column <= right + 1; column++) {
        const i = row * columns + column, is = column <= right && (row < rows ? edge(i, i - columns, row === 0) : classes[i - columns] === kind);
        if (is && from < 0) from = column;
        else if (!is && from >= 0) { path.moveTo(from, row); path.lineTo(column, row); from = -1; }
      }
    }
    for (let column = left; column <= right + 1; column++) {
      for (let row = top, from = -1; row <= bottom + 1; row++) {
        const i = row * columns + column, is = row <= bottom && (column < columns ? edge(i, i - 1, column === 0) : classes[i - 1] === kind);
        if (is && from < 0) from = row;
        else if (!is && from >= 0) { path.moveTo(column, from); path.lineTo(column, row); from = -1; }
      }
    }
    return path;
  }

  rim(voxels) {
    const { columns, plane, rows } = this, classes = new Uint8Array(plane), box = [columns, rows, -1, -1];
    for (const voxel of voxels) {
      const i = voxel % plane, column = i % columns, row = (i - column) / columns;
      classes[i] = 1;
      box[0] = Math.min(box[0], column); box[1] = Math.min(box[1], row); box[2] = Math.max(box[2], column); box[3] = Math.max(box[3], row);
    }
    return this.border(classes, 1, null, box);
  }

  draw() {
    const dpr = Math.min(2, window.devicePixelRatio || 1), shown = !this.hidden && this.overlay !== "off", layer = shown ? this.layer() : null;
    for (const canvas of this.canvases()) {
      const [w, h] = [Math.round(canvas.clientWidth * dpr), Math.round(canvas.clientHeight * dpr)];
      if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
      const context = canvas.getContext("2d", { alpha: false }), g = this.geometry(canvas), coarse = this.smooth && w * h > MANY_PIXELS, stroke = 1.5 * Math.max(dpr, w / 900); // lines grow with the screen, as the text does
      if (coarse) { // interpolated at half the resolution, which nobody sees on a screen of so many pixels, in a third of the time
        const half = this.half ?? (this.half = document.createElement("canvas")), [hw, hh] = [(w + 1) >> 1, (h + 1) >> 1];
        if (half.width !== hw || half.height !== hh) [half.width, half.height] = [hw, hh];
        this.drawImages(half.getContext("2d", { alpha: false }), canvas.id, g, 0.5, hw, hh);
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.imageSmoothingEnabled = false;
        context.drawImage(half, 0, 0, 2 * hw, 2 * hh);
        context.setTransform(g.sx, 0, 0, g.sy, g.x, g.y);
      } else this.drawImages(context, canvas.id, g, 1, w, h);
      if (layer) this.drawLayer(context, layer, stroke / Math.sqrt(g.sx * g.sy));
      this.drawTool(context, g, stroke);
    }
  }

  drawImages(context, name, g, scale, w, h) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, w, h);
    context.setTransform(scale * g.sx, 0, 0, scale * g.sy, scale * g.x, scale * g.y);
    context.imageSmoothingEnabled = this.smooth;
    context.drawImage(this.base(name), 0, 0);
    if (this.layout !== "blend") return;
    context.globalAlpha = this.share;
    context.drawImage(this.base("t1w"), 0, 0);
    context.globalAlpha = 1;
  }

  drawLayer(context, { box, lines }, width) {
    context.imageSmoothingEnabled = false;
    const [left, top, right, bottom] = box, [w, h] = [right - left + 1, bottom - top + 1];
    if (this.overlay === "fill" && right >= 0) context.drawImage(this.planes.overlay.canvas, left, top, w, h, left, top, w, h);
    for (const [one, path] of lines) {
      context.lineWidth = width * (one.width ?? 1);
      context.strokeStyle = `rgb(${one.colour})`;
      context.setLineDash((one.dash ?? []).map((length) => length * width));
      context.stroke(path);
    }
    context.setLineDash([]);
  }

  // The outline that is being drawn, the pointer of the keys, and the brush.
  drawTool(context, g, stroke) {
    const { outline, cross } = this;
    context.lineWidth = stroke / Math.sqrt(g.sx * g.sy);
    context.strokeStyle = "#fff";
    if (outline && outline.points.length) {
      context.beginPath();
      outline.points.forEach(({ x, y }, n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (outline.line && outline.points.length === 2) {
        const [a, b] = outline.points, slope = (b.y - a.y) / (b.x - a.x || 1e-9);
        context.moveTo(0, a.y - slope * a.x);
        context.lineTo(this.columns, a.y + slope * (this.columns - a.x));
      } else if (!outline.line) context.closePath();
      context.stroke();
    }
    if (cross) {
      context.strokeRect(cross.x, cross.y, 1, 1);
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(cross.x + 0.5 + 2 * dx, cross.y + 0.5 + 2 * dy);
        context.lineTo(cross.x + 0.5 + 7 * dx, cross.y + 0.5 + 7 * dy);
      }
      context.stroke();
    }
  }

  // Median time, in ms, of so many frames of new slices, until their pixels are there.
  frameTime(frames = 200) {
    const times = [], at = this.slice;
    for (let n = 0; n < frames; n++) {
      const start = performance.now();
      this.slice = n % this.slices;
      this.draw();
      for (const canvas of this.canvases()) canvas.getContext("2d").getImageData(0, 0, 1, 1);
      times.push(performance.now() - start);
    }
    this.slice = at;
    this.draw();
    return times.sort((a, b) => a - b)[frames >> 1];
  }
}

// Whether a point lies in a polygon (even-odd).
function inside(points, x, y) {
  let within = false;
  for (let a = 0, b = points.length - 1; a < points.length; b = a++) {
    const p = points[a], q = points[b];
    if (p.y > y !== q.y > y && x < ((q.x - p.x) * (y - p.y)) / (q.y - p.y) + p.x) within = !within;
  }
  return within;
}

// Whether a point lies above the line through two points, drawn on to the edges.
function above([a, b], x, y) { return y < a.y + ((b.y - a.y) / (b.x - a.x)) * (x - a.x); }
