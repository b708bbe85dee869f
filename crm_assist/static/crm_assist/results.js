// Draws each [data-ca-chart] from the table that it names: the table holds everything, the chart adds nothing to it.
// Plain script: nothing inline, no eval. Without it, or without the library, the table is there.
(() => {
  "use strict";
  if (!window.uPlot) return;

  const HEIGHT = 220;
  const colour = (name) => getComputedStyle(document.querySelector(".ca-main")).getPropertyValue(name).trim();

  // Rows without a rate leave a gap: nothing is drawn through what nobody knows.
  const read = (table) => {
    const columns = [[], [], [], []];
    for (const row of table.querySelectorAll("tbody tr")) {
      const { day, at, low, width } = row.dataset;
      const known = at !== undefined;
      columns[0].push(Date.parse(`${day}T12:00:00`) / 1000);
      columns[1].push(known ? Number(at) : null);
      columns[2].push(known ? Number(low) : null);
      columns[3].push(known ? Number(low) + Number(width) : null);
    }
    return columns;
  };

  const draw = (place) => {
    const table = document.getElementById(place.dataset.caChart);
    if (!table) return;
    const language = document.documentElement.lang || undefined;
    const percent = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
    const main = colour("--ca-main");
    const soft = colour("--ca-soft");
    const line = colour("--ca-line");
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const value = (u, found) => (found === null || found === undefined ? "–" : `${percent.format(found)} %`);
    const options = {
      width: Math.max(280, place.clientWidth),
      height: HEIGHT,
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { y: { range: (u, low, high) => [Math.max(0, low - 2), Math.min(100, (high || 0) + 2)] } },
      series: [
        { value: (u, at) => (at ? day.format(new Date(at * 1000)) : "–"), label: "" },
        { label: place.dataset.share, stroke: main, width: 2, points: { size: 6 }, value },
        { label: "", stroke: "transparent", points: { show: false }, value },
        { label: "", stroke: "transparent", points: { show: false }, value },
      ],
      bands: [{ series: [3, 2], fill: `color-mix(in srgb, ${main} 18%, transparent)` }],
      axes: [
        { ...axis, values: (u, all) => all.map((at) => day.format(new Date(at * 1000))) },
        { ...axis, size: 56, values: (u, all) => all.map((found) => `${percent.format(found)} %`) },
      ],
      legend: { show: false },
    };
    const chart = new window.uPlot(options, read(table), place);
    new ResizeObserver(() => chart.setSize({ width: Math.max(280, place.clientWidth), height: HEIGHT })).observe(place);
  };

  for (const place of document.querySelectorAll("[data-ca-chart]")) draw(place);
})();
