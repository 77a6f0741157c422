"use strict";
// What all pages share: questions, slices, pointer, touch and keys. A page defines `page` (see cleaning.js).

const $ = (id) => document.getElementById(id);
const LONGEST_TICK = 5000, TOUCH_SLICE = 24, DRAG = 4;
const served = location.protocol.startsWith("http");

let PACK, page, reading, view, tool = "select", drag = null, last = Date.now(), touched = Date.now(), scrolled = 0, scrolledAt = 0;
const fingers = new Map();

function decoded(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const characters = atob(text), bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

const KINDS = { "<u1": Uint8Array, "<u2": Uint16Array, "<u4": Uint32Array, "<i4": Int32Array, "<f4": Float32Array, "<f8": Float64Array };

async function unpack({ kind, bytes }) {
  const stream = new Blob([decoded(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new KINDS[kind](await new Response(stream).arrayBuffer());
}

// Panel

function say(text, warn = false) { $("hint").textContent = text; $("hint").className = warn ? "warn" : ""; }

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function button(value, text, key, onclick) { return element("button", { value, onclick }, `${text} `, element("kbd", { textContent: key })); }

function table(rows) { return rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", { textContent: cell })))); }

function legend(looks) {
  return looks.map(({ name, colour, fill, hatch, dash }) => element("span", {}, Object.assign(element("i"), { style: `border: 2px ${dash ? "dashed" : "solid"} rgb(${colour}); background: ${hatch ? `repeating-linear-gradient(45deg, rgb(${colour}) 0 2px, #0000 2px 4px)` : fill ? `rgb(${colour})` : "none"}` }), name));
}

function light(id, on) { $(id).classList.toggle("on", on); $(id).ariaPressed = on; }

function lightOne(group, name) { [...$(group).children].forEach((one) => { one.classList.toggle("on", one.value === name); one.ariaPressed = one.value === name; }); }

function ask(question, choices) {
  return new Promise((answer) => {
    $("question").replaceChildren(question);
    $("choices").replaceChildren(...choices.map(([name, value], n) => element("button", { textContent: name, onclick: () => $("ask").close(String(n)) })));
    $("ask").onkeydown = (event) => { if (!$("ask").open) return; event.stopPropagation(); if (choices[+event.key - 1]) $("ask").close(String(+event.key - 1)); };
    $("ask").returnValue = "";
    $("ask").onclose = () => answer($("ask").returnValue === "" ? null : choices[+$("ask").returnValue][1]);
    $("ask").showModal();
  });
}

const millilitres = (voxels) => `${((voxels * PACK.spacing_um.reduce((a, b) => a * b, 1e-9)) / 1000).toFixed(2)} ml`;

function setTool(name) {
  tool = name;
  view.outline = null;
  view.brush = 0;
  lightOne("tools", name);
  say(page.hints[name]);
  view.draw();
}

function show() {
  reading.seen.add(view.slice);
  view.draw();
  $("where").textContent = `slice ${view.slice + 1} of ${reading.slices}`;
  [...$("strip").children].forEach((bar, slice) => { bar.className = `${reading.seen.has(slice) ? "seen" : ""} ${slice === view.slice ? "now" : ""}`; });
  for (const id of ["stir", "t1w"]) $(id).parentElement.querySelector(".window").textContent = view.readout(id);
  $("preset").value = view.preset;
}

function panel() {
  page.panel();
  $("undo").disabled = !reading.done.length;
  $("redo").disabled = !reading.undone.length;
  $("finish").classList.toggle("on", reading.finished !== null);
  const shares = page.shares(), top = Math.max(1, ...shares);
  [...$("strip").children].forEach((bar, slice) => { bar.firstChild.style.height = shares[slice] ? `${Math.max(8, (100 * Math.sqrt(shares[slice])) / Math.sqrt(top))}%` : 0; });
}

function go(slice) {
  const to = Math.max(0, Math.min(reading.slices - 1, slice));
  if (to === view.slice) return;
  view.slice = to;
  view.outline = null;
  page.onSlice?.();
  show();
  save(2000);
}

function step(name, options) {
  if (!reading.take(name, { slice: view.slice, ...options })) return false;
  view.changed();
  show();
  panel();
  save();
  return true;
}

function redraw() { view.changed(); show(); }

// Pointer

const away = (event) => Math.hypot(event.clientX - drag.x, event.clientY - drag.y);

function stroke(canvas, shift, keyboard) {
  const { points } = view.outline;
  view.outline = null;
  page.onStroke(points, { shift, keyboard, canvas });
  show();
}

function wire(canvas) {
  canvas.oncontextmenu = (event) => event.preventDefault();
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    document.activeElement?.blur();
    if (event.pointerType === "touch") fingers.set(event.pointerId, event);
    if (fingers.size > 1) { view.outline = null; drag = pinchFrom(canvas); return view.draw(); }
    const scrolls = event.pointerType === "touch" && !page.draws(tool);
    drag = { x: event.clientX, y: event.clientY, slice: view.slice, scrolls, button: event.button, window: [...view.windows[canvas.id]], pan: [...view.pan], points: [view.place(canvas, event)] };
    if (event.button === 0 && page.paints?.(tool)) { view.outline = { points: drag.points, brush: true }; page.onPaint(drag.points, event); }
  };
  canvas.onpointermove = (event) => {
    hover(canvas, event);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
    if (!drag) return;
    if (drag.pinch) return pinch(canvas);
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.scrolls) { if (away(event) > DRAG) { drag.moved = true; go(drag.slice + Math.round(dy / TOUCH_SLICE)); } return; }
    if (drag.button === 2) { view.setWindow(canvas.id, drag.window, 1 + dx / 300, dy / 400); return show(); }
    if (drag.button === 1) {
      const g = view.geometry(canvas), dpr = canvas.width / canvas.getBoundingClientRect().width;
      view.pan = [drag.pan[0] + (dx * dpr) / g.sx, drag.pan[1] + (dy * dpr) / g.sy];
      view.settle();
    } else if (view.outline?.brush) { drag.points.push(view.place(canvas, event)); page.onPaint(drag.points.slice(-2), event); }
    else if (drag.button === 0 && (view.outline || away(event) > DRAG)) {
      drag.points.push(view.place(canvas, event));
      view.outline = { points: tool === "line" ? [drag.points[0], drag.points.at(-1)] : drag.points, line: tool === "line" };
    }
    view.draw();
  };
  canvas.onpointerup = (event) => {
    const was = drag;
    fingers.delete(event.pointerId);
    if (fingers.size) return;
    drag = null;
    if (!was || was.pinch || was.moved || was.button !== 0) return;
    if (view.outline?.brush) { view.outline = null; return page.endPaint(was.points, false); }
    if (view.outline) return stroke(canvas, event.shiftKey, false);
    page.onClick(view.place(canvas, event), { shift: event.shiftKey, keyboard: false, canvas });
  };
  canvas.onpointercancel = (event) => { fingers.delete(event.pointerId); drag = null; view.outline = null; page.dropPaint?.(); view.draw(); };
  canvas.onpointerleave = () => hover(null);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * [1, 33, 400][event.deltaMode];
    if (event.ctrlKey) { view.zoomAt(Math.abs(pixels) >= NOTCH ? 1.2 ** -Math.sign(pixels) : Math.exp(-pixels / 100), canvas, event); return show(); }
    if (event.timeStamp - scrolledAt > 300 || Math.sign(pixels) !== Math.sign(scrolled)) scrolled = 0;
    scrolledAt = event.timeStamp;
    scrolled += Math.abs(pixels) >= NOTCH ? TRACKPAD * Math.sign(pixels) - scrolled : pixels; // a notch is a slice, however far it scrolls
    if (Math.abs(scrolled) >= TRACKPAD) { scrolled = 0; go(view.slice + Math.sign(pixels)); }
  }, { passive: false });
}

function pinchFrom(canvas) {
  const [a, b] = [...fingers.values()];
  return { pinch: true, apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), at: { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 } };
}

function pinch(canvas) {
  if (fingers.size < 2) return;
  const from = drag, g = view.geometry(canvas), dpr = canvas.width / canvas.getBoundingClientRect().width;
  drag = pinchFrom(canvas);
  view.pan = [view.pan[0] + ((drag.at.clientX - from.at.clientX) * dpr) / g.sx, view.pan[1] + ((drag.at.clientY - from.at.clientY) * dpr) / g.sy];
  view.zoomAt(drag.apart / Math.max(1, from.apart), canvas, drag.at);
  show();
}

// The cross in the other image, and both intensities, at the pointer.
function hover(canvas, event) {
  const place = canvas && view.place(canvas, event), voxel = place ? view.voxelAt(place) : -1;
  for (const other of view.canvases()) {
    const cross = other.parentElement.querySelector("u");
    cross.hidden = voxel < 0 || other === canvas;
    if (cross.hidden) continue;
    const [x, y] = view.onScreen(place.y - 0.5, place.x - 0.5, other.id), box = other.getBoundingClientRect();
    cross.style.transform = `translate(${x - box.left}px, ${y - box.top}px)`;
  }
  $("values").textContent = voxel < 0 ? "" : `STIR ${Math.round(view.intensity("stir", view.images.stir[voxel]))}   T1w ${Math.round(view.intensity("t1w", view.images.t1w[voxel]))}`;
  page.onHover?.(canvas, event);
}

// Keys

function zoom(by) { view.zoomAt(by); show(); }
function bothWindows(wider, brighter) { for (const name of ["stir", "t1w"]) view.setWindow(name, view.windows[name], wider, brighter); show(); }
function setOpacity(value) { view.opacity = Math.max(0.05, Math.min(1, value)); $("opacity").value = Math.round(100 * view.opacity); show(); }
function hide() { view.hidden = !view.hidden; view.draw(); }

function nextOf(id, set) {
  const select = $(id), values = [...select.options].map((option) => option.value).filter((value) => value !== "own");
  select.value = values[(values.indexOf(select.value) + 1) % values.length];
  set();
}

function setLayout() {
  view.layout = $("layout").value;
  const shown = view.canvases().map((canvas) => canvas.id), blended = view.layout === "blend";
  for (const id of ["stir", "t1w"]) $(id).parentElement.hidden = !shown.includes(id);
  $("blend").hidden = !blended;
  $("opacity").hidden = blended;
  $("sliders").hidden = !blended && $("overlay").parentElement.hidden;
  $("slider").textContent = blended ? "T1w" : "opacity";
  show();
}

function resetView() {
  Object.assign(view, { zoom: 1, pan: [0, 0] });
  view.resetWindows();
  show();
}

function moveCross(dx, dy) {
  view.cross.x = Math.max(0, Math.min(reading.columns - 1, view.cross.x + dx));
  view.cross.y = Math.max(0, Math.min(reading.rows - 1, view.cross.y + dy));
  if (view.zoom > 1) { view.pan = [reading.columns / 2 - view.cross.x, reading.rows / 2 - view.cross.y]; view.settle(); }
  view.draw();
}

function pressCross(event) {
  const point = { x: view.cross.x + 0.5, y: view.cross.y + 0.5 }, canvas = view.canvases()[0];
  if (page.paints?.(tool)) { page.onPaint([point], event); return page.endPaint([point], true); }
  if (page.clicks(tool) && !event.altKey && !view.outline) return page.onClick(point, { shift: event.shiftKey, keyboard: true, canvas });
  const points = [...(view.outline?.points ?? []), point];
  view.outline = { points, line: tool === "line" };
  if (tool === "line" && points.length === 2) stroke(canvas, event.shiftKey, true);
  view.draw();
}

function enter(event) {
  if (view.outline && view.outline.points.length > 2) return stroke(view.canvases()[0], event.shiftKey, true);
  page.onEnter?.(event);
}

function unseen() {
  const next = [...Array(reading.slices).keys()].find((slice) => !reading.seen.has(slice));
  if (next === undefined) say("All slices have been seen.");
  else go(next);
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const PRESSED = {
  pageup: () => go(view.slice - 1), pagedown: () => go(view.slice + 1), home: () => go(0), end: () => go(reading.slices - 1), u: unseen, enter, delete: enter,
  c: () => { view.cross = view.cross ? null : { x: reading.columns >> 1, y: reading.rows >> 1 }; view.outline = null; view.draw(); },
  escape: () => { view.outline = null; page.onEscape?.(); redraw(); },
  h: hide, b: () => nextOf("layout", setLayout), v: () => nextOf("preset", setPreset), o: () => nextOf("overlay", setOverlay), i: setSmooth,
  "(": () => setOpacity(view.opacity - 0.1), ")": () => setOpacity(view.opacity + 0.1),
  "[": () => bothWindows(1.15, 0), "]": () => bothWindows(1 / 1.15, 0), ";": () => bothWindows(1, 0.05), "'": () => bothWindows(1, -0.05),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), ".": resetView, f: () => finish(), ",": () => visit(-1), ">": () => visit(1), "?": help,
};

function setPreset() { if ($("preset").value !== "own") view.resetWindows($("preset").value); show(); }
function setOverlay() { view.overlay = $("overlay").value; show(); }
function setSmooth() { view.smooth = !view.smooth; light("smooth", view.smooth); view.draw(); }

function onKey(event) {
  if ($("ask").open || /TEXTAREA|SELECT|INPUT/.test(event.target.tagName)) {
    if (event.key === "Escape" && !$("ask").open) event.target.blur();
    return;
  }
  const key = event.key.toLowerCase(), own = page.keys;
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
  } else if (own[key]) own[key](event);
  else if (PRESSED[key]) PRESSED[key](event);
  else return;
  event.preventDefault();
}

const HELP = [
  ["Slices", [["wheel, ↑ ↓, PageUp, PageDown", "previous or next slice"], ["Home, End", "first or last slice"], ["U", "next slice not yet seen"], ["one finger", "slices (draws with a drawing tool)"]]],
  ["View", [["Ctrl+wheel, + −, two fingers", "zoom at the pointer"], ["middle drag, two fingers", "move"], ["right drag, [ ] ; '", "window width and level"], ["V", "next preset of the window"], [".", "reset zoom and window"], ["B", "side by side, alone, blended"], ["I", "interpolation on or off"], ["O, ( )", "overlay: fill, outline, off; opacity"], ["Space (hold), H", "hide the overlay"]]],
  ["Without a pointer", [["C", "show or hide a pointer for the keys"], ["arrows, with Shift", "move it by one, by ten voxels"], ["Space", "click or set a corner (Alt+Space: always a corner)"], ["Enter, Escape", "close or drop the outline"]]],
  ["Scan", [["Ctrl+Z, Ctrl+Y", "undo, redo"], ["F", "finish"], [", and >", "previous, next scan"], ["?", "these keys"]]],
];

function help() {
  const blocks = [...page.help, ...HELP].map(([name, rows]) => element("section", {}, element("h2", { textContent: name }), element("table", {}, ...rows.map(([key, what]) => element("tr", {}, element("td", {}, element("kbd", { textContent: key })), element("td", { textContent: what }))))));
  return ask(element("div", { className: "keys" }, ...blocks), [["Close", 1]]);
}

function tick() {
  const time = Date.now(), passed = Math.min(LONGEST_TICK, time - last);
  if (!document.hidden && document.hasFocus() && time - touched < PACK.pause_ms) reading.active += passed;
  last = time;
  const seconds = Math.floor(reading.active / 1000);
  $("clock").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

function wirePanel() {
  const on = { hide, undo: () => step("undo"), redo: () => step("redo"), finish: () => finish(), export: exportRecord, import: () => $("file").click(), help, smooth: setSmooth, reset: resetView, before: () => visit(-1), next: () => visit(1) };
  for (const [id, onclick] of Object.entries(on)) $(id).onclick = onclick;
  $("file").onchange = async () => {
    try { take(JSON.parse(await $("file").files[0].text())); save(0); } catch (error) { say(`Not loaded: ${error.message}`, true); }
    $("file").value = "";
  };
  for (const [id, set] of Object.entries({ layout: setLayout, preset: setPreset, overlay: setOverlay })) $(id).onchange = () => { set(); $(id).blur(); };
  $("blend").oninput = () => { view.share = $("blend").value / 100; view.draw(); };
  $("opacity").oninput = () => setOpacity($("opacity").value / 100);
  $("notes").oninput = () => { reading.notes = $("notes").value; save(1000); };
  light("smooth", true);
  for (const range of ["blend", "opacity"]) $(range).onchange = () => $(range).blur();
}

async function start() {
  PACK = JSON.parse($("pack").textContent);
  $("pack").remove();
  document.title = `${page.title} ${PACK.code}`;
  const names = Object.keys(PACK.arrays), found = await Promise.all(names.map((name) => unpack(PACK.arrays[name])));
  delete PACK.arrays;
  const arrays = Object.fromEntries(names.map((name, n) => [name, found[n]]));
  reading = page.work(PACK, arrays);
  view = new Viewer(PACK, { stir: arrays.stir, t1w: arrays.t1w }, page.paint);
  $("code").textContent = `Scan ${PACK.code}`;
  $("simulated").textContent = PACK.simulated ? "simulated" : "";
  $("strip").append(...Array.from({ length: reading.slices }, (_, slice) => element("div", { title: `slice ${slice + 1}`, onclick: () => go(slice) }, element("i"))));
  $("tools").append(...Object.entries(page.tools).map(([name, [text, key]]) => button(name, text, key, () => setTool(name))));
  for (const [name, [text, key]] of Object.entries(page.tools)) page.keys[key.toLowerCase()] = () => setTool(name);
  ["stir", "t1w"].forEach((id) => wire($(id)));
  wirePanel();
  page.wire();
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  addEventListener("keydown", onKey);
  addEventListener("keyup", (event) => { if (event.key === " " && view.hidden && !view.cross && event.target === document.body) { view.hidden = false; view.draw(); } });
  new ResizeObserver(() => view.draw()).observe($("views")); // a header that grows moves the images as much as a new window does
  addEventListener("pagehide", () => { remember(reading.record()); });
  addEventListener("beforeunload", (event) => { if (unsaved && !kept) event.preventDefault(); });
  setInterval(tick, 500);
  setTool(Object.keys(page.tools)[0]);
  setLayout();
  try { await restore(); } catch (error) { say(`What was saved could not be loaded: ${error.message}`, true); }
  if (served) await readList();
  redraw();
  panel();
  document.body.dataset.ready = "yes";
}

addEventListener("DOMContentLoaded", () => start().catch((error) => { document.body.textContent = `This page cannot be opened: ${error.message}. It needs a browser of 2023 or later.`; }));
