"use strict";
// Saving: in this browser always, and on the server where there is one; finishing, and the list of scans.

const RETRY = 5000;

let revision = null, timer = null, saving = null, again = false, kept = true, unsaved = false, list = [];

// Finish, hand out, take in

async function finish() {
  const refused = page.refuses?.();
  if (refused) return say(refused, true);
  const unseenSlices = [...Array(reading.slices).keys()].filter((slice) => !reading.seen.has(slice));
  if (unseenSlices.length && page.allSlices) {
    const answer = await ask(`${unseenSlices.length} slices have not been shown: ${unseenSlices.map((slice) => slice + 1).join(", ")}.`, [["Show the first of them", "show"], ["Finish all the same", "finish"], ["Go on reading", null]]);
    if (answer === "show") go(unseenSlices[0]);
    if (answer !== "finish") return;
  }
  reading.finished = now();
  panel();
  await save(0);
  if (!served) exportRecord();
  if (!reading.finished) return;
  if (unsaved) return say("Finished, but NOT saved yet: leave this page open until it says 'saved'.", true);
  if (!served) return say(`Finished. Hand in the file ${PACK.code}_record.json that was just saved.`);
  say("Finished and saved. Any further step opens the reading again.");
  await readList();
  const next = list.find((one) => one.state !== "finished");
  const choices = [...(next ? [[`Next scan (${next.code})`, "next"]] : []), ["All scans", "all"], ["Stay here", null]];
  const answer = await ask(`${next ? "Saved." : "Saved. All scans are finished."} ${$("progress").textContent}.`, choices);
  if (answer === "next") location.href = `../${next.code}/`;
  if (answer === "all") location.href = "../";
}

// The list of scans: 'scan 3 of 8, 2 finished'.
async function readList() {
  try { list = await (await fetch("../states")).json(); } catch { return; }
  const place = list.findIndex((one) => one.code === PACK.code);
  $("list").hidden = place < 0;
  $("progress").textContent = `${place + 1} of ${list.length}, ${list.filter((one) => one.state === "finished").length} finished`;
  $("before").disabled = place <= 0;
  $("next").disabled = place + 1 >= list.length;
}

async function visit(by) {
  const place = list.findIndex((one) => one.code === PACK.code), to = list[place + by];
  if (place < 0 || !to) return say(served ? "There is no further scan." : "Open the next page from its folder.");
  await save(0);
  if (unsaved && !kept) return say("NOT saved yet: stay on this page until it says 'saved'.", true);
  location.href = `../${to.code}/`;
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
  page.taken?.();
  redraw();
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

