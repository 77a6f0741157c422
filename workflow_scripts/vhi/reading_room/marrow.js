"use strict";
// Steps (i) and (ii): the patch of normal marrow, with the limits and the preliminary segmentation that it gives.

let exact, region, proposal, found = { labels: null, limits: null, error: null }, computing = null;
const LOOKS = [null, { name: "normal marrow", colour: COLOURS.mask, fill: 0.6, line: true, width: 1.3 }, { name: "lower limit", colour: COLOURS.lower, fill: 1 }, { name: "upper limit", colour: COLOURS.upper, fill: 1.3 }, { name: "proposal", colour: COLOURS.chosen, line: true, dash: [3, 2] }];

function paint(slice) {
  const start = slice * reading.plane, classes = new Uint8Array(reading.plane), { labels } = found;
  for (let n = 0; n < reading.plane; n++) classes[n] = reading.mask[start + n] ? 1 : labels?.[start + n] ? labels[start + n] + 1 : proposal?.[start + n] && !reading.steps.length ? 4 : 0;
  return { classes, parts: null, look: LOOKS, rims: [] };
}

// Limits, preliminary voxels and their stability, and what is to be seen about the patch.
function compute() {
  const values = Float64Array.from(reading.voxels(), (voxel) => exact[voxel]).sort(), warnings = [], { rule, small_regions: small } = PACK;
  found = { values, limits: null, labels: null, voxels: null, change: null, warnings };
  const used = region && PACK.exclude ? region.map((one, voxel) => (one && !reading.mask[voxel] ? 1 : 0)) : region;
  const count = (limits) => preliminary(exact, used, limits, small, PACK.grid).reduce((sum, label) => sum + (label > 0), 0);
  if (!values.length) return found;
  try { found.limits = findLimits(values, rule); } catch (error) { warnings.push(error.message); return found; }
  const { q3, iqr } = found.limits, bright = values.filter((value) => value > q3 + 3 * iqr).length;
  if (bright) warnings.push(`${bright} voxels are far brighter than the rest (above Q3 + 3 IQR): is a vessel in the patch?`);
  if (values.length < PACK.few) warnings.push(`Only ${values.length} voxels: quartiles say little below ${PACK.few}.`);
  if (region) {
    found.labels = preliminary(exact, used, found.limits, small, PACK.grid);
    found.voxels = found.labels.reduce((sum, label) => sum + (label > 0), 0);
    try {
      found.without = count(findLimits(values.subarray(0, -1), rule));
      found.change = found.voxels ? 100 * (found.without / found.voxels - 1) : null;
    } catch { found.change = null; }
    if (found.change !== null && Math.abs(found.change) >= PACK.unstable_percent) warnings.push(`One voxel decides: without the brightest voxel, the preliminary segmentation changes by ${Math.round(found.change)} %.`);
  }
  return found;
}

function later() { // drawing goes on while the numbers wait
  clearTimeout(computing);
  computing = setTimeout(() => { compute(); tellFound(); redraw(); }, 60);
}

function tellFound() {
  const { limits, values, voxels, change, warnings } = found, left = reading.left(), number = (value) => Number(value.toPrecision(5));
  $("counts").replaceChildren(element("table", {}, ...table([
    ["patch", `${left.voxels} voxels, ${millilitres(left.voxels)}, ${left.slices} slices`],
    ...(limits ? [["lower limit", number(limits.lower)], ["upper limit", number(limits.upper)], ["Q1, Q3", `${number(limits.q1)}, ${number(limits.q3)}`]] : []),
    ...(voxels !== null && limits ? [["preliminary", `${voxels} voxels, ${millilitres(voxels)}`], ["without the brightest voxel", change === null ? "-" : `${change > 0 ? "+" : ""}${change.toFixed(1)} %`]] : []),
  ])));
  $("warnings").replaceChildren(...(warnings ?? []).map((text) => element("div", { textContent: `⚠ ${text}` })));
  histogram(values ?? [], limits);
}

function histogram(values, limits) {
  const canvas = $("histogram"), [w, h] = [canvas.clientWidth, canvas.clientHeight], context = canvas.getContext("2d"), bins = 48;
  [canvas.width, canvas.height] = [w, h];
  if (!values.length) return;
  const [low, high] = [values[0], Math.max(values.at(-1), limits?.upper ?? 0, limits?.lower ?? 0)], counts = new Float64Array(bins), wide = Math.max(high - low, 1e-9);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((bins * (value - low)) / wide))]++;
  const top = Math.max(...counts);
  context.fillStyle = `rgb(${COLOURS.mask})`;
  counts.forEach((count, n) => context.fillRect((n * w) / bins + 0.5, h - (count / top) * (h - 4), w / bins - 1, (count / top) * (h - 4)));
  for (const name of limits ? ["lower", "upper"] : []) {
    context.fillStyle = `rgb(${COLOURS[name]})`;
    context.fillRect(Math.min(w - 2, ((limits[name] - low) / wide) * w), 0, 2, h);
  }
}

function propose() {
  if (!proposal) return say("There is no proposal for this scan.");
  const { mask } = reading, added = [], removed = [];
  proposal.forEach((one, voxel) => { if (one !== mask[voxel]) (one ? added : removed).push(voxel); });
  if (step("proposal", { added, removed })) go(Math.floor(added[added.length >> 1] / reading.plane) || view.slice);
}

page = {
  ...DRAWS, task: "marrow", title: "Normal marrow", allSlices: false, paint,
  help: [["Normal marrow", [["T", "take the proposal"]]], ...DRAWS.help],
  keys: { ...DRAWS.keys, t: propose },
  work(pack, arrays) {
    ({ exact, region, proposal } = arrays);
    return new Drawing(pack, new Uint8Array(exact.length));
  },
  panel: later,
  refuses: () => (compute().limits ? null : `Not finished: ${found.warnings[0] ?? "the patch is empty."}`),
  wire() {
    DRAWS.wireTools();
    $("proposals").hidden = !proposal;
    $("propose").onclick = propose;
    $("legend").append(...legend(LOOKS.slice(1, proposal ? 5 : 4)));
    if (proposal) view.slice = Math.floor(proposal.indexOf(1) / reading.plane) || view.slice;
  },
};
