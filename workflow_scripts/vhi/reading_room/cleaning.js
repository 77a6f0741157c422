"use strict";
// Step (vi): regions of the preliminary segmentation are removed, restored or cut.

const NEAR = 6; // pixels of the screen within which a click takes the nearest region
let reason = UNSTATED, chosen = 0, whole = false;
const marks = new Set();
const LOOKS = [null,
  { name: "lower limit", colour: COLOURS.lower, fill: 1 }, { name: "upper limit", colour: COLOURS.upper, fill: 1.3 },
  { name: "removed", colour: COLOURS.gone, line: true, dash: [2, 2] }, { name: "cut off", colour: COLOURS.cut, fill: 1.8, hatch: true, dash: [1, 2] }];
const RIMS = { chosen: { name: "chosen", colour: COLOURS.chosen, dash: [4, 2], width: 1.6 }, mark: { name: "to keep", colour: COLOURS.mark, width: 1.8 } };

function paint(slice) {
  const { labels, regions, plane, removed, cut } = reading, start = slice * plane, classes = new Uint8Array(plane), rims = [];
  for (const region of reading.onSlice[slice]) {
    const gone = removed.has(region);
    for (const voxel of reading.voxels(region)) classes[voxel - start] = gone ? 3 : cut.size && cut.has(voxel) ? 4 : labels[voxel];
    if (marks.has(region)) rims.push([RIMS.mark, reading.voxels(region)]);
    if (region === chosen) rims.push([RIMS.chosen, reading.voxels(region)]);
  }
  return { classes, parts: regions.subarray(start, start + plane), look: LOOKS, rims };
}

function setReason(name) { reason = name; lightOne("reasons", name); }
function setWhole() { whole = !whole; light("whole", whole); say(whole ? "Clicks take the whole 3D lesion." : "Clicks take the region of this slice."); }

function cleaningPanel() {
  const left = reading.left(), { removed, cuts } = reading.settled(), by = new Map(), voxels = left.lower_only_voxels + left.upper_voxels;
  $("counts").textContent = `${left.regions_kept} of ${reading.count} regions left: ${millilitres(voxels)} (${voxels} voxels, ${left.upper_voxels} upper)${marks.size ? `; ${marks.size} marked to keep` : ""}`;
  const rowOf = (name) => by.get(name) ?? by.set(name, { regions: 0, cuts: 0, voxels: 0 }).get(name);
  for (const item of removed) {
    rowOf(item.reason).regions++;
    rowOf(item.reason).voxels += reading.size[item.region];
  }
  for (const item of cuts) {
    rowOf(item.reason).cuts++;
    rowOf(item.reason).voxels += item.runs.reduce((sum, run) => sum + run[1], 0);
  }
  const rows = [...REASONS, UNSTATED].filter((name) => by.has(name)).map((name) => [name, ...Object.values(by.get(name))]);
  $("removed").replaceChildren(...table([["reason", "regions", "cuts", "voxels"], ...rows]));
}

// Steps

function press(voxel, lesion, keyboard = false) {
  const region = voxel < 0 ? 0 : reading.regions[voxel];
  if (!region) return;
  chosen = 0;
  const regions = lesion ? reading.lesionOf(region) : [region], name = lesion ? "lesion" : "click";
  if (reading.removed.has(region)) step(name, { regions: regions.filter((one) => reading.removed.has(one)), keyboard });
  else if (reading.cut.has(voxel) && !lesion) step(name, { voxels: [...reading.voxels(region)].filter((one) => reading.cut.has(one)), keyboard });
  else step(name, { reason, regions: regions.filter((one) => !reading.removed.has(one)), keyboard });
}

// Regions of a slice of which at least half the voxels lie where the test says.
function mostly(slice, test) {
  return reading.onSlice[slice].filter((region) => {
    let within = 0;
    for (const voxel of reading.voxels(region)) {
      const at = voxel - slice * reading.plane, column = at % reading.columns;
      if (test(column + 0.5, (at - column) / reading.columns + 0.5)) within++;
    }
    return 2 * within >= reading.size[region];
  });
}

function lasso(points, keyboard) {
  const found = mostly(view.slice, (x, y) => inside(points, x, y));
  if (tool === "keep") setMarks(found, true);
  else if (!step("lasso", { reason, regions: found.filter((region) => !reading.removed.has(region)), keyboard })) say("No region lies (at least by half) in the lasso.");
}

function line(points, everywhere, keyboard) {
  const [a, b] = [points[0], points.at(-1)];
  if (Math.abs(a.x - b.x) < 1) return say("The line is too steep: drag it from left to right.", true);
  const slices = everywhere ? reading.onSlice.keys() : [view.slice];
  const regions = [...slices].flatMap((slice) => mostly(slice, (x, y) => above([a, b], x, y))).filter((region) => !reading.removed.has(region));
  if (!step("line", { reason: reason === UNSTATED ? "level" : reason, regions, keyboard })) say("No region lies above the line.");
}

async function cutOff(voxels, keyboard) {
  const { slice } = view;
  if (!voxels.length) return say("Nothing to cut off there.");
  const why = reason === UNSTATED ? await ask(`Why are these ${voxels.length} voxels cut off?`, REASONS.map((name, n) => [`${n + 1} ${name}`, name])) : reason;
  if (why) step("cut", { slice, reason: why, voxels, keyboard });
}

function voxelsIn(points) {
  return reading.onSlice[view.slice].filter((region) => !reading.removed.has(region)).flatMap((region) => [...reading.voxels(region)].filter((voxel) => {
    const at = voxel - view.slice * reading.plane, column = at % reading.columns;
    return !reading.cut.has(voxel) && inside(points, column + 0.5, (at - column) / reading.columns + 0.5);
  }));
}

// The part of a region that holds a voxel and hangs on the rest by one pixel; with that pixel. Empty where no pixel joins two parts.
function hanging(voxel) {
  const { columns } = reading, region = reading.regions[voxel], whole = new Set([...reading.voxels(region)].filter((one) => !reading.cut.has(one)));
  const around = [-columns - 1, -columns, -columns + 1, 1, columns + 1, columns, columns - 1, -1]; // in a ring
  const partOf = (from, without) => {
    const part = new Set([from]), waiting = [from];
    while (waiting.length) {
      const one = waiting.pop();
      for (const by of around) if (one + by !== without && whole.has(one + by) && !part.has(one + by)) { part.add(one + by); waiting.push(one + by); }
    }
    return part;
  };
  const parts = [];
  for (const bridge of whole) {
    const beside = around.map((by) => whole.has(bridge + by)), groups = beside.filter((here, n) => here && !beside[(n + 7) % 8]).length;
    if (bridge === voxel || groups < 2) continue; // its neighbours hang together without it
    const part = partOf(voxel, bridge);
    if (part.size < whole.size - 1) parts.push(part.add(bridge));
  }
  return [...(parts.sort((a, b) => a.size - b.size)[0] ?? [])];
}

async function rest(keyboard, everywhere = false) {
  const slices = everywhere ? [...reading.onSlice.keys()] : [view.slice], all = slices.flatMap((slice) => reading.onSlice[slice]);
  const keep = new Set(all.filter((region) => marks.has(region)));
  if (!keep.size && chosen && !everywhere) keep.add(chosen);
  const regions = all.filter((region) => !keep.has(region) && !reading.removed.has(region));
  if (!regions.length) return say("There is nothing else to remove.");
  if (!keep.size) {
    const answer = await ask(`Nothing is marked to keep ${everywhere ? "on any slice" : "on this slice"}. Remove all ${regions.length} regions?`, [["Remove all", true], ["Cancel", null]]);
    if (!answer) return;
  }
  const unseenSlices = everywhere ? slices.filter((slice) => !reading.seen.has(slice) && reading.onSlice[slice].length) : [];
  if (unseenSlices.length) {
    const answer = await ask(`${unseenSlices.length} slices with regions have not been shown: ${unseenSlices.map((slice) => slice + 1).join(", ")}.`, [["Show the first of them", "show"], ["Remove the rest all the same", "remove"], ["Cancel", null]]);
    if (answer === "show") go(unseenSlices[0]);
    if (answer !== "remove") return;
  }
  if (step("rest", { reason, regions, keyboard })) say(`Removed ${regions.length} regions. Ctrl+Z brings them back.`);
  setMarks([...keep], false);
}

// Marks: what is to stay. They are kept in this browser, not in the record.

const MARKS = () => `vhi-marks ${PACK.pack}`;

function setMarks(regions, on) {
  regions.filter((region) => !reading.removed.has(region)).forEach((region) => (on ? marks.add(region) : marks.delete(region)));
  try { localStorage.setItem(MARKS(), JSON.stringify([...marks])); } catch { /* they last as long as the page */ }
  redraw();
  panel();
}

function mark(region, lesion = false) {
  if (region && !reading.removed.has(region)) setMarks(lesion ? reading.lesionOf(region) : [region], !marks.has(region));
}

// Regions in the order of work, from top to bottom.
function choose(by) {
  const regions = reading.onSlice[view.slice].filter((region) => !reading.removed.has(region) || region === chosen);
  if (!regions.length) return say("No region is left on this slice.");
  const at = regions.indexOf(chosen);
  chosen = regions[(at < 0 ? (by > 0 ? 0 : regions.length - 1) : at + by + regions.length) % regions.length];
  const voxels = reading.voxels(chosen), middle = voxels[voxels.length >> 1] % reading.plane;
  if (view.cross) view.cross = { x: middle % reading.columns, y: Math.floor(middle / reading.columns) };
  redraw();
}

page = {
  title: "Reading", allSlices: true, paint,
  tools: { select: ["Click or lasso", "S"], line: ["Line: all above goes", "L"], keep: ["Mark to keep", "K"], cut: ["Cut a part off", "X"] },
  hints: {
    select: "Click removes or restores a region, Shift+click the 3D lesion; drag a lasso to remove the regions inside.",
    line: "Drag a line: regions above it go from this slice; with Shift from all slices. The reason is 'level' unless you chose another.",
    keep: "Click or lasso what is to stay (Shift+click: the 3D lesion), then R removes the rest of this slice, Shift+R of all slices.",
    cut: "Draw around the part to cut off, or click a part that hangs by one pixel. A cut needs a reason.",
  },
  help: [
    ["Remove and keep", [["click, Enter", "remove or restore a region"], ["Shift+click, Shift+Enter", "the whole 3D lesion (D: without Shift)"], ["drag", "lasso: the regions inside"], ["N, P", "choose the next, previous region"], ["M", "mark to keep"], ["R", "remove the rest of this slice"], ["Shift+R", "remove the rest everywhere"], ["1 to 5, 0", "reason, none"]]],
    ["Tools", [["S", "click or lasso"], ["L", "line: all above goes (Shift: on all slices)"], ["K", "mark to keep"], ["X", "cut a part off: draw around it, or click a part that hangs by one pixel"]]],
  ],
  keys: {
    n: () => choose(1), p: () => choose(-1), d: setWhole, r: (event) => rest(true, event.shiftKey),
    m: () => mark(chosen || reading.regions[view.cross ? view.voxelAt(view.cross) : 0]),
    ...Object.fromEntries([UNSTATED, ...REASONS].map((name, n) => [n, () => setReason(name)])),
  },
  work: (pack, { labels, regions }) => new Reading(pack, labels, regions),
  shares: () => reading.onSlice.map((regions) => regions.reduce((sum, region) => sum + (reading.removed.has(region) ? 0 : reading.size[region]), 0)),
  panel: cleaningPanel,
  draws: (name) => name !== "select", clicks: (name) => name === "select" || name === "keep",
  onSlice: () => { chosen = 0; },
  onEscape: () => { chosen = 0; },
  taken: () => { try { setMarks(JSON.parse(localStorage.getItem(MARKS()) ?? "[]"), true); } catch { /* none */ } },
  onClick(place, { shift, keyboard, canvas }) {
    const voxel = keyboard ? view.voxelAt(place) : view.nearest(canvas, place, NEAR, (one) => reading.regions[one]);
    if (tool === "select") {
      if (voxel < 0 && !keyboard) say("There is no region within 6 pixels of the pointer.");
      press(voxel, shift !== whole, keyboard);
    } else if (tool === "keep") mark(voxel < 0 ? 0 : reading.regions[voxel], shift !== whole);
    else if (tool === "cut" && voxel >= 0 && reading.regions[voxel]) {
      const part = hanging(voxel);
      if (part.length) cutOff(part, keyboard);
      else say("No part hangs by one pixel here: draw around what is to be cut off.");
    } else say(page.hints[tool]);
  },
  onStroke(points, { shift, keyboard }) {
    if (tool === "line") line(points, shift, keyboard);
    else if (tool === "cut") cutOff(voxelsIn(points), keyboard);
    else lasso(points, keyboard);
  },
  onEnter(event) {
    if (tool === "cut" && view.cross) return page.onClick({ x: view.cross.x + 0.5, y: view.cross.y + 0.5 }, { keyboard: true });
    if (chosen && tool === "keep") mark(chosen, event.shiftKey);
    else if (chosen) press(reading.voxels(chosen)[0], event.shiftKey, true);
  },
  wire() {
    $("reasons").append(...REASONS.map((name, n) => button(name, name, n + 1, () => setReason(name))), button(UNSTATED, "none given", 0, () => setReason(UNSTATED)));
    $("legend").append(...legend([...LOOKS.slice(1), RIMS.mark]));
    $("rest").onclick = () => rest(false);
    $("everywhere").onclick = () => rest(false, true);
    $("whole").onclick = setWhole;
    setReason(UNSTATED);
    page.taken();
  },
};
