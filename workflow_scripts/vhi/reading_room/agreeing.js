"use strict";
// What two readers left different is decided part by part, the largest first. The page does not know who kept a part.

const LOOKS = [null,
  { name: "kept by both", colour: COLOURS.lower, fill: 0.8 }, { name: "open", colour: COLOURS.upper, fill: 1.3, hatch: true, line: true, width: 0.8 },
  { name: "decided: keep", colour: COLOURS.lower, fill: 1.2, hatch: true, line: true }, { name: "decided: remove", colour: COLOURS.gone, line: true, dash: [2, 2] }];
const RIM = { name: "this difference", colour: COLOURS.chosen, dash: [4, 2], width: 2 };
const SAME = "The readers do not differ on this scan: F confirms it.";
let chosen = 0, reason = null;

class Agreement extends Reading {
  forget() { super.forget(); this.decided = new Map(); }
  stepOf({ keep = null, reason: why = null, differences = [] }) { return { keep, reason: why, differences: [...differences].sort((a, b) => a - b) }; }
  isEmpty(step) { return !step.differences.length; }

  make(step) {
    const before = step.differences.map((one) => [one, this.decided.get(one)]);
    put(this.decided, step.differences.map((one) => [one, step.keep === null ? null : { keep: step.keep, reason: step.reason }]));
    return { step, before };
  }

  unmake({ before }) { put(this.decided, before); }
  open() { return [...Array(this.count).keys()].map((n) => n + 1).filter((one) => !this.decided.has(one)); }

  left() {
    const result = { kept: 0, removed: 0, open: this.count - this.decided.size, voxels: 0 };
    for (const { keep } of this.decided.values()) result[keep ? "kept" : "removed"]++;
    for (let voxel = 0; voxel < this.labels.length; voxel++) if (this.labels[voxel] && (!this.regions[voxel] || this.decided.get(this.regions[voxel])?.keep)) result.voxels++;
    return result;
  }

  content() {
    const decisions = [...this.decided].sort((a, b) => a[0] - b[0]).map(([difference, one]) => ({ difference, ...one }));
    return { schema: "vhi-consensus/1", differences: this.count, decisions };
  }
}

function paint(slice) {
  const { labels, regions, plane, decided } = reading, start = slice * plane, classes = new Uint8Array(plane);
  for (let n = 0; n < plane; n++) {
    const number = regions[start + n], made = number ? decided.get(number) : null;
    if (labels[start + n]) classes[n] = !number ? 1 : !made ? 2 : made.keep ? 3 : 4;
  }
  return { classes, parts: regions.subarray(start, start + plane), look: LOOKS, rims: chosen && reading.sliceOf(chosen) === slice ? [[RIM, reading.voxels(chosen)]] : [] };
}

function setReason(name) { reason = reason === name ? null : name; lightOne("reasons", reason); }

function choose(number) {
  if (!reading.count) return;
  chosen = Math.max(1, Math.min(reading.count, number));
  setReason(null);
  const voxels = reading.voxels(chosen), middle = voxels[voxels.length >> 1] % reading.plane, row = Math.floor(middle / reading.columns);
  view.slice = reading.sliceOf(chosen);
  view.pan = [reading.columns / 2 - (middle % reading.columns), reading.rows / 2 - row];
  view.settle();
  redraw();
  panel();
}

// Downwards in size from this one, then from the largest.
function nextOpen() {
  const open = reading.open();
  if (open.length) choose(open.find((one) => one > chosen) ?? open[0]);
  else say("All differences are decided: F finishes.");
}

function decide(keep, together, keyboard) {
  if (!chosen) return say(SAME);
  const differences = together ? reading.lesionOf(chosen).filter((one) => one === chosen || !reading.decided.has(one)) : [chosen];
  step("decide", { keep, reason, differences, slice: reading.sliceOf(chosen), keyboard });
  nextOpen();
}

function agreeingPanel() {
  const left = reading.left(), made = reading.decided.get(chosen), size = chosen ? reading.size[chosen] : 0;
  $("difference").replaceChildren(...(chosen ? [
    element("h2", { textContent: `Difference ${chosen} of ${reading.count}` }),
    `${millilitres(size)} (${size} voxels) on slice ${reading.sliceOf(chosen) + 1}. One reader kept it, the other removed it. `,
    element("b", { textContent: made ? `Decided: ${made.keep ? "keep" : "remove"}${made.reason ? ` (${made.reason})` : ""}.` : "Open." }),
  ] : [SAME]));
  light("keep", made?.keep === true);
  light("drop", made?.keep === false);
  for (const id of ["keep", "drop", "former", "later", "open"]) $(id).disabled = !chosen;
  $("counts").textContent = `${left.kept} kept, ${left.removed} removed, ${left.open} open; consensus so far ${millilitres(left.voxels)} (${left.voxels} voxels)`;
}

page = {
  title: "Agreeing", allSlices: false, paint,
  tools: { select: ["Choose", "S"] },
  hints: { select: "K keeps what is outlined, R removes it; the next open difference follows. Click another difference to choose it." },
  help: [["Decide", [["K, R", "keep, remove this difference"], ["Shift+K, Shift+R", "all open ones that hang together with it in 3D"], ["1 to 5", "reason, before K or R"], ["N, P", "next, previous difference"], ["G", "next open difference"], ["click", "choose a difference"]]]],
  keys: {
    k: (event) => decide(true, event.shiftKey, true), r: (event) => decide(false, event.shiftKey, true),
    n: () => choose(chosen + 1), p: () => choose(chosen - 1), g: nextOpen,
    ...Object.fromEntries(REASONS.map((name, n) => [n + 1, () => setReason(name)])),
  },
  work: (pack, { labels, regions }) => new Agreement(pack, labels, regions),
  shares: () => reading.onSlice.map((numbers) => numbers.reduce((sum, one) => sum + (reading.decided.has(one) ? 0 : reading.size[one]), 0)),
  panel: agreeingPanel,
  draws: () => false, clicks: () => true,
  refuses: () => (reading.open().length ? `Not finished: ${reading.open().length} differences are open (G).` : null),
  taken: () => choose(reading.open()[0] ?? 1),
  onClick(place, { keyboard, canvas }) {
    const voxel = keyboard ? view.voxelAt(place) : view.nearest(canvas, place, 6, (one) => reading.regions[one]);
    if (voxel >= 0 && reading.regions[voxel]) choose(reading.regions[voxel]);
    else say(page.hints.select);
  },
  onStroke: () => say(page.hints.select),
  wire() {
    $("reasons").append(...REASONS.map((name, n) => button(name, name, n + 1, () => setReason(name))));
    $("legend").append(...legend([...LOOKS.slice(1), RIM]));
    const on = { keep: (event) => decide(true, event.shiftKey, false), drop: (event) => decide(false, event.shiftKey, false), former: () => choose(chosen - 1), later: () => choose(chosen + 1), open: nextOpen };
    for (const [id, onclick] of Object.entries(on)) $(id).onclick = onclick;
    if (!reading.count) { page.hints.select = SAME; return; }
    view.zoom = 2;
    choose(1);
  },
};
