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

// Time from left to right, the histogram of each moment from bottom to top: the fuller, the darker
function heatmap(stats) {
  const LEVELS = 8, THIN = 0.05, shades = Array(LEVELS).fill("");
  const full = stats.filter((stat) => stat?.counts.length);
  const low = least(full.map((stat) => stat.min)), high = most(full.map((stat) => stat.max)), range = high - low || 1;
  for (const [column, stat] of stats.entries()) {
    for (const [i, count] of (stat?.counts ?? []).entries()) {
      const height = (stat.max - stat.min) / stat.counts.length / range;
      const level = Math.ceil(LEVELS * Math.sqrt(count / most(stat.counts)));
      const base = `M${column} ${(high - stat.min) / range - i * height}`;
      if (level > 0) shades[level - 1] += `${base}h1v${-Math.max(height, THIN)}h-1z`;
    }
  }
  const shapes = shades.map((d, level) => drawn("path", { d, opacity: (level + 1) / LEVELS }));
  const now = drawn("path", { class: "now", d: `M${state.frame + 0.5} 0v1` });
  const [first, last] = [data.frames[0], data.frames.at(-1)].map(({ time }) => grouped(time));
  const caption = [`step ${first}`, `${short(low)} to ${short(high)}`, last];
  const about = `histograms during training, from ${short(low)} to ${short(high)}`;
  return figure("heatmap", `0 0 ${stats.length} 1`, about, [...shapes, now], ...caption);
}
