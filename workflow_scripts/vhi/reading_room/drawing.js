"use strict";
// A mask that a person draws or corrects, and the tools that marrow and region share. The record holds the mask and each step as runs
// of voxels (config/schemas/drawing.schema.yaml).

let radius = 3, pending = null;

class Drawing extends Work {
  constructor(pack, begin) {
    super(pack);
    this.begin = begin;
    this.mask = new Uint8Array(begin.length);
    this.forget();
  }

  forget() {
    super.forget();
    this.mask.set(this.begin);
    this.rating = null;
  }

  stepOf({ added = [], removed = [] }) { return { added: runsOf(added), removed: runsOf(removed) }; }
  isEmpty(step) { return !step.added.length && !step.removed.length; }
  make(step) { this.fill(step.added, 1); this.fill(step.removed, 0); return { step }; }
  unmake({ step }) { this.fill(step.added, 0); this.fill(step.removed, 1); }
  fill(runs, value) { for (const [first, length] of runs) this.mask.fill(value, first, first + length); }

  // Voxels of a slice, or of all, as flat indices.
  voxels(slice = null) {
    const found = [], [from, to] = slice === null ? [0, this.mask.length] : [slice * this.plane, (slice + 1) * this.plane];
    for (let voxel = from; voxel < to; voxel++) if (this.mask[voxel]) found.push(voxel);
    return found;
  }

  left() {
    const result = { voxels: 0, added_voxels: 0, removed_voxels: 0, slices: 0 }, slices = new Set();
    for (let voxel = 0; voxel < this.mask.length; voxel++) {
      const now = this.mask[voxel];
      if (now) { result.voxels++; slices.add(Math.floor(voxel / this.plane)); }
      if (now !== this.begin[voxel]) result[now ? "added_voxels" : "removed_voxels"]++;
    }
    return { ...result, slices: slices.size };
  }

  content() { return { schema: "vhi-drawing/1", task: page.task, rating: this.rating, mask: runsOfMask(this.mask) }; }

  load(record) {
    super.load(record);
    this.rating = record.rating;
  }
}

function runsOfMask(mask) {
  const runs = [];
  for (let voxel = 0, from = -1; voxel <= mask.length; voxel++) {
    if (mask[voxel] && from < 0) from = voxel;
    else if (!mask[voxel] && from >= 0) { runs.push([from, voxel - from]); from = -1; }
  }
  return runs;
}

// Take a step that sets a slice's (or other) voxels to a wanted state; only what changes is recorded.
function put(name, wanted, value, keyboard, slice = view.slice) {
  const changed = [...wanted].filter((voxel) => reading.mask[voxel] !== value);
  return step(name, { [value ? "added" : "removed"]: changed, keyboard, slice });
}

function within(points) {
  const found = [], start = view.slice * reading.plane, ys = points.map((point) => point.y);
  for (let row = Math.max(0, Math.floor(Math.min(...ys))); row < Math.min(reading.rows, Math.max(...ys)); row++)
    for (let column = 0; column < reading.columns; column++) if (inside(points, column + 0.5, row + 0.5)) found.push(start + row * reading.columns + column);
  return found;
}

// Brush and eraser: voxels whose middle lies within the radius (in columns' widths) of the stroke.
function under(points) {
  const [, rowStep, columnStep] = PACK.spacing_um, stretch = rowStep / columnStep, found = [], start = view.slice * reading.plane;
  const [a, b] = [points[0], points.at(-1)], dx = b.x - a.x, dy = (b.y - a.y) * stretch, length = dx * dx + dy * dy;
  for (let row = Math.max(0, Math.floor(Math.min(a.y, b.y) - radius / stretch)); row <= Math.min(reading.rows - 1, Math.max(a.y, b.y) + radius / stretch); row++) {
    for (let column = Math.max(0, Math.floor(Math.min(a.x, b.x) - radius)); column <= Math.min(reading.columns - 1, Math.max(a.x, b.x) + radius); column++) {
      const x = column + 0.5 - a.x, y = (row + 0.5 - a.y) * stretch, t = length ? Math.max(0, Math.min(1, (x * dx + y * dy) / length)) : 0;
      if (Math.hypot(x - t * dx, y - t * dy) <= radius) found.push(start + row * reading.columns + column);
    }
  }
  return found;
}

function onPaint(points) {
  const value = tool === "brush" ? 1 : 0;
  pending ??= new Set();
  for (const voxel of under(points)) if (reading.mask[voxel] !== value) { reading.mask[voxel] = value; pending.add(voxel); }
  view.changed();
  view.draw();
}

function dropPaint() {
  for (const voxel of pending ?? []) reading.mask[voxel] ^= 1;
  const voxels = [...(pending ?? [])];
  pending = null;
  view.changed();
  return voxels;
}

function endPaint(_points, keyboard) {
  put(tool, dropPaint(), tool === "brush" ? 1 : 0, keyboard);
  show();
}

function setRadius(by) { radius = Math.max(0.5, Math.min(30, radius + by)); $("radius").value = radius; say(`Brush: ${(2 * radius).toFixed(0)} voxels wide.`); ring(); }

// The size of the brush, around the pointer.
function ring(canvas, event) {
  const show = canvas && (tool === "brush" || tool === "eraser");
  for (const other of view.canvases()) {
    const mark = other.parentElement.querySelector("s");
    mark.hidden = !show || other !== canvas;
    if (mark.hidden) continue;
    const box = other.getBoundingClientRect(), g = view.geometry(other), scale = box.width / other.width;
    mark.style.cssText = `left: ${event.clientX - box.left}px; top: ${event.clientY - box.top}px; width: ${2 * radius * g.sx * scale}px; height: ${2 * radius * g.sx * scale}px`;
  }
}

// Parts of the mask that hang together, within the slice (8 neighbours) or in 3D (26).
function partOf(voxel, everywhere) {
  const { mask, rows, columns, plane, slices } = reading, part = new Set([voxel]), waiting = [voxel];
  while (waiting.length) {
    const one = waiting.pop(), slice = Math.floor(one / plane), row = Math.floor((one % plane) / columns), column = one % columns;
    for (let s = everywhere ? Math.max(0, slice - 1) : slice; s <= (everywhere ? Math.min(slices - 1, slice + 1) : slice); s++)
      for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++)
        for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
          const next = s * plane + r * columns + c;
          if (mask[next] && !part.has(next)) { part.add(next); waiting.push(next); }
        }
  }
  return part;
}

function removeIslands(keyboard) {
  const seen = new Set(), parts = [];
  for (const voxel of reading.voxels()) {
    if (seen.has(voxel)) continue;
    const part = partOf(voxel, true);
    part.forEach((one) => seen.add(one));
    parts.push(part);
  }
  parts.sort((a, b) => b.size - a.size);
  const islands = parts.filter((part) => part.size < 0.05 * parts[0].size);
  if (!islands.length) return say("There are no islands: no part in 3D is smaller than 5 % of the largest.");
  put("islands", islands.flatMap((part) => [...part]), 0, keyboard);
  say(`Removed ${islands.length} islands, each smaller than 5 % of the largest part.`);
}

function copyTo(by, keyboard) {
  const to = view.slice + by, shifted = reading.voxels(view.slice).map((voxel) => voxel + by * reading.plane);
  if (to < 0 || to >= reading.slices) return say("There is no further slice.");
  if (!shifted.length) return say("There is nothing on this slice to copy.");
  put("copy", shifted, 1, keyboard, to);
  go(to);
}

// Signed squared distances are not needed: distances along rows, then the least over rows (exact, Euclidean, in columns' widths).
function distances(slice, value) {
  const { rows, columns, plane, mask } = reading, stretch = PACK.spacing_um[1] / PACK.spacing_um[2], along = new Float64Array(plane), found = new Float64Array(plane), far = rows + columns;
  for (let row = 0; row < rows; row++) {
    const at = row * columns, is = (column) => mask[slice * plane + at + column] === value;
    for (let column = 0, near = far; column < columns; column++) { near = is(column) ? 0 : near + 1; along[at + column] = near; }
    for (let column = columns - 1, near = far; column >= 0; column--) { near = is(column) ? 0 : near + 1; along[at + column] = Math.min(along[at + column], near); }
  }
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      let best = along[row * columns + column] ** 2;
      for (let away = 1; (away * stretch) ** 2 < best && away < rows; away++)
        for (const other of [row - away, row + away]) if (other >= 0 && other < rows) best = Math.min(best, (away * stretch) ** 2 + along[other * columns + column] ** 2);
      found[row * columns + column] = Math.sqrt(best);
    }
  }
  return found;
}

// This slice from the nearest slices with a mask before and after it, by the weighted signed distances to their borders.
function interpolate(keyboard) {
  const drawn = [...Array(reading.slices).keys()].filter((slice) => reading.mask.subarray(slice * reading.plane, (slice + 1) * reading.plane).includes(1));
  const [before, after] = [drawn.filter((slice) => slice < view.slice).at(-1), drawn.find((slice) => slice > view.slice)];
  if (before === undefined || after === undefined) return say("Interpolation needs a slice with a mask before this one and one after it.");
  const share = (view.slice - before) / (after - before), start = view.slice * reading.plane, added = [], removed = [];
  const signed = [before, after].map((slice) => { const [to, from] = [distances(slice, 1), distances(slice, 0)]; return to.map((value, n) => value - from[n]); });
  for (let n = 0; n < reading.plane; n++) {
    const value = (1 - share) * signed[0][n] + share * signed[1][n] < 0 ? 1 : 0;
    if (value !== reading.mask[start + n]) (value ? added : removed).push(start + n);
  }
  if (step("interpolate", { added, removed, keyboard })) say(`Interpolated between slices ${before + 1} and ${after + 1}.`);
}

function clearSlice(keyboard) { if (!put("clear", reading.voxels(view.slice), 0, keyboard)) say("This slice is empty."); }

// What both pages that draw have in common; each adds its own.
const DRAWS = {
  tools: { look: ["Look", "S"], polygon: ["Polygon", "P"], brush: ["Brush", "D"], eraser: ["Eraser", "E"], cutter: ["Polygon erases", "X"], island: ["Remove a part", "K"] },
  hints: {
    look: "This tool draws nothing: choose another one to draw.",
    polygon: "Drag around an area to add it. By keys: C, arrows, Space at each corner, Enter.",
    brush: "Drag to add. Q and W change the size.",
    eraser: "Drag to remove. Q and W change the size.",
    cutter: "Drag around an area to remove it.",
    island: "Click a part of the mask to remove it from this slice; with Shift in 3D.",
  },
  help: [["Draw", [["S, P, D, E, X, K", "look, polygon, brush, eraser, polygon that erases, remove a part"], ["Q, W", "smaller, larger brush"], ["N, Shift+N", "copy this slice to the next, to the previous"], ["G", "interpolate this slice from its neighbours"], ["J", "remove islands in 3D"], ["Shift+Delete", "clear this slice"]]]],
  keys: {
    q: () => setRadius(-0.5), w: () => setRadius(0.5), g: () => interpolate(true), j: () => removeIslands(true), n: (event) => copyTo(event.shiftKey ? -1 : 1, true),
    delete: (event) => { if (event.shiftKey) clearSlice(true); },
  },
  draws: (name) => name !== "look" && name !== "island", clicks: (name) => name === "look" || name === "island",
  paints: (name) => name === "brush" || name === "eraser",
  onPaint, endPaint, dropPaint, onHover: ring,
  onClick(place, { shift, keyboard }) {
    const voxel = view.voxelAt(place);
    if (tool === "island" && voxel >= 0 && reading.mask[voxel]) put("part", partOf(voxel, shift), 0, keyboard);
    else say(page.hints[tool]);
  },
  onStroke(points, { keyboard }) {
    if (tool === "polygon") put("polygon", within(points), 1, keyboard);
    else if (tool === "cutter") put("cutter", within(points), 0, keyboard);
  },
  shares: () => Array.from({ length: reading.slices }, (_, slice) => reading.mask.subarray(slice * reading.plane, (slice + 1) * reading.plane).reduce((sum, one) => sum + one, 0)),
  wireTools() {
    const on = { next_slice: () => copyTo(1, false), interpolate: () => interpolate(false), islands: () => removeIslands(false), clear: () => clearSlice(false) };
    for (const [id, onclick] of Object.entries(on)) $(id).onclick = onclick;
    $("radius").oninput = () => { radius = +$("radius").value; };
    $("radius").onchange = () => $("radius").blur();
  },
};
