// The page of a computation graph. Texts enter it as text nodes only, so that no name can become markup.

const find = (selector) => document.querySelector(selector);
const on = (selector, kind, act) => find(selector).addEventListener(kind, act);
const data = JSON.parse(find("#data").textContent);
const svg = find("#graph svg"), graph = svg.querySelector(".graph");

const element = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
const drawn = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(svg.namespaceURI, tag), attributes, children);

function filled(made, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Numbers in words

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const least = (numbers) => numbers.reduce((a, b) => Math.min(a, b), Infinity);
const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b), -Infinity);
const unique = (things) => [...new Set(things)];
const grouped = (number) => number.toLocaleString("en-GB");
const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
const percent = (fraction) => `${Math.round(100 * fraction)} %`;

function short(number, digits = 3) {
  const size = Math.abs(number);
  const words = size === 0 || (size >= 1e-3 && size < 1e6)
    ? String(Number(number.toPrecision(digits)))
    : number.toExponential(Math.min(digits - 1, 1)).replace(".0", "").replace("e+", "e");
  return words.replaceAll("-", "−");
}

const scaled = (...units) => (number) => {
  const [factor, unit] = units.find(([factor]) => number >= factor) ?? units.at(-1);
  return `${short(number / factor)} ${unit}`;
};
const bytes = scaled([1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]);
const seconds = scaled([1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]);
const flops = scaled([1e9, "GFLOP"], [1e6, "MFLOP"], [1e3, "kFLOP"], [1, "FLOP"]);

function outlined(stat) {
  if (stat.text !== null) return stat.text;
  const spread = stat.min === null ? [] : [`mean ${short(stat.mean)}`, `from ${short(stat.min)} to ${short(stat.max)}`];
  const strays = ["nan", "inf"].filter((what) => stat[what]).map((what) => `${grouped(stat[what])} ${what}`);
  return [...spread, ...strays].join(", ") || "no elements";
}

// What there is: nodes, edges and scopes, each with its place in the picture

const KINDS = ["parameter", "input", "constant", "operation"];
for (const title of svg.querySelectorAll("title")) title.remove(); // the browser would show them beside our own
for (const link of svg.querySelectorAll("a")) link.removeAttribute("xlink:title");
for (const name of ["viewBox", "width", "height"]) svg.removeAttribute(name);
graph.querySelector(":scope > polygon")?.remove(); // the background

const placed = (things) => new Map(things.flatMap((thing) => {
  const group = document.getElementById(thing.id);
  return group ? [[thing.id, { ...thing, group, box: group.querySelector("polygon, path, ellipse").getBBox() }]] : [];
}));
const nodes = placed(data.nodes), edges = [...placed(data.edges).values()], scopes = placed(data.scopes);
const everyNode = [...nodes.values()], everyScope = [...scopes.values()];

const within = (scope) => (scopes.has(scope) ? [...within(scopes.get(scope).parent), scope] : []);
const path = (scope) => within(scope).map((id) => scopes.get(id).name).join(" › ");
const called = (node) => node.name ?? node.label;
const number = (thing, name) => Number(thing.getAttribute(name));

for (const node of everyNode) {
  node.into = edges.filter((edge) => edge.child === node.id);
  node.outOf = edges.filter((edge) => edge.parent === node.id);
  node.bytes = sum(node.keeps.map((kept) => kept.bytes));
  if (node.in_place && node.into.length) node.into[0].in_place = true;
  filled(node.group, { role: "button", tabindex: -1, "aria-label": node.text });
}

for (const edge of edges) {
  edge.path = edge.group.querySelector("path");
  edge.labels = [...edge.group.querySelectorAll("text")];
  edge.points = edge.path.getAttribute("d").match(/[^MC\s]+/g).map((pair) => pair.split(",").map(Number));
  edge.path.removeAttribute("stroke-dasharray"); // the style sheet has its own
  for (const head of edge.group.querySelectorAll("polygon")) head.remove(); // a marker turns with the line
  edge.group.classList.toggle("broadcast", edge.broadcast);
  edge.group.classList.toggle("in-place", Boolean(edge.in_place));
}
edges.sort((a, b) => a.points.length - b.points.length); // where one line stands for several, the straightest does

for (const scope of everyScope) {
  scope.inside = everyNode.filter((node) => within(node.scope).includes(scope.id));
  scope.frame = drawn("rect", { rx: 6 });
  scope.label = drawn("text", { role: "button", "aria-label": `Fold ${scope.name}` }, `▾ ${scope.name}`);
  scope.group.replaceChildren(scope.frame, scope.label);

  const count = counted(scope.inside.length, "node");
  const lines = [drawn("text", { y: -4, class: "name" }, scope.name), drawn("text", { y: 12 }, `▸ ${count}`)];
  scope.badge = drawn("g", { id: `${scope.id}-folded`, class: "node folded", role: "button", tabindex: -1 }, ...lines);
  scope.badge.setAttribute("aria-label", `${scope.name}, ${count}, folded`);
  graph.append(scope.badge);
  const width = most(lines.map((line) => line.getBBox().width)) + 28, height = 42;
  const sheet = { x: -width / 2, y: -height / 2, width, height, rx: 6 };
  scope.badge.prepend(drawn("rect", { ...sheet, transform: "translate(4 4)" }), drawn("rect", sheet));
  scope.zoom = Math.min(1, scope.box.width / width); // it never leaves the scope's own place
  scope.place = { width: width * scope.zoom, height: height * scope.zoom };
}

function centre(box) {
  return [box.x + box.width / 2, box.y + box.height / 2];
}

// Folding: the picture stays as Graphviz made it, but the bands where nothing is left to see are squeezed out

const folded = new Set(everyScope.filter((scope) => scope.folded).map((scope) => scope.id));
const FRAME = { x: [8, 8], y: [24, 8] }; // a scope's margin, and the line of its name
const HALO = 8; // room for the heads of arrows, which are not squeezed
const LEAST = 12;
let across = (x) => x, along = (y) => y;

const closing = (scope, closed = folded) => within(scope).find((id) => closed.has(id));
const standing = (node) => closing(node.scope) ?? node.id;
const shown = (id) => scopes.get(nodes.has(id) ? standing(nodes.get(id)) : id)?.badge ?? nodes.get(id).group;
const known = (target) => target.closest("#graph .node")?.id.replace("-folded", ""); // the node or folded scope there

// Folded scopes that can stand in one line along the edges do. Each stays in its own place, so that none overlap.
function align() {
  const [axis, side, flow, depth] = downwards ? ["x", "width", "y", "height"] : ["y", "height", "x", "width"];
  const low = ({ box, place }) => box[axis] + place[side] / 2;
  const high = ({ box, place }) => box[axis] + box[side] - place[side] / 2;
  const lines = [];
  const seen = everyScope.filter((scope) => folded.has(scope.id) && !closing(scope.parent));
  for (const scope of seen.sort((a, b) => high(a) - high(b))) {
    const line = lines.at(-1);
    if (line && low(scope) <= high(line[0])) line.push(scope);
    else lines.push([scope]);
  }
  for (const line of lines) {
    const middle = (most(line.map(low)) + least(line.map(high))) / 2;
    for (const { box, place } of line) {
      place[axis] = middle - place[side] / 2;
      place[flow] = box[flow] + (box[depth] - place[depth]) / 2;
    }
  }
}

function bands(axis, side, closed) {
  const spans = [];
  const add = (box) => spans.push([box[axis] - HALO, box[axis] + box[side] + HALO]);
  for (const node of everyNode) if (!closing(node.scope, closed)) add(node.box);
  for (const scope of everyScope) {
    if (closing(scope.parent, closed)) continue;
    if (closed.has(scope.id)) add(scope.place);
    else {
      const low = scope.box[axis], high = low + scope.box[side], [before, after] = FRAME[axis];
      spans.push([low, low + before], [high - after, high]);
    }
  }
  const merged = [];
  for (const [low, high] of spans.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && low <= last[1]) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

// A piecewise linear map of one axis: a band keeps its width, a gap keeps the widest gap that was there before
function squeezed(axis, side) {
  const whole = bands(axis, side, new Set()), start = whole[0][0], end = whole.at(-1)[1];
  const gaps = whole.slice(1).map(([low], i) => [whole[i][1], low]);
  const knots = [];
  let from = start, at = start;
  for (const [low, high] of [...bands(axis, side, folded), [end, end]]) {
    const free = gaps.map(([a, b]) => Math.min(b, low) - Math.max(a, from));
    at += most([Math.min(LEAST, low - from), ...free]);
    knots.push([low, at], [high, at + high - low]);
    [from, at] = knots.at(-1);
  }
  return (value) => {
    const i = knots.findIndex(([knot]) => knot > value);
    const [a, mappedA] = knots.at(i < 0 ? -1 : Math.max(i - 1, 0));
    if (i < 1) return mappedA + value - a;
    const [b, mappedB] = knots[i];
    return mappedA + ((value - a) * (mappedB - mappedA)) / (b - a);
  };
}

const moved = ([x, y]) => [across(x), along(y)];
const run = (axis) => sum(edges.map(({ points }) => Math.abs(points.at(-1)[axis] - points[0][axis])));
const downwards = run(1) >= run(0);
const inside = ([x, y], box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;

// Where a line that comes from `other` meets the box of a folded scope
function port(scope, other, head) {
  const [x, y] = moved(centre(scope.place)), { width, height } = scope.place;
  if (downwards) return [x, y + Math.sign(other[1] - y) * (height / 2 + head)];
  return [x + Math.sign(other[0] - x) * (width / 2 + head), y];
}

// Points on Graphviz's curve, three for each of its pieces
function sampled(points) {
  const line = [points[0]];
  for (let i = 0; i + 3 < points.length; i += 3) {
    for (const s of [1 / 3, 2 / 3, 1]) {
      const weights = [(1 - s) ** 3, 3 * s * (1 - s) ** 2, 3 * s ** 2 * (1 - s), s ** 3];
      line.push([0, 1].map((axis) => sum(weights.map((weight, k) => weight * points[i + k][axis]))));
    }
  }
  return line;
}

// A smooth curve through points, without those so near to others that it would have to wriggle
function smooth(points) {
  const end = points.at(-1), line = [points[0]];
  const far = (x, y, toX, toY) => Math.hypot(x - toX, y - toY);
  for (const point of points) if (far(...point, ...line.at(-1)) > 30 && far(...point, ...end) > 30) line.push(point);
  line.push(end);
  if (line.length === 2) {
    const [[x, y], [toX, toY]] = line, [midX, midY] = [(x + toX) / 2, (y + toY) / 2];
    return `M${line[0]}C${downwards ? [x, midY, toX, midY] : [midX, y, midX, toY]} ${end}`;
  }
  const course = (i) => {
    const [[x, y], [toX, toY]] = [line[i - 1] ?? line[0], line[i + 1] ?? end], length = far(x, y, toX, toY);
    return [(toX - x) / length, (toY - y) / length];
  };
  const pieces = line.slice(1).map(([toX, toY], i) => {
    const [[x, y], [dx, dy], [toDx, toDy]] = [line[i], course(i), course(i + 1)], reach = far(x, y, toX, toY) / 3;
    return `C${x + dx * reach} ${y + dy * reach} ${toX - toDx * reach} ${toY - toDy * reach} ${toX} ${toY}`;
  });
  return `M${line[0]}${pieces.join("")}`;
}

function route(edge, from, to) {
  const whole = edge.points.map(moved), [dx, dy] = [0, 1].map((axis) => whole[0][axis] - edge.points[0][axis]);
  const rigid = whole.every(([x, y], i) => Math.hypot(x - edge.points[i][0] - dx, y - edge.points[i][1] - dy) < 1);
  if (rigid && !from && !to) return `M${whole[0]}C${whole.slice(1).flat()}`;

  const flow = downwards ? 1 : 0, near = (point, end) => Math.abs(point[flow] - end[flow]) < 40;
  const samples = sampled(edge.points);
  if (from) while (samples.length > (to ? 0 : 1) && inside(samples[0], from.box)) samples.shift();
  if (to) while (samples.length > (from ? 0 : 1) && inside(samples.at(-1), to.box)) samples.pop();
  const line = samples.map(moved);
  const start = from && port(from, line[0] ?? moved(centre(to.place)), 0);
  const end = to && port(to, line.at(-1) ?? start, 7);
  if (from) while (line.length > (to ? 0 : 1) && near(line[0], start)) line.shift();
  if (to) while (line.length > (from ? 0 : 1) && near(line.at(-1), end)) line.pop();
  return smooth([...(from ? [start] : []), ...line, ...(to ? [end] : [])]);
}

function shift(thing, [x, y]) {
  const [toX, toY] = moved([x, y]);
  thing.setAttribute("transform", `translate(${toX - x} ${toY - y})`);
}

function layout() {
  align();
  [across, along] = [squeezed("x", "width"), squeezed("y", "height")];
  for (const node of everyNode) {
    node.group.toggleAttribute("hidden", standing(node) !== node.id);
    shift(node.group, centre(node.box));
  }
  for (const scope of everyScope) {
    const hidden = closing(scope.parent) !== undefined, { x, y, width, height } = scope.box;
    scope.group.toggleAttribute("hidden", hidden || folded.has(scope.id));
    scope.badge.toggleAttribute("hidden", hidden || !folded.has(scope.id));
    if (folded.has(scope.id) && !hidden) {
      scope.badge.setAttribute("transform", `translate(${moved(centre(scope.place))}) scale(${scope.zoom})`);
    }
    const [left, top, right, bottom] = [...moved([x, y]), ...moved([x + width, y + height])];
    filled(scope.frame, { x: left, y: top, width: right - left, height: bottom - top });
    filled(scope.label, { x: left + 9, y: top + 16 });
  }
  const lines = new Map();
  for (const edge of edges) {
    edge.from = standing(nodes.get(edge.parent));
    edge.to = standing(nodes.get(edge.child));
    const whole = !scopes.has(edge.from) && !scopes.has(edge.to), ends = whole ? edge.id : `${edge.from} ${edge.to}`;
    edge.shown = edge.from === edge.to ? null : lines.get(ends) ?? edge.group; // one line for all between two boxes
    edge.group.toggleAttribute("hidden", edge.shown !== edge.group);
    if (edge.shown !== edge.group) continue;
    lines.set(ends, edge.group);
    edge.path.setAttribute("d", route(edge, scopes.get(edge.from), scopes.get(edge.to)));
    for (const label of edge.labels) {
      label.toggleAttribute("hidden", !whole);
      shift(label, [number(label, "x"), number(label, "y")]);
    }
  }
  find("#fold").disabled = folded.size === scopes.size;
  find("#unfold").disabled = folded.size === 0;
}

// What `spot` gives after the change comes where it was before, so that the eye need not search for it
function refold(change, spot) {
  const before = centre(spot().getBoundingClientRect());
  change();
  layout();
  mark();
  const after = centre(spot().getBoundingClientRect());
  look(view.x + before[0] - after[0], view.y + before[1] - after[1]);
  enter();
}

function toggle(scope) {
  const focused = document.activeElement === scope.badge;
  const change = () => folded.delete(scope.id) || folded.add(scope.id);
  refold(change, () => (folded.has(scope.id) ? scope.badge : scope.label));
  if (folded.has(scope.id)) focus(scope.id);
  else if (focused) focus(standing(scope.inside[0]));
}

function reveal(node) {
  if (standing(node) === node.id) return;
  refold(() => within(node.scope).forEach((scope) => folded.delete(scope)), () => shown(node.id));
}

function foldAll(ids) {
  folded.clear();
  for (const id of ids) folded.add(id);
  layout();
  mark();
  open();
}

// Looking: pan and zoom

const view = { x: 0, y: 0, scale: 1 };
const pane = () => find("#graph").getBoundingClientRect();

function look(x, y, scale = view.scale) {
  Object.assign(view, { x, y, scale });
  graph.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
}

function zoom(factor, x = pane().width / 2, y = pane().height / 2) {
  const scale = Math.min(Math.max(view.scale * factor, 0.02), 8), ratio = scale / view.scale;
  look(x - (x - view.x) * ratio, y - (y - view.y) * ratio, scale);
}

function fit() {
  const { width, height } = pane(), box = graph.getBBox(), [x, y] = centre(box);
  const scale = Math.min((width - 48) / box.width, (height - 48) / box.height, 1.6);
  look(width / 2 - x * scale, height / 2 - y * scale, scale);
}

// What has room in the pane comes inside it
function enter() {
  const { width, height } = pane(), box = graph.getBBox(), { scale } = view;
  const within = (offset, low, size, room) => {
    const [least, most] = [24 - low * scale, room - 24 - (low + size) * scale];
    return least > most ? offset : Math.min(Math.max(offset, least), most);
  };
  look(within(view.x, box.x, box.width, width), within(view.y, box.y, box.height, height));
}

// Everything, or, where that would be too small to read, the beginning
function open() {
  fit();
  if (view.scale >= 0.5) return;
  zoom(1 / view.scale);
  const box = graph.getBBox();
  follow(forward[0].id, true);
  look(downwards ? view.x : 24 - box.x, downwards ? 24 - box.y : view.y);
  follow(forward[0].id);
}

function follow(id, always) {
  const { left, top, width, height } = pane(), [x, y] = centre(shown(id).getBoundingClientRect());
  const seen = inside([x, y], { x: left + 20, y: top + 20, width: width - 40, height: height - 40 });
  if (always || !seen) look(view.x + left + width / 2 - x, view.y + top + height / 2 - y);
}

let grip = null;
svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - pane().left, event.clientY - pane().top);
}, { passive: false });
svg.addEventListener("mousedown", (event) => event.preventDefault()); // focus comes with the click, not with a drag
svg.addEventListener("pointerdown", (event) => (grip = { x: event.clientX, y: event.clientY, moves: false }));
svg.addEventListener("pointermove", (event) => {
  if (!grip || !event.buttons) return hover(event);
  const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
  if (!grip.moves && Math.hypot(dx, dy) < 4) return;
  if (!grip.moves) svg.setPointerCapture(event.pointerId);
  grip = { x: event.clientX, y: event.clientY, moves: true };
  look(view.x + dx, view.y + dy);
});
svg.addEventListener("pointerleave", () => (find("#tip").hidden = true));
svg.addEventListener("click", (event) => {
  if (grip?.moves) return;
  const id = known(event.target) ?? event.target.closest("text")?.closest(".cluster")?.id;
  if (scopes.has(id)) toggle(scopes.get(id));
  else if (nodes.has(id)) focus(id);
  else {
    select(null);
    find("#graph").focus({ preventScroll: true });
  }
});
svg.addEventListener("focusin", (event) => {
  const id = known(event.target);
  if (nodes.has(id)) select(id);
  if (id) follow(id);
});

function focus(id) {
  graph.querySelector("[tabindex='0']")?.setAttribute("tabindex", -1);
  shown(id).setAttribute("tabindex", 0);
  shown(id).focus({ preventScroll: true });
  if (nodes.has(id)) select(id); // the focus may have been there already
}

function hover(event) {
  const tip = find("#tip"), node = nodes.get(known(event.target)), scope = scopes.get(known(event.target));
  const lines = node ? hints(node) : scope ? [scope.badge.getAttribute("aria-label"), keeping(scope)] : [];
  tip.hidden = !lines.length;
  tip.replaceChildren(...lines.filter(Boolean).map((line) => element("div", {}, line)));
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
}

function hints(node) {
  const { values: { [node.id]: value }, gradients: { [node.id]: gradient } } = moment();
  const stats = [value && `value: ${outlined(value)}`, gradient && `gradient: ${outlined(gradient)}`];
  return [node.text.split("  # ")[0], path(node.scope), node.line, ...stats];
}

function keeping(scope) {
  return `keeps ${bytes(sum(scope.inside.map((node) => node.bytes)))} for the backward pass`;
}

// Marks: what stands out has a class; the style sheet dims the rest

const state = { selected: null, hits: [], hit: -1, step: 0, frame: 0 };
const moment = () => data.frames[state.frame] ?? { time: 0, values: {}, gradients: {} };

function give(name, groups) {
  for (const group of svg.querySelectorAll(`.${name}`)) group.classList.remove(name);
  for (const group of groups) group?.classList.add(name);
}

function mark() {
  const selected = nodes.get(state.selected), near = selected ? [...selected.into, ...selected.outOf] : [];
  const lit = near.flatMap((edge) => [edge.shown, shown(edge.parent), shown(edge.child)]);
  give("selected", selected ? [shown(selected.id)] : []);
  give("lit", selected ? [shown(selected.id), ...lit] : []);
  give("hit", state.hits.map((node) => shown(node.id)));
  svg.classList.toggle("selecting", Boolean(selected));
  svg.classList.toggle("searching", find("#search").value.trim() !== "");

  const { current, reached, flowing } = passed(state.step);
  const behind = edges.filter((edge) => reached.has(nodes.get(edge.parent)) && reached.has(nodes.get(edge.child)));
  give("current", current ? [shown(current.id)] : []);
  give("reached", [...reached].map((node) => shown(node.id)));
  give("passed", behind.map((edge) => edge.shown));
  give("flow", flowing.map((edge) => edge.shown));
  svg.classList.toggle("walking", state.step > 0);
  svg.classList.toggle("backwards", state.step > forward.length);
}

function select(id) {
  if (state.selected === id) return;
  state.selected = id;
  if (id) reveal(nodes.get(id));
  mark();
  detail();
}

// Histograms: inside the nodes and in the panel

function bars(counts, x, y, width, height) {
  const step = width / counts.length, unit = height / most(counts);
  return counts.map((count, i) => `M${x + i * step} ${y}v${-count * unit}h${step}v${count * unit}z`).join("");
}

for (const node of everyNode) {
  const blank = [...node.group.querySelectorAll("text")].at(-1); // Graphviz left its line free
  const half = Math.min((node.box.width - 14) / 2, 36);
  node.sparks = !blank || blank.textContent.trim() ? [] : ["value", "gradient"].map((what, i) => {
    const x = number(blank, "x") + (i ? 2 : -2 - half), y = number(blank, "y") + 2;
    const spark = drawn("g", { class: `spark ${what}` }, drawn("path"), drawn("text", { x: x + half / 2, y: y - 2 }));
    node.group.append(spark);
    return { spark, x, y, half };
  });
}

function drawSparks() {
  const { values, gradients } = moment(), { reached } = passed(state.step);
  for (const node of everyNode) {
    const walked = state.step === 0 || reached.has(node), back = state.step > forward.length;
    const stats = [(walked || back) && values[node.id], walked && (back || !state.step) && gradients[node.id]];
    node.sparks.forEach(({ spark, x, y, half }, i) => {
      const stat = stats[i] || { text: null, counts: [], min: null };
      const same = stat.min !== null && stat.min === stat.max;
      const texts = [stat.text, ...(same ? [short(stat.min), short(stat.min, 1)] : [])];
      const text = texts.find((words) => words && words.length * 3.9 <= half) ?? "";
      const line = `M${x} ${y}h${half}v.4h${-half}z`;
      spark.lastChild.textContent = text;
      const shape = stat.counts.length && !same && !text ? line + bars(stat.counts, x, y, half, 11) : "";
      spark.firstChild.setAttribute("d", shape);
    });
  }
}

function figure(name, viewBox, about, shapes, ...caption) {
  const attributes = { viewBox, preserveAspectRatio: "none", role: "img", "aria-label": about };
  const words = caption.map((text) => element("span", {}, text));
  return element("figure", { class: name }, drawn("svg", attributes, ...shapes), element("figcaption", {}, ...words));
}

function histogram(stat) {
  const [low, high] = [short(stat.low), short(stat.high)];
  const shape = drawn("path", { d: bars(stat.counts, 0, 48, 200, 46) });
  return figure("histogram", "0 0 200 48", `histogram from ${low} to ${high}`, [shape], low, high);
}

// Time from left to right, the histogram of each moment from bottom to top: the fuller, the darker
function heatmap(stats) {
  const LEVELS = 8, ROWS = 20, shades = Array(LEVELS).fill("");
  const full = stats.filter((stat) => stat?.counts.length);
  const low = least(full.map((stat) => stat.low)), high = most(full.map((stat) => stat.high));
  const row = (value) => Math.min(Math.max((ROWS * (value - low)) / (high - low || 1), 0), ROWS);
  stats.forEach((stat, column) => {
    if (!stat?.counts.length) return;
    const rows = Array(ROWS).fill(0), width = (stat.high - stat.low) / stat.counts.length;
    stat.counts.forEach((count, i) => {
      const from = row(stat.low + i * width), to = row(stat.low + (i + 1) * width);
      for (let at = Math.floor(from); at < to; at++) {
        rows[at] += (count * (Math.min(at + 1, to) - Math.max(at, from))) / (to - from);
      }
    });
    rows.forEach((count, at) => {
      const level = Math.ceil(LEVELS * Math.sqrt(count / most(rows)));
      if (level) shades[level - 1] += `M${column} ${ROWS - 1 - at}h1v1h-1z`;
    });
  });
  const shapes = shades.map((d, level) => drawn("path", { d, opacity: (level + 1) / LEVELS }));
  const now = drawn("path", { class: "now", d: `M${state.frame + 0.5} 0v${ROWS}` });
  const times = [`step ${grouped(data.frames[0].time)}`, grouped(data.frames.at(-1).time)];
  const about = `histograms during training, from ${short(low)} to ${short(high)}`;
  return figure("heatmap", `0 0 ${stats.length} ${ROWS}`, about, [...shapes, now], ...times);
}

// Details of the selected node, or of the whole

function terms(pairs) {
  const known = pairs.filter(([, what]) => what);
  return element("dl", {}, ...known.flatMap(([term, what]) => [element("dt", {}, term), element("dd", {}, what)]));
}

const said = (amount, words) => (amount ?? null) !== null && words(amount); // what is not known is not said

function numbers(stat) {
  return terms([
    ...["mean", "min", "max", "rms"].map((name) => [name, said(stat[name], short)]),
    ["zeros", stat.zeros > 0 && percent(stat.zeros)],
    ["saturated", said(stat.saturated, percent)],
    ["dead", said(stat.dead, percent)],
    ["nan", stat.nan > 0 && grouped(stat.nan)],
    ["inf", stat.inf > 0 && grouped(stat.inf)],
  ]);
}

// What a teacher would point at: which statistics, how bad it is (0 or false: not at all), and the words for it
const odd = (stat) => stat.nan + stat.inf;
const TROUBLES = [
  ["values", odd, (stat) => `${counted(odd(stat), "value")} nan or inf`],
  ["gradients", odd, (stat) => `${grouped(odd(stat))} nan or inf in the gradient`],
  ["values", ({ saturated }) => saturated >= 0.25 && saturated, ({ saturated }) => `saturated ${percent(saturated)}`],
  ["values", ({ dead }) => dead, ({ dead }, units) => `dead units ${Math.round(dead * units)} of ${grouped(units)}`],
  ["gradients", ({ rms }) => rms !== null && rms < 1e-6 && 1 / rms, ({ rms }) => `gradient ${short(rms)}: vanishing`],
  ["gradients", ({ rms }) => rms > 1e3 && rms, ({ rms }) => `gradient ${short(rms)}: exploding`],
];

function troubles(node) {
  return TROUBLES.flatMap(([what, amount, words]) => {
    const moments = data.frames.filter((frame) => frame[what][node.id] && amount(frame[what][node.id]));
    if (!moments.length) return [];
    const worst = moments.reduce((a, b) => (amount(b[what][node.id]) > amount(a[what][node.id]) ? b : a));
    const time = data.frames.length > 1 ? ` at step ${grouped(worst.time)}` : "";
    return [words(worst[what][node.id], node.shape.at(-1) ?? 1) + time];
  });
}

function visit(node, ...words) {
  const notes = words.filter(Boolean).map((word) => element("i", {}, `${word} `));
  const button = element("button", {}, element("b", {}, node.id), ` ${called(node)} `, ...notes);
  button.addEventListener("click", () => (select(node.id), follow(node.id)));
  return button;
}

function neighbours(title, list, end) {
  const buttons = list.map((edge) => visit(nodes.get(edge[end]), edge.argument, edge.broadcast && "broadcast"));
  return element("section", {}, ...(list.length ? [element("h3", {}, title), ...buttons] : []));
}

function statistics(title, kind, node) {
  const stat = moment()[kind][node.id], all = data.frames.map((frame) => frame[kind][node.id]);
  if (!stat) return element("section");
  const parts = [stat.text !== null ? element("pre", {}, stat.text) : stat.counts.length ? histogram(stat) : ""];
  if (stat.text === null || stat.text.length > 12) parts.push(numbers(stat));
  if (all.length > 1 && all.some((other) => other?.counts.length)) parts.push(heatmap(all));
  return element("section", { class: kind }, element("h3", {}, title), ...parts);
}

function detail() {
  const node = nodes.get(state.selected);
  find("#details").replaceChildren(...(node ? about(node) : overview()));
}

function about(node) {
  const kept = node.keeps.map(({ what, bytes: size }) => (size ? `${what} ${bytes(size)}` : what)).join(", ");
  const times = [["forward", node.seconds], ["backward", node.pull_seconds]].filter(([, time]) => time !== null);
  return [
    element("h2", {}, element("span", { class: `kind ${node.kind}` }, node.kind), ` ${called(node)}`),
    element("code", {}, node.text),
    ...troubles(node).map((words) => element("p", { class: "warning" }, words)),
    terms([
      ["shape", node.kind !== "elided" && (node.shape.map(grouped).join(" × ") || "scalar")],
      ["dtype", node.kind !== "elided" && node.dtype],
      ["scope", path(node.scope)],
      ["line", node.line],
      ["keeps", node.keeps.length > 1 ? `${kept}: ${bytes(node.bytes)}` : kept],
      ["in place", node.in_place && "the argument was written over"],
      ["time", times.map(([pass, time]) => `${pass} ${seconds(time)}`).join(", ")],
      ["work", said(node.flops, flops)],
    ]),
    element("div", { class: "pair" }, statistics("Value", "values", node), statistics("Gradient", "gradients", node)),
    element("div", { class: "pair" },
      neighbours("Parents", node.into, "parent"), neighbours("Children", node.outOf, "child")),
  ];
}

function overview() {
  const size = (node) => node.shape.reduce((a, b) => a * b, 1);
  const trained = everyNode.filter((node) => node.kind === "parameter");
  const total = (what, words) => {
    const amounts = everyNode.map((node) => node[what]).filter((amount) => amount !== null);
    return amounts.length && words(sum(amounts));
  };
  const troubled = everyNode.map((node) => [node, troubles(node)]).filter(([, found]) => found.length);
  const buttons = troubled.slice(0, 6).map(([node, found]) => visit(node, found.join(", ")));
  return [
    element("h2", {}, "The whole graph"),
    data.note ? element("p", { class: "warning" }, data.note) : "",
    terms([
      ...KINDS.map((kind) => [`${kind}s`, everyNode.filter((node) => node.kind === kind).length || ""]),
      ["trainable", trained.length && counted(sum(trained.map(size)), "number")],
      ["keeps", total("bytes", bytes)],
      ["forward", total("seconds", seconds)],
      ["backward", total("pull_seconds", seconds)],
      ["work", total("flops", flops)],
    ]),
    ...(buttons.length ? [element("h3", {}, "Look at"), ...buttons] : []),
    troubled.length > buttons.length ? `and ${grouped(troubled.length - buttons.length)} more` : "",
    element("p", { class: "hint" }, "Click a node for its shape, its value and its gradient. ",
      "The slider below walks the forward pass, and then the backward pass."),
  ];
}

// Search

function search() {
  const plain = (text) => text.toLowerCase().replaceAll(/\s/g, "");
  const words = plain(find("#search").value);
  const text = (node) => plain([node.text, called(node), node.label, `(${node.shape})`, path(node.scope)].join("\n"));
  state.hits = words ? everyNode.filter((node) => text(node).includes(words)) : [];
  state.hit = -1;
  find("#hits").value = words ? counted(state.hits.length, "hit") : "";
  mark();
}

function hop(way) {
  const count = state.hits.length;
  if (!count) return;
  state.hit = (Math.max(state.hit + way, way - 1) + count) % count;
  find("#hits").value = `${state.hit + 1} of ${count}`;
  select(state.hits[state.hit].id);
  follow(state.selected, true);
}

on("#search", "input", search);
on("#search", "keydown", (event) => event.key === "Enter" && hop(event.shiftKey ? -1 : 1));

// The walk: the forward pass in the order of the tape, then the backward pass with the cotangent flowing

const [forward, backward] = [data.forward, data.backward].map((ids) => ids.flatMap((id) => nodes.get(id) ?? []));
const steps = forward.length + backward.length, receives = new Set(backward);

// What has happened after so many steps; 0 is the whole graph
function passed(step) {
  if (step <= forward.length) {
    return { current: forward[step - 1], reached: new Set(forward.slice(0, step)), flowing: [] };
  }
  const flows = (node) => node.into.filter((edge) => receives.has(nodes.get(edge.parent)));
  const done = backward.slice(0, step - forward.length), current = done.at(-1);
  const ahead = done.flatMap(flows).map((edge) => nodes.get(edge.parent));
  return { current, reached: new Set([...done, ...ahead]), flowing: flows(current) };
}

function walk(step) {
  state.step = Math.min(Math.max(step, 0), steps);
  find("#step").value = state.step;
  find("#first").disabled = find("#previous").disabled = state.step === 0;
  find("#last").disabled = find("#next").disabled = state.step === steps;
  find("#says").replaceChildren(...narration());
  find("#step").setAttribute("aria-valuetext", find("#says").textContent);
  mark();
  drawSparks();
  if (state.step) follow(passed(state.step).current.id);
}

function narration() {
  const { current, flowing } = passed(state.step), done = state.step - forward.length, back = done > 0;
  if (!current) {
    const ahead = ` ${counted(forward.length, "step")} forward, ${counted(backward.length, "step")} backward`;
    return [element("b", {}, "whole graph"), ahead];
  }
  const what = back ? "gradient" : "value", stat = moment()[`${what}s`][current.id];
  const place = back ? `backward ${done} of ${backward.length}:` : `forward ${state.step} of ${forward.length}:`;
  const parents = unique(flowing.map((edge) => edge.parent)).join(" and ");
  const hands = parents ? ` hands its cotangent to ${parents}` : " has its gradient";
  const words = [element("b", { class: what }, place), ` ${equation(current)}${back ? hands : ""}`];
  return stat ? [...words, element("small", {}, `${what}: ${outlined(stat)}`)] : words;
}

function equation(node) {
  if (node.kind !== "operation") return [`${node.id}: ${node.kind}`, node.name].filter(Boolean).join(" ");
  return `${node.id} = ${node.label}(${node.into.map((edge) => edge.parent).join(", ")})`;
}

// A slider with a button that plays it; what comes back stops it
function player(button, range, pause, go) {
  let timer = null;
  const show = (plays) => {
    button.textContent = plays ? "❚❚" : "▶";
    button.classList.toggle("playing", plays);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    show(false);
  };
  const advance = () => {
    go(Number(range.value) + 1);
    if (range.value === range.max) stop();
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (range.value === range.max) go(0);
    timer = setInterval(advance, pause);
    show(true);
  });
  range.addEventListener("input", () => (stop(), go(Number(range.value))));
  return stop;
}

find("#step").max = steps;
find("#step").style.setProperty("--turn", `${(100 * (forward.length + 0.5)) / steps}%`);
const halt = player(find("#play"), find("#step"), Math.min(Math.max(30000 / steps, 120), 800), walk);
const leap = (step) => (halt(), walk(step));
on("#first", "click", () => leap(0));
on("#previous", "click", () => leap(state.step - 1));
on("#next", "click", () => leap(state.step + 1));
on("#last", "click", () => leap(steps));

// The film: the same page at many moments of training

function seek(frame) {
  state.frame = frame;
  find("#moment").value = frame;
  find("#moment-text").value = `training step ${grouped(moment().time)}`;
  find("#moment").setAttribute("aria-valuetext", find("#moment-text").value);
  walk(state.step);
  if (state.selected) detail();
  paint();
}

find("#film").hidden = data.frames.length < 2;
find("#moment").max = data.frames.length - 1;
player(find("#film-play"), find("#moment"), 150, seek);

// Colours, on one scale for all moments so that they can be compared

const METRICS = {
  time: { of: (node) => (node.seconds === null ? null : node.seconds + node.pull_seconds), says: seconds },
  "kept bytes": { of: (node) => node.bytes || null, says: bytes },
  "gradient size (log)": {
    of: (node, { gradients: { [node.id]: stat } }) => (stat?.rms > 0 ? Math.log10(stat.rms) : null),
    says: (power) => short(10 ** power),
  },
  saturation: { of: (node, frame) => frame.values[node.id]?.saturated ?? null, says: percent },
  "dead units": { of: (node, frame) => frame.values[node.id]?.dead ?? null, says: percent },
};
for (const metric of Object.values(METRICS)) {
  const frames = data.frames.length ? data.frames : [moment()];
  const all = frames.flatMap((frame) => everyNode.map((node) => metric.of(node, frame)));
  const amounts = all.filter((amount) => amount !== null);
  metric.known = amounts.length > 0;
  metric.low = Math.min(least(amounts), 0);
  metric.high = most(amounts);
}

function paint() {
  const metric = METRICS[find("#colour").value];
  svg.classList.toggle("heated", Boolean(metric));
  find("#scale")?.remove();
  if (!metric) return;
  const { of, says, low, high } = metric;
  const ends = [low, high].map((amount) => element("span", {}, says(amount)));
  find("#legend").append(element("li", { id: "scale" }, ends[0], element("i", { "aria-hidden": true }), ends[1]));
  for (const node of everyNode) {
    const amount = of(node, moment());
    node.group.classList.toggle("cold", amount === null);
    node.group.style.setProperty("--heat", `${(100 * ((amount ?? low) - low)) / (high - low || 1)}%`);
  }
}

const offered = Object.keys(METRICS).filter((name) => METRICS[name].known);
find("#colour").append(...["kind", ...offered].map((name) => element("option", { value: name }, name)));
on("#colour", "change", paint);

// The legend, with the shapes of the picture itself

function explain(sample, words) {
  find("#legend").append(element("li", {}, sample, words));
}

for (const kind of KINDS) {
  const node = everyNode.find((node) => node.kind === kind);
  if (!node) continue;
  const { x, y, width, height } = node.box, viewBox = `${x - 2} ${y - 2} ${width + 4} ${height + 4}`;
  const shapes = node.group.querySelectorAll(":is(polygon, polyline, ellipse, path):not(.spark *)");
  const copy = drawn("g", { class: `node ${kind}` }, ...[...shapes].map((shape) => shape.cloneNode()));
  explain(drawn("svg", { viewBox, preserveAspectRatio: "none" }, copy), kind);
}
for (const [key, name, words] of [["broadcast", "broadcast", "broadcast"], ["in_place", "in-place", "in place"]]) {
  const line = drawn("g", { class: `edge ${name}` }, drawn("path", { d: "M1 8H18" }));
  if (edges.some((edge) => edge[key])) explain(drawn("svg", { viewBox: "0 0 26 16" }, line), words);
}
for (const what of ["value", "gradient"]) {
  const there = data.frames.some((frame) => Object.keys(frame[`${what}s`]).length);
  if (there) explain(element("b", { class: what }, "▂▅▃"), what);
}

// Buttons and keys

find("#folding").hidden = scopes.size === 0;
on("#fold", "click", () => foldAll(scopes.keys()));
on("#unfold", "click", () => foldAll([]));
on("#closer", "click", () => zoom(1.25));
on("#farther", "click", () => zoom(0.8));
on("#fit", "click", fit);
window.addEventListener("resize", fit);
on("#help", "click", () => find("#keys").showModal());
on("#theme", "click", () => {
  const { dataset } = document.documentElement, { matches } = matchMedia("(prefers-color-scheme: dark)");
  dataset.theme = (dataset.theme ?? (matches ? "dark" : "light")) === "dark" ? "light" : "dark";
});

// Where each arrow leads from a node or a folded scope: up the edges, down them, and to those beside it
function around(id) {
  const lines = edges.filter((edge) => edge.shown), side = downwards ? "x" : "y";
  const above = (ids) => unique(lines.filter((edge) => ids.includes(edge.to)).map((edge) => edge.from));
  const below = (ids) => unique(lines.filter((edge) => ids.includes(edge.from)).map((edge) => edge.to));
  const place = (other) => shown(other).getBoundingClientRect()[side];
  const beside = unique([id, ...below(above([id])), ...above(below([id]))]).sort((a, b) => place(a) - place(b));
  const at = beside.indexOf(id);
  return { ArrowUp: above([id])[0], ArrowDown: below([id])[0], ArrowLeft: beside[at - 1], ArrowRight: beside[at + 1] };
}

const PAN = { ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [60, 0], ArrowRight: [-60, 0] };

function arrow({ key, shiftKey }) {
  const active = document.activeElement, id = known(active);
  if (shiftKey || active === find("#graph")) look(view.x + PAN[key][0], view.y + PAN[key][1]);
  else if (id) focus(around(id)[key] ?? id);
  else if (PAN[key][0]) leap(state.step - Math.sign(PAN[key][0]));
}

const KEYS = {
  "/": () => find("#search").focus(),
  "?": () => find("#keys").showModal(),
  "+": () => zoom(1.25),
  "=": () => zoom(1.25),
  "-": () => zoom(0.8),
  0: fit,
  " ": () => find("#play").click(),
  f: () => {
    const scope = scopes.get(known(document.activeElement)) ?? scopes.get(nodes.get(state.selected)?.scope);
    if (scope) toggle(scope);
  },
  Enter: () => scopes.has(known(document.activeElement)) && KEYS.f(),
  Escape: () => {
    find("#search").value = "";
    search();
    select(null);
    leap(0);
    if (document.activeElement === find("#search")) find("#search").blur();
  },
  ...Object.fromEntries(Object.keys(PAN).map((key) => [key, arrow])),
};

// What a control does with a key of its own comes first
const OWN = [["#search, select", /^(?!Escape)/], ["button", /^( |Enter)$/], ["input, aside, aside *", /^Arrow/]];

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const own = OWN.some(([selector, keys]) => target.matches(selector) && keys.test(key));
  if (!KEYS[key] || own || event.ctrlKey || event.metaKey || event.altKey || find("#keys").open) return;
  event.preventDefault();
  KEYS[key](event);
});

layout();
open();
seek(0);
detail();
graph.querySelector(".node:not([hidden])")?.setAttribute("tabindex", 0);
