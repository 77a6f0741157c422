"use strict";
// The page: pointer and keys, panel, autosave, and the server where there is one.

const $ = (id) => document.getElementById(id);
const TOOLS = { select: "Click or lasso", line: "Line: all above goes", keep: "Mark to keep", cut: "Cut a part off" };
const HINTS = {
  select: "Click removes or restores a region, Shift+click the 3D lesion; drag a lasso to remove the regions inside.",
  line: "Drag a line: regions above it go from this slice; with Shift from all slices. The reason is 'level' unless you chose another.",
  keep: "Click or lasso what is to stay on this slice, then R removes everything else.",
  cut: "Draw around the part to cut off. A cut needs a reason.",
};
const KEYS = `wheel, ↑ ↓, PageUp PageDown: slice     Home, End: first, last     U: next slice not yet seen
click: remove or restore a region     Shift+click: the 3D lesion     drag: lasso
N, P: next, previous region     Enter: remove or restore it     Shift+Enter: its lesion     M: mark to keep
R: remove everything else on this slice     1 to 5: reason, 0: none
S select     L line     K keep     X cut
C: pointer by keys: arrows move it (Shift: by ten), Space sets a point or clicks, Enter closes, Escape drops
Ctrl+Z, Ctrl+Y: undo, redo     Space (hold) or H: hide overlay     B: next view
right drag or [ ] ; ': window     Ctrl+wheel or + - .: zoom     middle drag: move     F: finish`;
const LONGEST_TICK = 5000, RETRY = 5000;
const served = location.protocol.startsWith("http");

let PACK, reading, view, reason = UNSTATED, tool = "select", drag = null, revision = null, last = Date.now(), touched = Date.now(), timer = null, saving = null, again = false, kept = true, unsaved = false;

function decoded(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const characters = atob(text), bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

async function unpack(text, Kind) {
  const bytes = decoded(text);
  return new Kind(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

// Panel

function say(text, warn = false) { $("hint").textContent = text; $("hint").className = warn ? "warn" : ""; }

function ask(question, choices) {
  return new Promise((answer) => {
    $("question").textContent = question;
    $("choices").replaceChildren(...choices.map(([name, value], n) => {
      const button = document.createElement("button");
      button.textContent = name;
      button.onclick = () => $("ask").close(String(n));
      return button;
    }));
    $("ask").onkeydown = (event) => { event.stopPropagation(); if (choices[+event.key - 1]) $("ask").close(String(+event.key - 1)); };
    $("ask").returnValue = "";
    $("ask").onclose = () => answer($("ask").returnValue === "" ? null : choices[+$("ask").returnValue][1]);
    $("ask").showModal();
  });
}

function setReason(name) {
  reason = name;
  [...$("reasons").children].forEach((button) => { button.classList.toggle("on", button.value === name); button.ariaPressed = button.value === name; });
}

function setTool(name) {
  tool = name;
  view.outline = null;
  [...$("tools").children].forEach((button) => { button.classList.toggle("on", button.value === name); button.ariaPressed = button.value === name; });
  say(HINTS[name]);
  view.draw();
}

function panel() {
  const left = reading.left(), { removed, cuts } = reading.settled(), by = new Map();
  $("counts").textContent = `${left.regions_kept} of ${reading.count} regions left; ${left.lower_only_voxels + left.upper_voxels} voxels (${left.upper_voxels} upper)`;
  for (const item of removed) {
    const row = by.get(item.reason) ?? by.set(item.reason, { regions: 0, cuts: 0, voxels: 0 }).get(item.reason);
    row.regions++;
    row.voxels += reading.size[item.region];
  }
  for (const item of cuts) {
    const row = by.get(item.reason) ?? by.set(item.reason, { regions: 0, cuts: 0, voxels: 0 }).get(item.reason);
    row.cuts++;
    row.voxels += item.runs.reduce((sum, run) => sum + run[1], 0);
  }
  $("removed").replaceChildren(...[["reason", "regions", "cuts", "voxels"], ...[...REASONS, UNSTATED].filter((name) => by.has(name)).map((name) => [name, by.get(name).regions, by.get(name).cuts, by.get(name).voxels])].map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((cell) => Object.assign(document.createElement("td"), { textContent: cell })));
    return row;
  }));
  $("undo").disabled = !reading.done.length;
  $("redo").disabled = !reading.undone.length;
  $("finish").classList.toggle("on", reading.finished !== null);
  const shares = reading.onSlice.map((regions) => regions.reduce((sum, region) => sum + (reading.removed.has(region) ? 0 : reading.size[region]), 0)), top = Math.max(1, ...shares);
  [...$("strip").children].forEach((bar, slice) => { bar.firstChild.style.height = shares[slice] ? `${Math.max(8, (100 * Math.sqrt(shares[slice])) / Math.sqrt(top))}%` : 0; });
}

function show() {
  view.draw();
  $("where").textContent = `slice ${view.slice + 1} of ${reading.slices}`;
  [...$("strip").children].forEach((bar, slice) => { bar.className = `${reading.seen.has(slice) ? "seen" : ""} ${slice === view.slice ? "now" : ""}`; });
}

function go(slice) {
  const to = Math.max(0, Math.min(reading.slices - 1, slice));
  if (to === view.slice) return;
  view.slice = to;
  view.chosen = 0;
  view.outline = null;
  show();
  save(2000);
}

// Steps

function step(name, options) {
  if (!reading.take(name, { slice: view.slice, ...options })) return false;
  show();
  panel();
  save();
  return true;
}

function press(voxel, lesion, keyboard = false) {
  const region = voxel < 0 ? 0 : reading.regions[voxel];
  if (!region) return;
  view.chosen = 0;
  const regions = lesion ? reading.ofLesion.get(reading.pack.lesions[region]) : [region], name = lesion ? "lesion" : "click";
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
  if (tool === "keep") {
    found.forEach((region) => view.marks.add(region));
    view.draw();
  } else if (!step("lasso", { reason, regions: found.filter((region) => !reading.removed.has(region)), keyboard })) say("No region lies (at least by half) in the lasso.");
}

function line(points, everywhere, keyboard) {
  const [a, b] = [points[0], points[points.length - 1]];
  if (Math.abs(a.x - b.x) < 1) return say("The line is too steep: drag it from left to right.", true);
  const slices = everywhere ? reading.onSlice.keys() : [view.slice];
  const regions = [...slices].flatMap((slice) => mostly(slice, (x, y) => above([a, b], x, y))).filter((region) => !reading.removed.has(region));
  if (!step("line", { reason: reason === UNSTATED ? "level" : reason, regions, keyboard })) say("No region lies above the line.");
}

async function cutOff(points, keyboard) {
  const voxels = [], slice = view.slice;
  for (const region of reading.onSlice[slice]) {
    if (reading.removed.has(region)) continue;
    for (const voxel of reading.voxels(region)) {
      const at = voxel - slice * reading.plane, column = at % reading.columns;
      if (!reading.cut.has(voxel) && inside(points, column + 0.5, (at - column) / reading.columns + 0.5)) voxels.push(voxel);
    }
  }
  if (!voxels.length) return say("Nothing to cut off in there.");
  const why = reason === UNSTATED ? await ask("Why is this part cut off?", REASONS.map((name, n) => [`${n + 1} ${name}`, name])) : reason;
  if (why) step("cut", { slice, reason: why, voxels, keyboard });
}

function rest(keyboard) {
  const keep = view.marks.size || !view.chosen ? view.marks : new Set([view.chosen]);
  const regions = reading.onSlice[view.slice].filter((region) => !keep.has(region) && !reading.removed.has(region));
  if (step("rest", { reason, regions, keyboard })) reading.onSlice[view.slice].forEach((region) => view.marks.delete(region));
  show();
}

function mark(region) {
  if (!region || reading.removed.has(region)) return;
  if (!view.marks.delete(region)) view.marks.add(region);
  view.draw();
}

// Regions in the order of work, from top to bottom.
function choose(by) {
  const list = reading.onSlice[view.slice].filter((region) => !reading.removed.has(region) || region === view.chosen);
  if (!list.length) return say("No region is left on this slice.");
  const at = list.indexOf(view.chosen);
  view.chosen = list[(at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by + list.length) % list.length];
  const voxels = reading.voxels(view.chosen), middle = voxels[voxels.length >> 1] % reading.plane;
  if (view.cross) view.cross = { x: middle % reading.columns, y: Math.floor(middle / reading.columns) };
  view.draw();
}

// Pointer

function closeOutline(points, shift, keyboard) {
  view.outline = null;
  if (tool === "line") line(points, shift, keyboard);
  else if (tool === "cut") cutOff(points, keyboard);
  else lasso(points, keyboard);
  show();
}

function wire(canvas) {
  canvas.oncontextmenu = (event) => event.preventDefault();
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, button: event.button, window: [...view.windows[canvas.id]], pan: [...view.pan], points: [view.place(canvas, event)] };
  };
  canvas.onpointermove = (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.button === 2) setWindow(canvas.id, drag.window, 1 + dx / 300, dy / 400);
    else if (drag.button === 1) {
      const g = view.geometry(canvas), dpr = window.devicePixelRatio || 1;
      view.pan = [drag.pan[0] + (dx * dpr) / g.sx, drag.pan[1] + (dy * dpr) / g.sy];
    } else if (view.outline || Math.hypot(dx, dy) > 4) {
      drag.points.push(view.place(canvas, event));
      view.outline = { points: tool === "line" ? [drag.points[0], drag.points[drag.points.length - 1]] : drag.points, line: tool === "line", cut: tool === "cut", keep: tool === "keep" };
    }
    view.draw();
  };
  canvas.onpointerup = (event) => {
    const was = drag;
    drag = null;
    if (!was || was.button !== 0) return;
    if (view.outline) return closeOutline(was.points, event.shiftKey, false);
    const voxel = view.voxelAt(view.place(canvas, event));
    if (tool === "select") press(voxel, event.shiftKey);
    else if (tool === "keep" && voxel >= 0) mark(reading.regions[voxel]);
    else say(HINTS[tool]);
  };
  canvas.onpointercancel = () => { drag = null; view.outline = null; view.draw(); };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey) zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    else go(view.slice + Math.sign(event.deltaY));
  }, { passive: false });
}

function zoom(by) {
  view.zoom = by ? Math.max(1, Math.min(12, view.zoom * by)) : 1;
  if (view.zoom === 1) view.pan = [0, 0];
  view.draw();
}

function setWindow(name, [low, high], wider, brighter) {
  const width = Math.max(8, (high - low) * wider), middle = (low + high) / 2 + brighter * (high - low);
  view.windows[name] = [Math.round(middle - width / 2), Math.round(middle + width / 2)];
}

function bothWindows(wider, brighter) {
  for (const name of ["stir", "t1w"]) setWindow(name, view.windows[name], wider, brighter);
  view.draw();
}

// Keys

function moveCross(dx, dy) {
  view.cross.x = Math.max(0, Math.min(reading.columns - 1, view.cross.x + dx));
  view.cross.y = Math.max(0, Math.min(reading.rows - 1, view.cross.y + dy));
  if (view.zoom > 1) view.pan = [reading.columns / 2 - view.cross.x, reading.rows / 2 - view.cross.y];
  view.draw();
}

function pressCross(event) {
  const point = { x: view.cross.x + 0.5, y: view.cross.y + 0.5 }, voxel = view.voxelAt(point);
  if (tool === "select" && !event.altKey && !view.outline) return press(voxel, event.shiftKey, true);
  if (tool === "keep" && !event.altKey && !view.outline) return mark(reading.regions[voxel]);
  const points = [...(view.outline?.points ?? []), point];
  view.outline = { points, line: tool === "line", cut: tool === "cut", keep: tool === "keep" };
  if (tool === "line" && points.length === 2) closeOutline(points, event.shiftKey, true);
  view.draw();
}

function enter(event) {
  if (view.outline && view.outline.points.length > 2) return closeOutline(view.outline.points, event.shiftKey, true);
  if (view.chosen && tool === "keep") mark(view.chosen);
  else if (view.chosen) press(reading.voxels(view.chosen)[0], event.shiftKey, true);
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const PRESSED = {
  pageup: () => go(view.slice - 1), pagedown: () => go(view.slice + 1), home: () => go(0), end: () => go(reading.slices - 1),
  u: () => { const next = [...Array(reading.slices).keys()].find((slice) => !reading.seen.has(slice)); if (next === undefined) say("All slices have been seen."); else go(next); },
  n: () => choose(1), p: () => choose(-1), enter, delete: enter, m: () => mark(view.chosen || reading.regions[view.cross ? view.voxelAt(view.cross) : 0]), r: () => rest(true),
  s: () => setTool("select"), l: () => setTool("line"), k: () => setTool("keep"), x: () => setTool("cut"),
  c: () => { view.cross = view.cross ? null : { x: reading.columns >> 1, y: reading.rows >> 1 }; view.outline = null; view.draw(); },
  escape: () => { view.outline = null; view.chosen = 0; view.draw(); },
  h: hide, b: () => { const order = ["both", "stir", "t1w", "blend"]; $("layout").value = order[(order.indexOf(view.layout) + 1) % 4]; setLayout(); },
  "[": () => bothWindows(1.15, 0), "]": () => bothWindows(1 / 1.15, 0), ";": () => bothWindows(1, 0.05), "'": () => bothWindows(1, -0.05),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), ".": () => zoom(0), f: finish, "?": () => ask(KEYS, [["Close", 1]]),
};

function onKey(event) {
  if ($("ask").open || /TEXTAREA|SELECT|INPUT/.test(event.target.tagName)) return;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "z" && !event.shiftKey) step("undo", { keyboard: true });
    else if (key === "y" || key === "z") step("redo", { keyboard: true });
    else return;
  } else if (event.target.tagName === "BUTTON" && (key === "enter" || key === " ") && !view.cross) return;
  else if (ARROWS[event.key]) {
    const [dx, dy] = ARROWS[event.key], by = event.shiftKey ? 10 : 1;
    if (view.cross) moveCross(by * dx, by * dy);
    else go(view.slice + dx + dy);
  } else if (key === " ") {
    if (view.cross) pressCross(event);
    else { view.hidden = true; view.draw(); }
  } else if (/^[0-5]$/.test(key)) setReason(+key ? REASONS[+key - 1] : UNSTATED);
  else if (PRESSED[key]) PRESSED[key](event);
  else return;
  event.preventDefault();
}

function hide() { view.hidden = !view.hidden; view.draw(); }

function setLayout() {
  view.layout = $("layout").value;
  const shown = view.canvases().map((canvas) => canvas.id);
  for (const id of ["stir", "t1w"]) $(id).parentElement.hidden = !shown.includes(id);
  for (const id of ["stir", "t1w"]) $(id).parentElement.style.display = shown.includes(id) ? "" : "none";
  $("blend").style.visibility = view.layout === "blend" ? "" : "hidden";
  view.draw();
}

// Finish, hand out, take in

async function finish() {
  const unseen = [...Array(reading.slices).keys()].filter((slice) => !reading.seen.has(slice));
  if (unseen.length) {
    const answer = await ask(`${unseen.length} slices have not been shown: ${unseen.map((slice) => slice + 1).join(", ")}.`, [["Show the first of them", "show"], ["Finish all the same", "finish"], ["Go on reading", null]]);
    if (answer === "show") go(unseen[0]);
    if (answer !== "finish") return;
  }
  reading.finished = now();
  panel();
  await save(0);
  if (!served) exportRecord();
  if (!reading.finished) return;
  if (unsaved) return say("Finished, but NOT saved yet: leave this page open until it says 'saved'.", true);
  say(served ? "Finished and saved. Any further step opens the reading again." : `Finished. Hand in the file ${PACK.code}_record.json that was just saved.`);
}

function exportRecord() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(reading.record())], { type: "application/json" }));
  link.download = `${PACK.code}_record.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function take(record) {
  reading.load(record);
  $("notes").value = reading.notes;
  view.marks.clear();
  show();
  panel();
}

// Saving: in this browser always, and on the server where there is one.

const KEY = () => `vhi-record ${PACK.pack}`;

function remember(record) {
  try {
    localStorage.setItem(KEY(), JSON.stringify({ record, revision }));
    kept = true;
  } catch { kept = false; }
}

function tell(text, bad = false) { $("saved").textContent = text; $("saved").className = bad ? "bad" : ""; unsaved = bad; }

function save(wait = 250) {
  clearTimeout(timer);
  if (wait) { timer = setTimeout(() => save(0), wait); return null; }
  const record = reading.record();
  remember(record);
  if (served) return push(record);
  tell(kept ? "saved in this browser" : "NOT saved: use Save record", !kept);
  return null;
}

// One request at a time; what is saved meanwhile is sent after it.
function push(record) {
  if (saving) again = true;
  else saving = sendAll(record).finally(() => { saving = null; });
  return saving;
}

async function sendAll(record) {
  for (;;) {
    again = false;
    try { await send(record); } catch (error) { retry(error instanceof TypeError ? "server not reached" : error.message); }
    if (!again) return;
    record = reading.record();
  }
}

function retry(why) {
  tell(`NOT saved: ${why}. ${kept ? "Kept in this browser" : "Kept in this page only: do not close it"}; trying again`, true);
  clearTimeout(timer);
  timer = setTimeout(() => save(0), RETRY);
}

function sendTo(path, record, seen = {}) {
  return fetch(path, { method: "PUT", headers: { "content-type": "application/json", ...seen }, body: JSON.stringify(record) });
}

async function reasonOf(answer) {
  const text = await answer.text();
  try { return JSON.parse(text).error ?? text; } catch { return `${answer.status}: ${text.slice(0, 120)}`; }
}

async function send(record) {
  const answer = await sendTo("record", record, { "if-match": revision ?? "none" });
  if (answer.ok) { revision = (await answer.json()).revision; remember(record); tell("saved"); }
  else if (answer.status === 409) await conflict(record);
  else if (answer.status >= 500) throw new Error(await reasonOf(answer));
  else tell(`NOT saved on the server (${await reasonOf(answer)}); ${kept ? "kept in this browser" : "use Save record"}`, true);
}

async function conflict(mine) {
  const answer = await fetch("record");
  if (!answer.ok) throw new Error(await reasonOf(answer));
  const theirs = await answer.json();
  const steps = (record) => `${record.steps.length} steps${record.finished ? ", finished" : ""}`;
  const choice = await ask(`This reading was saved from another window or computer since this page was loaded.\nThere: ${steps(theirs.record)}. Here: ${steps(mine)}.\nThe one you do not take is kept on the server.`, [["Take the one from there", "theirs"], ["Keep this one", "mine"]]);
  if (choice === "mine") {
    revision = theirs.revision;
    again = true;
    return;
  }
  const aside = await sendTo("aside", mine);
  if (!aside.ok) throw new Error(await reasonOf(aside)); // asked again: this page's steps are given up only once they are kept there
  take(theirs.record);
  revision = theirs.revision;
  remember(theirs.record);
  tell("saved");
}

async function restore() {
  const stored = JSON.parse(localStorage.getItem(KEY()) ?? "null");
  if (stored) { take(stored.record); revision = stored.revision; }
  if (!served) return;
  const answer = await fetch("record"), work = (record) => JSON.stringify([record.steps, record.notes, record.finished]);
  if (answer.status === 204) {
    revision = null;
    if (stored && work(stored.record) !== work({ steps: [], notes: "", finished: null })) save(0);
    return;
  }
  if (!answer.ok) return tell(await reasonOf(answer), true);
  const theirs = await answer.json();
  const seen = revision, differs = stored && stored.record.checksum !== theirs.record.checksum;
  if (differs && seen !== theirs.revision && stored.record.steps.length) return push(stored.record); // ends in the conflict's question
  revision = theirs.revision;
  if (!stored || seen !== theirs.revision) take(theirs.record);
  else if (work(stored.record) !== work(theirs.record)) save(0);
}

function tick() {
  const time = Date.now(), passed = Math.min(LONGEST_TICK, time - last);
  if (!document.hidden && document.hasFocus() && time - touched < PACK.pause_ms) reading.active += passed;
  last = time;
  const seconds = Math.floor(reading.active / 1000);
  $("clock").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

async function start() {
  PACK = JSON.parse($("pack").textContent);
  document.title = `Reading ${PACK.code}`;
  const Regions = PACK.lesions.length > 65536 ? Uint32Array : Uint16Array;
  const [stir, t1w, labels, regions] = await Promise.all([unpack(PACK.stir, Uint16Array), unpack(PACK.t1w, Uint16Array), unpack(PACK.labels, Uint8Array), unpack(PACK.regions, Regions)]);
  for (const name of ["stir", "t1w", "labels", "regions"]) delete PACK[name];
  $("pack").remove();
  reading = new Reading(PACK, labels, regions);
  view = new View(reading, { stir, t1w });
  view.slice = reading.slices >> 1;
  $("code").textContent = `Scan ${PACK.code}`;
  $("simulated").textContent = PACK.simulated ? "simulated" : "";
  const button = (name, text, key, onclick) => {
    const made = Object.assign(document.createElement("button"), { value: name, textContent: `${text} `, onclick });
    made.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    return made;
  };
  $("reasons").append(...REASONS.map((name, n) => button(name, name, n + 1, () => setReason(name))), button(UNSTATED, "none given", 0, () => setReason(UNSTATED)));
  $("tools").append(...Object.entries(TOOLS).map(([name, text], n) => button(name, text, "SLKX"[n], () => setTool(name))));
  $("strip").append(...Array.from({ length: reading.slices }, (_, slice) => {
    const bar = document.createElement("div");
    bar.append(document.createElement("i"));
    bar.onclick = () => go(slice);
    bar.title = `slice ${slice + 1}`;
    return bar;
  }));
  ["stir", "t1w"].forEach((id) => wire($(id)));
  Object.assign($("rest"), { onclick: () => rest(false) });
  Object.assign($("hide"), { onclick: hide });
  Object.assign($("undo"), { onclick: () => step("undo") });
  Object.assign($("redo"), { onclick: () => step("redo") });
  Object.assign($("finish"), { onclick: finish });
  Object.assign($("export"), { onclick: exportRecord });
  Object.assign($("import"), { onclick: () => $("file").click() });
  Object.assign($("help"), { onclick: PRESSED["?"] });
  $("file").onchange = async () => {
    try { take(JSON.parse(await $("file").files[0].text())); save(0); } catch (error) { say(`Not loaded: ${error.message}`, true); }
    $("file").value = "";
  };
  $("layout").onchange = setLayout;
  $("blend").oninput = () => { view.share = $("blend").value / 100; view.draw(); };
  $("notes").oninput = () => { reading.notes = $("notes").value; save(1000); };
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  addEventListener("keydown", onKey);
  addEventListener("keyup", (event) => { if (event.key === " " && view.hidden && !view.cross && event.target === document.body) { view.hidden = false; view.draw(); } });
  addEventListener("resize", () => view.draw());
  addEventListener("pagehide", () => { remember(reading.record()); });
  addEventListener("beforeunload", (event) => { if (unsaved && !kept) event.preventDefault(); });
  setInterval(tick, 500);
  setReason(UNSTATED);
  setTool("select");
  setLayout();
  try { await restore(); } catch (error) { say(`What was saved could not be loaded: ${error.message}`, true); }
  show();
  panel();
  document.body.dataset.ready = "yes";
}

start().catch((error) => { document.body.textContent = `This page cannot be opened: ${error.message}. It needs a browser of 2023 or later.`; });
