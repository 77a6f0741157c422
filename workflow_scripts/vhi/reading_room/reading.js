"use strict";
// What a reader has done with one preliminary segmentation: regions removed, parts cut off.
// The rules are those of vhi/cleaning/records.py, which replays the steps and must arrive at the same lists.

const REASONS = ["vessel", "artefact", "joint space", "level", "other"];
const UNSTATED = "unstated";

class Reading extends Work {
  constructor(pack, labels, regions) {
    super(pack);
    Object.assign(this, { labels, regions });
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
    super.forget();
    Object.assign(this, { removed: new Map(), cut: new Map() });
  }

  sliceOf(region) { return Math.floor(this.order[this.first[region]] / this.plane); }
  voxels(region) { return this.order.subarray(this.first[region], this.first[region + 1]); }
  isGone(voxel) { return this.cut.has(voxel) || this.removed.has(this.regions[voxel]); }
  lesionOf(region) { return this.ofLesion.get(this.pack.lesions[region]); }

  // Steps

  stepOf({ reason, regions = [], voxels = [] }) { return { reason: reason ?? null, regions: [...regions].sort((a, b) => a - b), runs: runsOf(voxels) }; }
  isEmpty(step) { return !step.regions.length && !step.runs.length; }

  make(step) {
    const voxels = voxelsOf(step.runs), made = { step, regions: step.regions.map((r) => [r, this.removed.get(r)]), voxels: voxels.map((v) => [v, this.cut.get(v)]) };
    put(this.removed, step.regions.map((region) => [region, step.reason]));
    put(this.cut, voxels.map((voxel) => [voxel, step.reason]));
    return made;
  }

  unmake(made) {
    put(this.removed, made.regions);
    put(this.cut, made.voxels);
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

  content() { return { schema: "vhi-record/1", source: "page", regions: this.count, ...this.settled(), added: [] }; }
}

function put(map, items) {
  for (const [key, value] of items) {
    if (value === undefined || value === null) map.delete(key);
    else map.set(key, value);
  }
}
