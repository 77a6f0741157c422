"use strict";
// Step (iii): the network's disease region is rated and, where need be, corrected.

const RATINGS = { satisfactory: "satisfactory", minor: "minor correction needed", failed: "failed" };
const UNSURE = [20, 80]; // percent of probability
const LOOKS = [null, { name: "region", colour: COLOURS.mask, fill: 0.35 }, { name: "networks unsure", colour: COLOURS.unsure, fill: 1, hatch: true }, { name: "removed", colour: COLOURS.before, line: true, dash: [2, 2] }];
let probability;

function paint(slice) {
  const start = slice * reading.plane, classes = new Uint8Array(reading.plane);
  for (let n = 0; n < reading.plane; n++) {
    const voxel = start + n, unsure = probability && probability[voxel] >= UNSURE[0] && probability[voxel] <= UNSURE[1];
    classes[n] = unsure && reading.mask[voxel] === reading.begin[voxel] ? 2 : reading.mask[voxel] ? 1 : reading.begin[voxel] ? 3 : 0;
  }
  return { classes, parts: null, look: LOOKS, rims: [[{ colour: COLOURS.mask, width: 1.4 }, reading.voxels(slice)]] };
}

function rate(name) {
  reading.rating = reading.rating === name ? null : name;
  reading.finished = null;
  panel();
  save();
}

function regionPanel() {
  const left = reading.left();
  lightOne("ratings", reading.rating);
  $("counts").textContent = `${millilitres(left.voxels)} (${left.voxels} voxels) on ${left.slices} slices; ${left.added_voxels} added, ${left.removed_voxels} removed by you`;
}

page = {
  ...DRAWS, task: "region", title: "Disease region", allSlices: true, paint,
  help: [["Rating", [["1, 2, 3", "satisfactory, minor correction needed, failed"]]], ...DRAWS.help],
  keys: { ...DRAWS.keys, ...Object.fromEntries(Object.keys(RATINGS).map((name, n) => [n + 1, () => rate(name)])) },
  work(pack, arrays) {
    ({ probability } = arrays);
    return new Drawing(pack, arrays.region);
  },
  panel: regionPanel,
  refuses: () => (!reading.rating ? "Not finished: rate the region first (1, 2 or 3)." : reading.left().voxels ? null : "Not finished: the region is empty."),
  wire() {
    DRAWS.wireTools();
    $("ratings").append(...Object.entries(RATINGS).map(([name, text], n) => button(name, text, n + 1, () => rate(name))));
    $("legend").append(...legend(probability ? LOOKS.slice(1) : [LOOKS[1], LOOKS[3]]));
    if (PACK.one) $("layout").value = "t1w";
  },
};
