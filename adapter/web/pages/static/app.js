// What pages do beyond HTML, where a browser runs scripts. Nothing depends on it.
"use strict";

// Tick all rows, and say how many are ticked.
function tick(root) {
  for (const all of root.querySelectorAll("input[data-all]")) {
    const form = all.form;
    const name = all.dataset.all;
    const rows = () => Array.from(form.querySelectorAll(`input[type=checkbox][name="${name}"]`));
    const told = form.querySelector(`output[data-ticked="${name}"]`);
    const tell = () => {
      const ticked = rows().filter((row) => row.checked).length;
      all.checked = ticked > 0 && ticked === rows().length;
      all.indeterminate = ticked > 0 && !all.checked;
      if (told) told.textContent = ticked > 0 ? `(${ticked})` : "";
    };
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const row of rows()) row.checked = all.checked;
      tell();
    });
    form.addEventListener("change", tell);
    tell();
  }
}

// Draw a chart of a table's numbers. The table stays for whoever reads it.
function chart(root) {
  for (const place of root.querySelectorAll("[data-chart]")) {
    const table = document.getElementById(place.dataset.chart);
    if (!table || !window.uPlot || place.firstChild) continue;
    const rows = Array.from(table.tBodies[0].rows);
    const columns = Array.from(rows[0].cells).findIndex((cell) => cell.dataset.value === undefined);
    const heads = Array.from(table.tHead.rows[0].cells, (cell) => cell.textContent).slice(0, columns);
    const data = heads.map((_, i) => rows.map((row) => {
      const value = row.cells[i].dataset.value;
      return i === 0 ? Date.parse(value + "T00:00:00Z") / 1000 : Number(value);
    }));
    place.hidden = false;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const strokes = ["--calm", "--care", "--bad"];
    const dashes = [[], [6, 4], [2, 3]]; // told apart without colour, too
    const two = (n) => String(n).padStart(2, "0");
    const date = (seconds, year) => {
      const d = new Date(seconds * 1000);
      return two(d.getUTCDate()) + "/" + two(d.getUTCMonth() + 1) + (year ? "/" + d.getUTCFullYear() : "");
    };
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    const size = () => ({ width: place.clientWidth - 20, height: 240 });
    const plot = new uPlot({
      ...size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      scales: {
        x: { range: () => [Math.min(data[0][0], data[0].at(-1) - 13 * 86400), data[0].at(-1)] }, // few days stand at the end of a fortnight
        y: { range: (_, low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] },
      },
      axes: [
        { ...axis, values: (_, splits) => splits.map((s) => date(s, false)) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
      ],
      series: heads.map((label, i) => i === 0
        ? { label, value: (_, s) => (s == null ? "–" : date(s, true)) }
        : { label, stroke: colour(strokes[(i - 1) % 3]), width: 2, dash: dashes[(i - 1) % 3], points: { show: rows.length < 15, size: 6 } }),
    }, data, place);
    new ResizeObserver(() => plot.setSize(size())).observe(place);
  }
}

// Close the account's menu by Escape or a click elsewhere.
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

// On a narrow screen the places scroll: the present one is in sight.
const here = document.querySelector(".places [aria-current]");
if (here) here.closest(".places").scrollLeft = here.offsetLeft - 60;

tick(document);
chart(document);
// An answer that is no list (the session has ended, say) is a page to be seen whole.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 200 && event.detail.xhr.responseText.includes('id="list"')) return;
  event.detail.shouldSwap = false;
  location.assign(event.detail.pathInfo.finalRequestPath);
});
// What htmx put in place of a list is new to us.
document.addEventListener("htmx:afterSettle", () => tick(document));
