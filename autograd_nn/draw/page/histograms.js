// Histograms: inside the nodes and in the panel

function bars(counts, width, height) {
  const step = width / counts.length, unit = height / most(counts);
  return counts.map((count, i) => `M${i * step} 0v${-count * unit}h${step}v${count * unit}z`).join("");
}

for (const node of everyNode) {
  const blank = [...node.group.querySelectorAll("text")].at(-1); // Graphviz left its line free
  const width = Math.min((size(node.box[0]) - 14) / 2, 36);
  node.sparks = blank?.textContent.trim() !== "" ? [] : ["value", "gradient"].map((what, i) => {
    const transform = `translate(${coordinate(blank, "x") + (i ? 2 : -2 - width)} ${coordinate(blank, "y") + 2})`;
    const shape = drawn("path"), text = drawn("text", { x: width / 2, y: -2 });
    node.group.append(drawn("g", { class: `spark ${what}`, transform }, shape, text));
    return { what, shape, text, width };
  });
}

function drawSparks() {
  const { reached } = passed(state.step), back = state.step > forward.length;
  for (const node of everyNode) {
    const walked = state.step === 0 || reached.has(node);
    const there = { value: walked || back, gradient: walked && (back || state.step === 0) };
    const now = { value: statistic("value", node), gradient: held(node) }; // of the gradient the sum so far
    for (const spark of node.sparks) {
      const { what, shape, text, width } = spark, stat = (there[what] && now[what]) || null;
      if (spark.stat === stat) continue;
      spark.stat = stat;
      const { text: all = null, min = null, max, counts = [] } = stat ?? {};
      const same = min !== null && min === max, texts = same ? [all, short(min), short(min, 1)] : [all];
      const words = texts.find((words) => words && words.length * 3.9 <= width) ?? "";
      const spread = counts.length && !same && !words;
      text.textContent = words;
      shape.setAttribute("d", spread ? `M0 0h${width}v.4h${-width}z${bars(counts, width, 11)}` : "");
    }
  }
}

function figure(name, viewBox, about, shapes, ...caption) {
  const attributes = { viewBox, preserveAspectRatio: "none", role: "img", "aria-label": about };
  const words = caption.map((text) => element("span", {}, text));
  return element("figure", { class: name }, drawn("svg", attributes, shapes), element("figcaption", {}, words));
}

function histogram(stat) {
  const [low, high] = [short(stat.min), short(stat.max)];
  const shape = drawn("path", { d: bars(stat.counts, 200, 46) });
  return figure("histogram", "0 -48 200 48", `histogram from ${low} to ${high}`, shape, low, high);
}

// The histograms of many moments, one before the other: the first at the back, the one that is shown filled
function ridges(stats) {
  const ROWS = 20, STEP = 8, HEIGHT = 30, WIDTH = 200;
  const full = [...stats.keys()].filter((at) => stats[at]?.counts.length);
  const count = Math.min(ROWS, full.length), nth = (i) => Math.round((i * (full.length - 1)) / (count - 1 || 1));
  const rows = Array.from({ length: count }, (_, i) => full[nth(i)]);
  const low = least(rows.map((at) => stats[at].min)), high = most(rows.map((at) => stats[at].max));
  const across = (number) => (WIDTH * (number - low)) / (high - low || 1);
  const current = rows.findLast((at) => at <= state.frame) ?? rows[0];
  const shapes = rows.map((at, row) => {
    const { counts, min, max } = stats[at], bin = (max - min) / counts.length, base = HEIGHT + row * STEP;
    const tops = counts.map((count, i) => [across(min + (i + 0.5) * bin), base - (HEIGHT * count) / most(counts)]);
    const line = bin ? tops.map((point) => `L${point}`).join("") : `V${base - HEIGHT}V${base}`;
    const d = `M0 ${base}H${across(min)}${line}L${across(max)} ${base}H${WIDTH}`;
    return drawn("path", { d, class: at === current ? "now" : "" });
  });
  const [first, last] = [rows[0], rows.at(-1)].map((at) => grouped(data.frames[at].time));
  const about = `histograms from step ${first} to ${last}, from ${short(low)} to ${short(high)}`;
  const viewBox = `0 -1 ${WIDTH} ${HEIGHT + (rows.length - 1) * STEP + 2}`;
  const made = figure("ridges", viewBox, about, shapes, short(low), short(high));
  const order = `step ${first} at the back, ${last} in front`;
  made.append(element("figcaption", {}, element("span", {}, order)));
  return made;
}
