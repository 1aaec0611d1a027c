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

// What a teacher would point at: found when the page was made, the first cause first
const findings = data.findings.map((finding) => {
  const frame = data.frames.findIndex(({ time }) => time === finding.step);
  return { ...finding, where: nodes.get(finding.node), frame };
});
const since = ({ step }) => (data.frames.length > 1 ? ` from step ${grouped(step)} on` : "");

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

// To where a trouble begins, and when
function lead(finding) {
  const { where, frame, trouble, words } = finding, place = where ? ` in ${where.id} ${called(where)}` : "";
  const button = element("button", {}, element("b", {}, trouble), `${place}${since(finding)}`, element("i", {}, words));
  button.addEventListener("click", () => {
    if (where) visit(where.id);
    seek(frame);
  });
  return button;
}

function neighbours(title, list, end) {
  const flows = ({ at }) => at < Infinity && (state.step === 0 || at <= state.step);
  const links = list.map((edge) => {
    const gets = end === "parent" && flows(edge) && amount(carried(edge).contribution, nodes.get(edge.parent));
    return link(nodes.get(edge[end]), edge.argument, edge.broadcast && "broadcast", gets && `gets ${gets}`);
  });
  return links.length > 0 && element("section", {}, element("h3", {}, title), links);
}

function statistics(title, what, node, stat = statistic(what, node)) {
  const all = data.frames.map((frame) => statistic(what, node, frame));
  return stat && element("section", { class: what }, element("h3", {}, title),
    stat.text !== null ? element("pre", {}, stat.text) : stat.counts.length && histogram(stat),
    (stat.text === null || stat.text.length > 12) && measures(stat),
    all.length > 1 && all.some((other) => other?.counts.length) && ridges(all));
}

// Where the backward pass has brought several contributions: each, and the sum so far
function contributions(node) {
  const come = arrived(node), more = node.arrivals.length - come.length;
  if (node.arrivals.length < 2 || come.length === 0) return null;
  const cells = (name, texts) => element("tr", {}, texts.map((text) => element(name, {}, text)));
  const rows = come.slice(0, 12).map((edge) => {
    const { contribution, total } = carried(edge);
    return cells("td", [defined(nodes.get(edge.child)), ...[contribution, total].map((stat) => amount(stat, node))]);
  });
  const left = more + Math.max(come.length - 12, 0);
  return element("section", { class: "gradient" }, element("h3", {}, "Contributions to the gradient"),
    element("table", {},
      element("thead", {}, cells("th", ["from", "contribution", "sum so far"])), element("tbody", {}, rows)),
    left > 0 && (more ? `${grouped(more)} still to come` : `and ${grouped(left)} more`));
}

function detail() {
  const node = nodes.get(state.selected) ?? passed(state.step).current;
  shows(find("#details"), node ? about(node) : overview());
}

const computes = (node) => state.step === 0 || state.step > forward.length || passed(state.step).reached.has(node);
const warning = (words) => element("p", { class: "warning" }, words);

function about(node) {
  const kept = node.keeps.map(({ what, bytes: size }) => (size ? `${what} ${bytes(size)}` : what)).join(", ");
  const times = [["forward", node.seconds], ["backward", node.pull_seconds]].filter(([, time]) => time !== null);
  return [
    element("h2", {}, element("span", { class: `kind ${node.kind}` }, node.kind), ` ${called(node)}`),
    element("code", {}, node.text),
    ...findings.filter(({ where }) => where === node).map((finding) =>
      warning(`${finding.trouble}${since(finding)}: ${finding.words}`)),
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
    element("div", { class: "pair" },
      computes(node) && statistics("Value", "value", node),
      statistics(`Gradient${state.step && node.turn > state.step ? " so far" : ""}`, "gradient", node, held(node) ?? null)),
    contributions(node),
    element("div", { class: "pair" },
      neighbours("Parents", node.into, "parent"), neighbours("Children", node.outOf, "child")),
  ];
}

function overview() {
  const { totals } = data;
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
    findings.length > 0 && element("h3", {}, "Look at"),
    findings.length > 0 && element("ol", { class: "findings" }, findings.map((finding) => element("li", {}, lead(finding)))),
    element("p", { class: "hint" }, "Click a node for its shape, its value and its gradient. ",
      "The slider below walks the forward pass, and then the backward pass."),
  ];
}
