// Panels: the details of the selected node, or of the whole, and what a teacher would point at

function terms(pairs) {
  const said = pairs.filter(([, what]) => what);
  return element("dl", {}, said.flatMap(([term, what]) => [element("dt", {}, term), element("dd", {}, what)]));
}

const SIZES = { mean: short, min: short, max: short, rms: short };
const SHARES = { zeros: percent, saturated: percent, dead: percent, nan: grouped, inf: grouped }; // said if not 0

function measures(stat) {
  const sizes = Object.entries(SIZES).map(([name, words]) => [name, known(stat[name], words)]);
  const shares = Object.entries(SHARES).map(([name, words]) => [name, stat[name] > 0 && words(stat[name])]);
  return terms([...sizes, ...shares]);
}

// What a teacher would point at: which statistics, how bad it is (0 or false: not at all), and the words for it
const odd = (stat) => stat.nan + stat.inf;
// A gradient vanishes if it is far smaller than that of some parameter: towards the end of a training all become small
const trained = everyNode.filter((node) => node.kind === "parameter");
const strongest = new Map();
for (const frame of data.frames) strongest.set(frame, most(trained.map(({ id }) => frame.gradients[id]?.rms ?? 0)));
const vanishing = ({ rms }, frame) => rms > 0 && rms < 1e-4 * strongest.get(frame) && 1 / rms;

const TROUBLES = [
  ["value", odd, (stat) => `${counted(odd(stat), "value")} nan or inf`],
  ["gradient", odd, (stat) => `${grouped(odd(stat))} nan or inf in the gradient`],
  ["value", ({ saturated }) => saturated >= 0.25 && saturated, ({ saturated }) => `saturated ${percent(saturated)}`],
  ["value", ({ dead }) => dead, ({ dead }, units) => `dead units ${Math.round(dead * units)} of ${grouped(units)}`],
  ["gradient", vanishing, ({ rms }) => `gradient ${short(rms)}: vanishing`],
  ["gradient", ({ rms }) => rms > 1e3 && rms, ({ rms }) => `gradient ${short(rms)}: exploding`],
];

for (const node of everyNode) {
  node.troubles = TROUBLES.flatMap(([what, amount, words]) => {
    const bad = data.frames.map((frame, i) => {
      const stat = frame[`${what}s`][node.id];
      return [stat && amount(stat, frame), stat, frame.time, i];
    });
    const [worst, stat, time, i] = bad.reduce((a, b) => (b[0] > (a[0] || 0) ? b : a), [0]);
    if (!worst) return [];
    node.worst ??= i;
    return words(stat, node.shape.at(-1) ?? 1) + (bad.length > 1 ? ` at step ${grouped(time)}` : "");
  });
}

function visit(id) {
  select(id);
  follow(id);
}

function link(node, ...words) {
  const notes = words.filter(Boolean).map((word) => element("i", {}, `${word} `));
  const button = element("button", {}, element("b", {}, node.id), ` ${called(node)} `, notes);
  button.addEventListener("click", () => visit(node.id));
  return button;
}

// To a troubled node, at the moment of its trouble
function lead(node) {
  const button = link(node, node.troubles.join(", "));
  button.addEventListener("click", () => seek(node.worst));
  return button;
}

function neighbours(title, list, end) {
  const links = list.map((edge) => link(nodes.get(edge[end]), edge.argument, edge.broadcast && "broadcast"));
  return links.length > 0 && element("section", {}, element("h3", {}, title), links);
}

function statistics(title, what, node) {
  const stat = statistic(what, node), all = data.frames.map((frame) => statistic(what, node, frame));
  return stat && element("section", { class: what }, element("h3", {}, title),
    stat.text !== null ? element("pre", {}, stat.text) : stat.counts.length && histogram(stat),
    (stat.text === null || stat.text.length > 12) && measures(stat),
    all.length > 1 && all.some((other) => other?.counts.length) && heatmap(all));
}

function detail() {
  const node = nodes.get(state.selected);
  shows(find("#details"), node ? about(node) : overview());
}

const warning = (words) => element("p", { class: "warning" }, words);

function about(node) {
  const kept = node.keeps.map(({ what, bytes: size }) => (size ? `${what} ${bytes(size)}` : what)).join(", ");
  const times = [["forward", node.seconds], ["backward", node.pull_seconds]].filter(([, time]) => time !== null);
  return [
    element("h2", {}, element("span", { class: `kind ${node.kind}` }, node.kind), ` ${called(node)}`),
    element("code", {}, node.text),
    ...node.troubles.map(warning),
    terms([
      ["shape", node.kind !== "elided" && (node.shape.map(grouped).join(" × ") || "scalar")],
      ["dtype", node.kind !== "elided" && node.dtype],
      ["scope", path(node.scope)],
      ["line", node.line],
      ["keeps", node.keeps.length > 1 ? `${kept}: ${bytes(node.bytes)}` : kept],
      ["in place", node.in_place && "the argument was written over"],
      ["time", times.map(([pass, time]) => `${pass} ${seconds(time)}`).join(", ")],
      ["work", known(node.flops, flops)],
    ]),
    element("div", { class: "pair" }, statistics("Value", "value", node), statistics("Gradient", "gradient", node)),
    element("div", { class: "pair" },
      neighbours("Parents", node.into, "parent"), neighbours("Children", node.outOf, "child")),
  ];
}

function overview() {
  const { totals } = data;
  const troubled = everyNode.filter((node) => node.troubles.length);
  const total = (what, words) => totals[what] > 0 && words(totals[what]);
  return [
    element("h2", {}, "The whole graph"),
    data.note && warning(data.note),
    terms([
      ...KINDS.map((kind) => [`${kind}s`, total(kind, grouped)]),
      ["not shown", total("hidden", (hidden) => `${grouped(hidden)} of ${counted(totals.nodes, "node")}`)],
      ["trainable", total("trainable", (numbers) => counted(numbers, "number"))],
      ["keeps", total("bytes", bytes)],
      ["forward", total("seconds", seconds)],
      ["backward", total("pull_seconds", seconds)],
      ["work", total("flops", flops)],
    ]),
    troubled.length > 0 && element("h3", {}, "Look at"),
    ...troubled.slice(0, 6).map(lead),
    troubled.length > 6 && `and ${grouped(troubled.length - 6)} more`,
    element("p", { class: "hint" }, "Click a node for its shape, its value and its gradient. ",
      "The slider below walks the forward pass, and then the backward pass."),
  ];
}
