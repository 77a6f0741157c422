// Tables of the report: sorted by a click on a column, filtered by text, and long ones opened bit by bit.
const STEP = 100;

function readable(cell) { // numbers with many digits are shown with four; the whole number is the title
  return /^-?\d*\.\d{4,}(e-?\d+)?$/.test(cell) ? String(Number(Number(cell).toPrecision(4))) : cell;
}

function build(box) {
  const data = JSON.parse(box.querySelector("script").textContent), table = document.createElement("table");
  let rows = data.rows, most = +box.dataset.most || 15, by = -1, down = false;
  const tools = document.createElement("p"), search = document.createElement("input"), more = document.createElement("button");
  const count = document.createElement("span");
  search.type = "search";
  search.placeholder = "filter";
  search.setAttribute("aria-label", "Filter the table");
  tools.append(search, count, more);

  function fill() {
    const wanted = search.value.toLowerCase();
    const kept = rows.filter(row => !wanted || row.join("\t").toLowerCase().includes(wanted));
    table.tBodies[0].replaceChildren(...kept.slice(0, most).map(row => {
      const line = document.createElement("tr");
      for (const cell of row) {
        const place = line.insertCell();
        place.textContent = readable(cell);
        if (place.textContent !== cell) place.title = cell;
        if (/^[-+]?[\d.,]/.test(cell)) place.className = "number";
      }
      return line;
    }));
    count.textContent = ` ${Math.min(most, kept.length)} of ${kept.length} rows`
      + (data.all > data.rows.length ? `; the page holds the first ${data.rows.length} of ${data.all}` : "");
    more.textContent = "show more";
    more.hidden = kept.length <= most;
  }

  function sort(column) {
    down = by === column && !down;
    by = column;
    const value = row => /^[-+]?\.?\d/.test(row[column]) ? parseFloat(row[column].replaceAll(",", "")) : row[column];
    rows = [...data.rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1; // what has no number comes last
      return (down ? -1 : 1) * (typeof x === "number" ? x - y : x.localeCompare(y));
    });
    [...table.tHead.rows[0].cells].forEach((cell, at) => cell.setAttribute("aria-sort", at !== by ? "none" : down ? "descending" : "ascending"));
    fill();
  }

  const head = table.createTHead().insertRow();
  data.columns.forEach((name, at) => {
    const cell = document.createElement("th"), button = document.createElement("button");
    button.textContent = name.replaceAll("_", " ");
    button.title = "Sort by this column";
    button.addEventListener("click", () => sort(at));
    cell.append(button);
    head.append(cell);
  });
  table.createTBody();
  search.addEventListener("input", fill);
  more.addEventListener("click", () => { most += STEP; fill(); });
  const scroll = document.createElement("div");
  scroll.className = "scroll";
  scroll.append(table);
  box.append(...(data.rows.length > 5 ? [tools] : []), scroll);
  fill();
}

document.querySelectorAll(".data").forEach(build);
document.querySelectorAll("figure img").forEach(image => image.addEventListener("click", () => image.classList.toggle("large")));
