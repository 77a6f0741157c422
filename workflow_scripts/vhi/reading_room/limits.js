"use strict";
// Steps (ii), (iv) and (v), live: the rules are those of vhi/marrow/limits.py and vhi/inflammation.py, and give the same numbers.

const TAIL_LOWER = 3.16, TAIL_UPPER = 3.89;

// As numpy.quantile: linear between the two nearest of the sorted values.
function quantile(sorted, share) {
  const at = share * (sorted.length - 1), below = Math.floor(at), part = at - below, a = sorted[below], b = sorted[Math.min(below + 1, sorted.length - 1)];
  return part >= 0.5 ? b - (b - a) * (1 - part) : a + (b - a) * part;
}

const rounded = (value) => Number(value.toFixed(3));

function findMultiple(q3, iqr, upper, rule) {
  if ((upper - q3) / iqr > 1e5 * rule.n_step) throw new Error("The brightest voxel lies far above the rest: implausible for normal marrow; redraw the patch.");
  let n = rule.n_start;
  while (upper - (q3 + n * iqr) >= rule.iqr_share * iqr) n += rule.n_step;
  if (upper <= q3 + n * iqr) {
    if (rule.n_step * iqr < 5e-4) throw new Error("Intensities are too small for the rule of the limits, which rounds to three decimals.");
    while (rounded(upper - (q3 + n * iqr)) <= 0) n -= rule.n_step;
  }
  return n;
}

// Both limits of a patch; sorted intensities (Float64Array).
function findLimits(sorted, rule) {
  if (!sorted.length) throw new Error("The patch is empty.");
  const [q1, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.75)], iqr = q3 - q1;
  let upper = sorted.at(-1);
  if (!(iqr > 0)) throw new Error("The patch has an interquartile range of 0: draw it on marrow, not on a constant or clipped area.");
  let n = findMultiple(q3, iqr, upper, rule);
  if (rule.rule === "patch_tail") {
    const excess = (quantile(sorted, 0.875) - q3) / Math.log(2);
    upper = q3 + TAIL_UPPER * excess;
    n = (TAIL_LOWER * excess) / iqr;
  }
  return { lower: q3 + n * iqr, upper, n, q1, q3, iqr, voxels: sorted.length };
}

// Labels of the preliminary segmentation: 1 from the lower limit, 2 from the upper; regions of few pixels within a slice are dropped.
function preliminary(stir, region, limits, { minimum_pixels, connectivity }, [slices, rows, columns]) {
  const labels = new Uint8Array(stir.length), plane = rows * columns, seen = new Uint8Array(stir.length), waiting = [];
  for (let voxel = 0; voxel < stir.length; voxel++) if (region[voxel] && stir[voxel] >= limits.lower) labels[voxel] = stir[voxel] >= limits.upper ? 2 : 1;
  for (let first = 0; first < stir.length; first++) {
    if (!labels[first] || seen[first]) continue;
    const start = Math.floor(first / plane) * plane, part = [first];
    seen[first] = 1;
    waiting.push(first);
    while (waiting.length) {
      const at = waiting.pop() - start, row = Math.floor(at / columns), column = at % columns;
      for (let dr = -1; dr <= 1; dr++) for (let dc = -1; dc <= 1; dc++) {
        if ((connectivity === 4 && dr && dc) || row + dr < 0 || row + dr >= rows || column + dc < 0 || column + dc >= columns) continue;
        const next = start + (row + dr) * columns + column + dc;
        if (labels[next] && !seen[next]) { seen[next] = 1; waiting.push(next); part.push(next); }
      }
    }
    if (part.length < minimum_pixels) for (const voxel of part) labels[voxel] = 0;
  }
  return labels;
}
