// The list of scans: filters, and the keys n and p for the next and the previous scan.
const rows = [...document.querySelectorAll("#scans tbody tr")];
const text = document.querySelector("#text"), session = document.querySelector("#session"), waiting = document.querySelector("#waiting");
let chosen = null;

function filter() {
  const wanted = text.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    const keep = row.textContent.toLowerCase().includes(wanted) && (!session.value || row.dataset.session === session.value)
      && (!waiting.checked || +row.dataset.weight > 0);
    row.hidden = !keep;
    count += keep;
  }
  document.querySelector("#count").textContent = `${count} shown`;
}

function mark(row) {
  chosen?.classList.remove("chosen");
  chosen = row;
  row?.classList.add("chosen");
}

function choose(row) {
  mark(row);
  row.querySelector("a").click();
  row.scrollIntoView({block: "nearest"});
}

for (const box of [text, session, waiting]) box.addEventListener("input", filter);
document.querySelector("#scans tbody").addEventListener("click", event => {
  const row = event.target.closest("tr");
  if (event.target.tagName === "A") mark(row);
  else choose(row);
});
document.addEventListener("keydown", event => {
  const step = {n: 1, p: -1}[event.key];
  if (!step || event.target === text) return;
  const there = rows.filter(row => !row.hidden), next = there[there.indexOf(chosen) + step];
  if (next) choose(next);
});
const named = rows.find(row => row.id === decodeURIComponent(location.hash.slice(1)));
if (named) choose(named);
else mark(rows[0]);
filter();
