"use strict";
// What a reader has done with one scan: regions removed, parts cut off, the steps there, and the record of it all.
// The rules are those of vhi/cleaning/records.py, which replays the steps and must arrive at the same lists.

const REASONS = ["vessel", "artefact", "joint space", "level", "other"];
const UNSTATED = "unstated";

function runsOf(voxels) {
  const runs = [];
  for (const voxel of [...voxels].sort((a, b) => a - b)) {
    const last = runs[runs.length - 1];
    if (last && last[0] + last[1] === voxel) last[1]++;
    else runs.push([voxel, 1]);
  }
  return runs;
}

function voxelsOf(runs) {
  const voxels = [];
  for (const [first, length] of runs) for (let voxel = first; voxel < first + length; voxel++) voxels.push(voxel);
  return voxels;
}

function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value !== null && typeof value === "object")
    return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  return JSON.stringify(value);
}

// crypto.subtle is missing on pages opened from disk in some browsers.
const SHA_K = (() => {
  const found = [];
  for (let n = 2; found.length < 64; n++) if (![...Array(n).keys()].some((d) => d > 1 && n % d === 0)) found.push(n);
  return { h: found.slice(0, 8).map((p) => (Math.sqrt(p) * 2 ** 32) | 0), k: found.map((p) => (Math.cbrt(p) * 2 ** 32) | 0) };
})();

function sha256(text) {
  const bytes = new TextEncoder().encode(text), words = new Int32Array((((bytes.length + 8) >> 6) + 1) * 16);
  for (let i = 0; i < bytes.length; i++) words[i >> 2] |= bytes[i] << (24 - 8 * (i & 3));
  words[bytes.length >> 2] |= 0x80 << (24 - 8 * (bytes.length & 3));
  words[words.length - 2] = Math.floor(bytes.length / 2 ** 29);
  words[words.length - 1] = bytes.length << 3;
  const state = Int32Array.from(SHA_K.h), w = new Int32Array(64), turn = (x, n) => (x >>> n) | (x << (32 - n));
  for (let block = 0; block < words.length; block += 16) {
    for (let t = 0; t < 64; t++) {
      if (t < 16) w[t] = words[block + t];
      else {
        const a = w[t - 15], b = w[t - 2];
        w[t] = w[t - 16] + w[t - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
      }
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + SHA_K.k[t] + w[t]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] += value));
  }
  return [...state].map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
}

class Reading {
  constructor(pack, labels, regions) {
    Object.assign(this, { pack, labels, regions });
    [this.slices, this.rows, this.columns] = pack.grid;
    this.plane = this.rows * this.columns;
    const count = pack.lesions.length - 1;
    this.size = new Int32Array(count + 2);
    for (let voxel = 0; voxel < regions.length; voxel++) if (regions[voxel]) this.size[regions[voxel]]++;
    this.first = new Int32Array(count + 2); // voxels of region r: order[first[r]] to order[first[r + 1] - 1]
    for (let region = 1; region <= count; region++) this.first[region + 1] = this.first[region] + this.size[region];
    this.order = new Int32Array(this.first[count + 1]);
    const place = Int32Array.from(this.first);
    for (let voxel = 0; voxel < regions.length; voxel++) if (regions[voxel]) this.order[place[regions[voxel]]++] = voxel;
    this.onSlice = Array.from({ length: this.slices }, () => []);
    this.ofLesion = new Map();
    for (let region = 1; region <= count; region++) {
      this.onSlice[this.sliceOf(region)].push(region);
      const lesion = pack.lesions[region];
      if (!this.ofLesion.has(lesion)) this.ofLesion.set(lesion, []);
      this.ofLesion.get(lesion).push(region);
    }
    this.count = count;
    this.forget();
  }

  forget() {
    Object.assign(this, { removed: new Map(), cut: new Map(), steps: [], done: [], undone: [], seen: new Set() });
    Object.assign(this, { started: now(), finished: null, active: 0, notes: "" });
  }

  sliceOf(region) { return Math.floor(this.order[this.first[region]] / this.plane); }
  voxels(region) { return this.order.subarray(this.first[region], this.first[region + 1]); }
  isGone(voxel) { return this.cut.has(voxel) || this.removed.has(this.regions[voxel]); }

  // Steps

  take(tool, { slice, reason, regions = [], voxels = [], keyboard = false }) {
    if (tool !== "undo" && tool !== "redo" && !regions.length && !voxels.length) return false;
    if ((tool === "undo" && !this.done.length) || (tool === "redo" && !this.undone.length)) return false;
    const step = { tool, keyboard, ms: Math.round(this.active), slice, reason: reason ?? null, regions: [...regions].sort((a, b) => a - b), runs: runsOf(voxels) };
    this.follow(step);
    this.finished = null;
    return true;
  }

  follow(step) {
    this.steps.push(step);
    if (step.tool === "undo") {
      const last = this.done.pop();
      put(this.removed, last.regions);
      put(this.cut, last.voxels);
      this.undone.push(last.step);
    } else if (step.tool === "redo") this.make(this.undone.pop());
    else {
      this.undone = [];
      this.make(step);
    }
  }

  make(step) {
    const voxels = voxelsOf(step.runs);
    this.done.push({ step, regions: step.regions.map((r) => [r, this.removed.get(r)]), voxels: voxels.map((v) => [v, this.cut.get(v)]) });
    put(this.removed, step.regions.map((region) => [region, step.reason]));
    put(this.cut, voxels.map((voxel) => [voxel, step.reason]));
  }

  // What is left

  settled() {
    const parts = new Map(), order = [...REASONS, UNSTATED], whole = new Map(this.removed);
    for (const [voxel, reason] of this.cut) {
      const region = this.regions[voxel];
      if (!parts.has(region)) parts.set(region, new Map());
      if (!parts.get(region).has(reason)) parts.get(region).set(reason, []);
      parts.get(region).get(reason).push(voxel);
    }
    for (const [region, byReason] of parts) {
      if (this.removed.has(region) || [...byReason.values()].reduce((n, list) => n + list.length, 0) < this.size[region]) continue;
      whole.set(region, [...byReason.keys()].sort((a, b) => byReason.get(b).length - byReason.get(a).length || order.indexOf(a) - order.indexOf(b))[0]);
    }
    const removed = [...whole].sort((a, b) => a[0] - b[0]).map(([region, reason]) => ({ region, reason }));
    const cuts = [];
    for (const region of [...parts.keys()].sort((a, b) => a - b)) {
      if (whole.has(region)) continue;
      for (const reason of order) if (parts.get(region).has(reason)) cuts.push({ region, reason, runs: runsOf(parts.get(region).get(reason)) });
    }
    return { removed, cuts };
  }

  left() {
    const counts = { lower_only_voxels: 0, upper_voxels: 0, regions_kept: 0 };
    for (let region = 1; region <= this.count; region++) {
      if (this.removed.has(region)) continue;
      let kept = 0;
      for (const voxel of this.voxels(region)) {
        if (this.cut.has(voxel)) continue;
        kept++;
        counts[this.labels[voxel] === 2 ? "upper_voxels" : "lower_only_voxels"]++;
      }
      if (kept) counts.regions_kept++;
    }
    return counts;
  }

  record() {
    const record = {
      schema: "vhi-record/1", source: "page", pack: this.pack.pack, grid: this.pack.grid, regions: this.count, ...this.settled(), added: [],
      steps: this.steps, started: this.started, finished: this.finished, active_ms: Math.round(this.active),
      slices_seen: [...this.seen].sort((a, b) => a - b), notes: this.notes.toWellFormed ? this.notes.toWellFormed() : this.notes, result: this.left(),
    };
    return { ...record, checksum: sha256(canonical(record)) };
  }

  load(record) {
    const { checksum, ...bare } = record;
    if (record.pack !== this.pack.pack) throw new Error("This record belongs to another scan or an older pack.");
    if (sha256(canonical(bare)) !== checksum) throw new Error("This record was changed after it was written.");
    this.forget();
    for (const step of record.steps) this.follow(step);
    Object.assign(this, { started: record.started, finished: record.finished, active: record.active_ms, notes: record.notes, seen: new Set(record.slices_seen) });
  }
}

function put(map, items) {
  for (const [key, value] of items) {
    if (value === undefined || value === null) map.delete(key);
    else map.set(key, value);
  }
}

function now() { return new Date().toISOString().slice(0, 19) + "Z"; }
