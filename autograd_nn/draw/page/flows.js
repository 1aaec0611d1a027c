// What flows: the contribution that each edge carries in the backward pass, and the sum so far in each node

const [forward, backward] = [data.forward, data.backward].map((ids) => ids.map((id) => nodes.get(id)));
const steps = forward.length + backward.length;
const BARE = { text: null, min: null, mean: null, max: null, rms: null, zeros: 0, nan: 0, inf: 0, counts: [] };

for (const node of everyNode) node.turn = Infinity; // the step in which it hands on what it has received
backward.forEach((node, i) => (node.turn = forward.length + i + 1));
for (const edge of edges) {
  const flows = data.frames.some((frame) => edge.id in frame.flows);
  edge.at = flows ? nodes.get(edge.child).turn : Infinity; // the step in which it carries something
}
for (const node of everyNode) {
  const place = (edge) => data.frames[0].flows[edge.id]?.number ?? 1;
  node.arrivals = node.outOf.filter((edge) => edge.at < Infinity).sort((a, b) => place(a) - place(b));
}

// The contribution of an edge, and what its parent then holds. What is not said is as the next: a contribution as the
// total, a total as the gradient
function carried(edge, frame = moment()) {
  const flow = frame.flows[edge.id] ?? {}, total = flow.total ?? frame.gradients[edge.parent] ?? null;
  const contribution = flow.contribution ? { ...BARE, ...flow.contribution } : total;
  return { number: 1, ...flow, total, contribution, complete: !flow.total };
}

const arrived = (node, step = state.step) => node.arrivals.filter((edge) => step === 0 || edge.at <= step);

// What a node holds of its gradient now
function held(node, frame = moment()) {
  if (state.step === 0 || node.turn <= state.step) return statistic("gradient", node, frame);
  const latest = node.arrivals.findLast((edge) => edge.at <= state.step);
  return latest && carried(latest, frame).total;
}

// In words: few elements as they are, of many the norm

const signed = (text) => text.replaceAll("-", "−");
const norm = (stat, node) => stat.rms * Math.sqrt(node.shape.reduce((a, b) => a * b, 1));

function amount(stat, node, ample = false) {
  if (stat?.text) return signed(stat.text);
  if (!stat) return "something unknown";
  if (stat.nan + stat.inf) return `${counted(stat.nan + stat.inf, "value")} nan or inf`;
  if (stat.rms === null) return "no elements";
  const spread = ample && stat.rms ? ` (mean ${short(stat.mean)}, from ${short(stat.min)} to ${short(stat.max)})` : "";
  return `norm ${short(norm(stat, node))}${spread}`;
}

const told = (...about) => amount(...about).replace(/^norm/, "an array of norm");
const said = (node) => node.name ?? node.id;
const defined = (node) => (node.made ? `${said(node)} = ${node.made}` : said(node));

// 'cos(a)' with what stands for a in the place of its name
function applied(slope, { child }) {
  const operands = new Map(nodes.get(child).into.map((edge) => [edge.argument, said(nodes.get(edge.parent))]));
  operands.set("y", said(nodes.get(child)));
  return slope.replaceAll(/[a-z_]\w*(?!\w*\()/gi, (name) => operands.get(name) ?? name);
}

// 'multiplies it by cos(2) = −0.416 and hands −4.16 to a: a now holds −1.16 = 3 − 4.16, its gradient'
function handing(edge) {
  const { contribution, slope, factor } = carried(edge), parent = nodes.get(edge.parent);
  const [by, times] = [slope && applied(slope, edge), factor].map((text) => text && signed(text));
  const hands = `hands ${told(contribution, parent)} to ${said(parent)}${holding(edge)}`;
  if (by === "1") return `passes it on to ${said(parent)}${holding(edge)}`;
  const same = !by || !times || by.includes(times) || /^−?[\d.]+$/.test(by); // a number says it all
  if (by || times) return `multiplies it by ${same ? by || times : `${by} = ${times}`} and ${hands}`;
  return edge.broadcast ? `sums it over what was repeated and ${hands}` : hands;
}

function holding(edge) {
  const { total, number, complete, contribution } = carried(edge), parent = nodes.get(edge.parent);
  if (complete && contribution === total) return ", its whole gradient";
  const sum = contribution === total ? "" : number === 1 ? ", with what it starts from as a result" : addition(edge);
  return `: ${said(parent)} now holds ${told(total, parent)}${sum}${complete ? ", its gradient" : " so far"}`;
}

// The sum that has become larger by this contribution
function addition(edge) {
  const { number, contribution, total } = carried(edge);
  const come = nodes.get(edge.parent).arrivals.map((other) => carried(other));
  const before = come.find((other) => other.number === number - 1);
  if (![before?.total, contribution, total].every((stat) => stat?.text)) return `, of ${number} contributions`;
  const term = signed(contribution.text);
  return ` = ${signed(before.total.text)} ${term.startsWith("−") ? `− ${term.slice(1)}` : `+ ${term}`}`;
}

// In the picture: on each edge what it carries

const LEGIBLE = 150; // of so many edges, those of earlier steps keep their numbers
const layer = graph.appendChild(drawn("g", { class: "flows", "aria-hidden": true }));

function brief(edge) {
  const { contribution } = carried(edge), parent = nodes.get(edge.parent);
  return contribution?.text?.length > 12 ? `norm ${short(norm(contribution, parent))}` : amount(contribution, parent);
}

// Halfway, or nearer to one of the ends, where no other number is; one of an earlier step gives way
function label(group, those, taken) {
  const now = those.some((edge) => edge.at === state.step), words = those.slice(0, 2).map(brief);
  const text = [...words, ...(those.length > 2 ? ["…"] : [])].join(", "), sizes = [text.length * 5.4, 11];
  const line = group.querySelector("path"), { e = 0, f = 0 } = line.transform.baseVal.consolidate()?.matrix ?? {};
  for (const part of [0.5, 0.35, 0.65, 0.2, 0.8]) {
    const { x, y } = line.getPointAtLength(line.getTotalLength() * part);
    const box = around([x + e, y + f], sizes);
    const free = taken.every((other) => other.some(([low, high], axis) => high < box[axis][0] || box[axis][1] < low));
    if (!free && !(now && part === 0.8)) continue;
    taken.push(box);
    return drawn("text", { x: x + e, y: y + f + 3, class: now ? "now" : "" }, text);
  }
  return null;
}

function drawFlows() {
  const lines = new Map();
  for (const edge of state.step > forward.length ? edges : []) {
    const { at, shown: group } = edge;
    if (!group || at > state.step || (edges.length > LEGIBLE && at < state.step)) continue;
    lines.set(group, [...(lines.get(group) ?? []), edge]);
  }
  const latest = ([, those]) => most(those.map((edge) => edge.at)), taken = [];
  shows(layer, [...lines].sort((a, b) => latest(b) - latest(a)).map(([group, those]) => label(group, those, taken)));
}
