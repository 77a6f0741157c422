"use strict";
// SPARCC of the sacroiliac joints: six consecutive slices, two joints; the score's rules hold while it is entered (vhi/statistics/sparcc.py).

const SLICES = 6, SIDES = ["right", "left"];
const QUADRANTS = { q1: "upper ilium", q2: "lower ilium", q3: "upper sacrum", q4: "lower sacrum" };
const EXTRAS = { depth: "depth ≥ 1 cm", intensity: "as bright as veins" };
const ITEMS = [...Object.keys(QUADRANTS), ...Object.keys(EXTRAS)];
// As the joints lie on the screen, the patient's right on the left.
const PLACES = { right: ["q1", "q3", "q2", "q4", "depth", "intensity"], left: ["q3", "q1", "q4", "q2", "depth", "intensity"] };
const LETTERS = { right: ["q", "w", "a", "s", "z", "x"], left: ["o", "p", "k", "l", "n", "m"] };

class Score extends Work {
  constructor(pack) { super(pack); this.forget(); }
  forget() { super.forget(); Object.assign(this, { begin: null, given: new Map() }); }

  at(slice, side, item) { return this.given.get(`${slice} ${side} ${item}`) ?? 0; }
  inSix(slice) { return this.begin !== null && slice >= this.begin && slice < this.begin + SLICES; }
  oedema(slice, side) { return Object.keys(QUADRANTS).some((item) => this.at(slice, side, item)); }

  stepOf({ begin = null, changes = [] }) { return { begin, changes }; }
  isEmpty(step) { return step.begin === null && !step.changes.length; }

  make(step) {
    const before = { begin: this.begin, given: new Map(this.given) };
    if (step.begin !== null) this.begin = step.begin;
    for (const { slice, side, item, value } of step.changes) this.given.set(`${slice} ${side} ${item}`, value);
    return { step, before };
  }

  unmake({ before }) { Object.assign(this, before); }

  sheet() {
    if (this.begin === null) return [];
    return [...Array(SLICES).keys()].flatMap((n) => SIDES.map((side) => ({ slice: this.begin + n, side, ...Object.fromEntries(ITEMS.map((item) => [item, this.at(this.begin + n, side, item)])) })));
  }

  left() { return { total: this.sheet().reduce((sum, row) => sum + ITEMS.reduce((of, item) => of + row[item], 0), 0) }; }
  content() { return { schema: "vhi-sparcc/1", begin: this.begin, scores: this.sheet() }; }
}

function toggle(side, item, keyboard) {
  const { slice } = view, value = 1 - reading.at(slice, side, item);
  if (!reading.inSix(slice)) return say(reading.begin === null ? "Choose the first of the six slices (T)." : "This slice is not one of the six.", true);
  if (item in EXTRAS && !reading.oedema(slice, side)) return say("Depth and intensity count only where a quadrant of this joint has oedema.", true);
  const changes = [{ slice, side, item, value }];
  const last = item in QUADRANTS && !value && Object.keys(QUADRANTS).every((other) => other === item || !reading.at(slice, side, other));
  if (last) for (const extra of Object.keys(EXTRAS)) if (reading.at(slice, side, extra)) changes.push({ slice, side, item: extra, value: 0 });
  step("score", { changes, keyboard });
}

function setFirst(keyboard) {
  if (view.slice + SLICES > reading.slices) return say(`Six slices do not follow: choose slice ${reading.slices - SLICES + 1} or one before it.`, true);
  step("first", { begin: view.slice, keyboard });
}

function scoringPanel() {
  const { slice } = view, six = reading.inSix(slice);
  for (const side of SIDES) {
    for (const item of ITEMS) {
      const one = $(`${side}_${item}`), on = six && reading.at(slice, side, item) === 1;
      one.classList.toggle("on", on);
      one.ariaPressed = on;
      one.disabled = !six || (item in EXTRAS && !reading.oedema(slice, side));
    }
  }
  $("total").textContent = reading.begin === null ? `Choose the first of six slices with T (1 to ${reading.slices - SLICES + 1})` : `SPARCC ${reading.left().total} of 72`;
  const sum = (row) => ITEMS.reduce((of, item) => of + row[item], 0), rows = reading.sheet();
  $("sheet").replaceChildren(...table([["slice", "right", "left"], ...[...Array(rows.length / 2).keys()].map((n) => [`${rows[2 * n].slice + 1}${rows[2 * n].slice === slice ? " (shown)" : ""}${reading.seen.has(rows[2 * n].slice) ? "" : " not seen"}`, sum(rows[2 * n]), sum(rows[2 * n + 1])])]));
}

const letters = SIDES.flatMap((side) => PLACES[side].map((item, n) => [LETTERS[side][n], (event) => { if (!event.repeat) toggle(side, item, true); }]));

page = {
  title: "Scoring", allSlices: false,
  paint: () => ({ classes: new Uint8Array(reading.plane), parts: null, look: [null], rims: [] }),
  tools: { look: ["Look", "J"] }, hints: { look: "Mark quadrants with oedema; then depth and intensity of the joint." },
  help: [["Score", [["Q W / A S", "right joint: ilium, sacrum; upper, lower"], ["Z, X", "right joint: depth, intensity"], ["O P / K L", "left joint: sacrum, ilium; upper, lower"], ["N, M", "left joint: depth, intensity"], ["T", "the slice shown is the first of the six"]]]],
  keys: { ...Object.fromEntries(letters), t: () => setFirst(true) },
  work: (pack) => new Score(pack),
  shares: () => [...Array(reading.slices).keys()].map((slice) => (reading.inSix(slice) ? 1 + SIDES.reduce((sum, side) => sum + ITEMS.reduce((of, item) => of + reading.at(slice, side, item), 0), 0) : 0)),
  panel: scoringPanel,
  draws: () => false, clicks: () => true,
  onSlice: () => setTimeout(scoringPanel),
  refuses() {
    if (reading.begin === null) return "Not finished: choose the first of the six slices (T).";
    const hidden = [...Array(SLICES).keys()].map((n) => reading.begin + n).filter((slice) => !reading.seen.has(slice));
    return hidden.length ? `Not finished: of the six, slices ${hidden.map((slice) => slice + 1).join(", ")} have not been shown.` : null;
  },
  onClick: () => say(page.hints.look), onStroke: () => say(page.hints.look),
  wire() {
    for (const side of SIDES) {
      const boxes = PLACES[side].map((item, n) => Object.assign(button(item, QUADRANTS[item] ?? EXTRAS[item], LETTERS[side][n].toUpperCase(), () => toggle(side, item, false)), { id: `${side}_${item}` }));
      $("joints").append(element("div", { className: "ratings" }, element("h2", { textContent: `${side === "right" ? "Right" : "Left"} joint` }), element("div", { className: "joint" }, ...boxes)));
    }
    $("overlay").parentElement.hidden = true;
    $("first").onclick = () => setFirst(false);
  },
};
