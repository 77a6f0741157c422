"use strict";
// What all pages hand in: a record of steps with its checksum. The forms are those of config/schemas.

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

function now() { return new Date().toISOString().slice(0, 19) + "Z"; }

// A person's work on one scan: steps with undo and redo without limit. A page says what a step does (make, unmake), what the
// record holds beside the steps (content) and what is left (left).
class Work {
  constructor(pack) {
    this.pack = pack;
    [this.slices, this.rows, this.columns] = pack.grid;
    this.plane = this.rows * this.columns;
  }

  forget() {
    Object.assign(this, { steps: [], done: [], undone: [], seen: new Set() });
    Object.assign(this, { started: now(), finished: null, active: 0, notes: "" });
  }

  take(tool, { slice, keyboard = false, ...what }) {
    if ((tool === "undo" && !this.done.length) || (tool === "redo" && !this.undone.length)) return false;
    const step = { tool, keyboard, ms: Math.round(this.active), slice, ...this.stepOf(what) };
    if (tool !== "undo" && tool !== "redo" && this.isEmpty(step)) return false;
    this.follow(step);
    this.finished = null;
    return true;
  }

  follow(step) {
    this.steps.push(step);
    if (step.tool === "undo") {
      const last = this.done.pop();
      this.unmake(last);
      this.undone.push(last.step);
    } else if (step.tool === "redo") this.done.push(this.make(this.undone.pop()));
    else {
      this.undone = [];
      this.done.push(this.make(step));
    }
  }

  record() {
    const record = {
      ...this.content(), pack: this.pack.pack, grid: this.pack.grid, steps: this.steps, started: this.started, finished: this.finished,
      active_ms: Math.round(this.active), slices_seen: [...this.seen].sort((a, b) => a - b),
      notes: this.notes.toWellFormed ? this.notes.toWellFormed() : this.notes, result: this.left(),
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
