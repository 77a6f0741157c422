"use strict";
// Draws a slice on two canvases, without WebGL: the image once per slice and window, the overlay after every step.

const COLOURS = { 1: [230, 194, 0, 140], 2: [255, 60, 40, 150], gone: [90, 170, 255, 200], cut: [212, 134, 255, 230], mark: [79, 224, 138, 255], chosen: [255, 255, 255, 255] };

class View {
  constructor(reading, images) {
    Object.assign(this, { reading, images, slice: 0, zoom: 1, pan: [0, 0], hidden: false, outline: null, cross: null, chosen: 0, marks: new Set() });
    this.layout = "both";
    this.share = 0.5;
    this.windows = { stir: [...reading.pack.windows.stir], t1w: [...reading.pack.windows.t1w] };
    this.base = {};
    for (const name of ["stir", "t1w", "overlay"]) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [reading.columns, reading.rows];
      this[name + "Plane"] = canvas;
    }
  }

  canvases() {
    const shown = { both: ["stir", "t1w"], stir: ["stir"], t1w: ["t1w"], blend: ["stir"] }[this.layout];
    return shown.map((id) => document.getElementById(id));
  }

  geometry(canvas) {
    const [, rowStep, columnStep] = this.reading.pack.spacing_um, { rows, columns } = this.reading;
    const scale = Math.min(canvas.width / (columns * columnStep), canvas.height / (rows * rowStep)) * this.zoom;
    const [sx, sy] = [scale * columnStep, scale * rowStep];
    return { sx, sy, x: (canvas.width - columns * sx) / 2 + this.pan[0] * sx, y: (canvas.height - rows * sy) / 2 + this.pan[1] * sy };
  }

  // Column and row under the pointer, with fractions.
  place(canvas, event) {
    const box = canvas.getBoundingClientRect(), g = this.geometry(canvas);
    return { x: (((event.clientX - box.left) * canvas.width) / box.width - g.x) / g.sx, y: (((event.clientY - box.top) * canvas.height) / box.height - g.y) / g.sy };
  }

  // Where the middle of a voxel is on the screen.
  onScreen(row, column, id = "stir") {
    const canvas = document.getElementById(id), box = canvas.getBoundingClientRect(), g = this.geometry(canvas);
    return [box.left + ((g.x + (column + 0.5) * g.sx) * box.width) / canvas.width, box.top + ((g.y + (row + 0.5) * g.sy) * box.height) / canvas.height];
  }

  voxelAt({ x, y }) {
    const [column, row] = [Math.floor(x), Math.floor(y)], { rows, columns, plane } = this.reading;
    return column < 0 || row < 0 || column >= columns || row >= rows ? -1 : this.slice * plane + row * columns + column;
  }

  plane(name) {
    const [low, high] = this.windows[name], stamp = `${this.slice} ${low} ${high}`, canvas = this[name + "Plane"];
    if (this.base[name] === stamp) return canvas;
    this.base[name] = stamp;
    const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height), data = image.data;
    const source = this.images[name], start = this.slice * this.reading.plane, scale = 255 / Math.max(1, high - low);
    for (let i = 0, q = 0; i < this.reading.plane; i++, q += 4) {
      data[q] = data[q + 1] = data[q + 2] = (source[start + i] - low) * scale; // clamped by the array
      data[q + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  drawOverlay() {
    const { reading, slice } = this, { regions, labels, rows, columns, plane, removed, cut } = reading;
    const canvas = this.overlayPlane, context = canvas.getContext("2d"), image = context.createImageData(columns, rows), data = image.data;
    const start = slice * plane;
    for (const region of reading.onSlice[slice]) {
      const rim = region === this.chosen ? COLOURS.chosen : this.marks.has(region) ? COLOURS.mark : null, gone = removed.has(region);
      for (const voxel of reading.voxels(region)) {
        const at = voxel - start, column = at % columns, row = (at - column) / columns;
        const edge = column === 0 || column === columns - 1 || row === 0 || row === rows - 1 || regions[voxel - 1] !== region || regions[voxel + 1] !== region || regions[voxel - columns] !== region || regions[voxel + columns] !== region;
        let colour = COLOURS[labels[voxel]];
        if (gone) colour = edge ? COLOURS.gone : null;
        else if (cut.has(voxel)) colour = (row + column) % 2 ? COLOURS.cut : null;
        if (rim && edge) colour = rim;
        if (colour) data.set(colour, 4 * at);
      }
    }
    context.putImageData(image, 0, 0);
  }

  draw() {
    this.reading.seen.add(this.slice);
    if (!this.hidden) this.drawOverlay();
    for (const canvas of this.canvases()) {
      const dpr = window.devicePixelRatio || 1, [w, h] = [Math.round(canvas.clientWidth * dpr), Math.round(canvas.clientHeight * dpr)];
      if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
      const context = canvas.getContext("2d"), g = this.geometry(canvas);
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = "#000";
      context.fillRect(0, 0, w, h);
      context.setTransform(g.sx, 0, 0, g.sy, g.x, g.y);
      context.imageSmoothingEnabled = true;
      context.drawImage(this.plane(canvas.id), 0, 0);
      if (this.layout === "blend") {
        context.globalAlpha = this.share;
        context.drawImage(this.plane("t1w"), 0, 0);
        context.globalAlpha = 1;
      }
      context.imageSmoothingEnabled = false;
      if (!this.hidden) context.drawImage(this.overlayPlane, 0, 0);
      this.drawOutline(context, g, dpr);
    }
  }

  drawOutline(context, g, dpr) {
    const { outline, cross } = this;
    context.lineWidth = (1.4 * dpr) / Math.sqrt(g.sx * g.sy);
    if (outline && outline.points.length) {
      context.strokeStyle = outline.line ? "#ffb347" : outline.cut ? "#d486ff" : outline.keep ? "#4fe08a" : "#7cc4ff";
      context.beginPath();
      outline.points.forEach(({ x, y }, n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (outline.line && outline.points.length === 2) {
        const [a, b] = outline.points, slope = (b.y - a.y) / (b.x - a.x || 1e-9);
        context.moveTo(0, a.y - slope * a.x);
        context.lineTo(this.reading.columns, a.y + slope * (this.reading.columns - a.x));
      } else if (!outline.line) context.closePath();
      context.stroke();
    }
    if (cross) {
      context.strokeStyle = "#e8e8e8";
      context.strokeRect(cross.x, cross.y, 1, 1);
      context.beginPath();
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(cross.x + 0.5 + 2 * dx, cross.y + 0.5 + 2 * dy);
        context.lineTo(cross.x + 0.5 + 7 * dx, cross.y + 0.5 + 7 * dy);
      }
      context.stroke();
    }
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
