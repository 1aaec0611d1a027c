// The page of a computation graph. Texts enter it as text nodes only, so that no name can become markup.

const find = (selector) => document.querySelector(selector);
const on = (selector, kind, act) => find(selector).addEventListener(kind, act);
const data = JSON.parse(find("#data").textContent);
const svg = find("#graph svg"), graph = svg.querySelector(".graph");

function filled(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function shows(place, children) {
  place.replaceChildren(...children.filter(Boolean));
  return place;
}

const maker = (namespace) => (tag, attributes = {}, ...children) => {
  const made = filled(document.createElementNS(namespace, tag), attributes);
  return shows(made, children.flat());
};
const element = maker(document.documentElement.namespaceURI);
const drawn = maker(svg.namespaceURI);

// Numbers in words

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const least = (numbers) => numbers.reduce((a, b) => Math.min(a, b), Infinity);
const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b), -Infinity);
const clamped = (number, low, high) => Math.min(Math.max(number, low), high);
const unique = (things) => [...new Set(things)];
const grouped = (number) => number.toLocaleString("en-GB");
const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
const known = (amount, words) => (amount ?? null) !== null && words(amount); // false is not shown
const percent = (fraction) => `${Math.round(100 * fraction)} %`;

function short(number, digits = 3) {
  const plain = number === 0 || (Math.abs(number) >= 1e-3 && Math.abs(number) < 1e6);
  const rounded = Number(number.toPrecision(plain ? digits : Math.min(digits, 2)));
  return (plain ? String(rounded) : rounded.toExponential().replace("e+", "e")).replaceAll("-", "−");
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

// Places: a point has a number for each of the two axes, a box has two

const spans = ({ x, y, width, height }) => [[x, x + width], [y, y + height]];
const onScreen = (thing) => spans(thing.getBoundingClientRect());
const size = ([low, high]) => high - low;
const middle = (box) => box.map(([low, high]) => (low + high) / 2);
const around = (point, sizes) => point.map((value, axis) => [value - sizes[axis] / 2, value + sizes[axis] / 2]);
const inside = (point, box) => box.every(([low, high], axis) => low <= point[axis] && point[axis] <= high);
const plus = (a, b) => a.map((value, axis) => value + b[axis]);
const minus = (a, b) => a.map((value, axis) => value - b[axis]);
const number = (thing, name) => Number(thing.getAttribute(name));

// What there is: nodes, edges and scopes, each with its place in the picture

const KINDS = ["parameter", "input", "constant", "operation"];
for (const name of ["viewBox", "width", "height"]) svg.removeAttribute(name);
// The browser would show titles beside our own; the background and the heads of arrows are the style sheet's
for (const extra of svg.querySelectorAll("title, .graph > polygon, .edge polygon")) extra.remove();

const placed = (things) => things.map((thing) => {
  const group = document.getElementById(thing.id);
  return { ...thing, group, box: spans(group.querySelector("polygon, path, ellipse").getBBox()) };
});
const byId = (things) => new Map(things.map((thing) => [thing.id, thing]));
const everyNode = placed(data.nodes), edges = placed(data.edges), everyScope = placed(data.scopes);
const nodes = byId(everyNode), scopes = byId(everyScope);

const within = (scope) => (scopes.has(scope) ? [...within(scopes.get(scope).parent), scope] : []);
const path = (scope) => within(scope).map((id) => scopes.get(id).name).join(" › ");
const called = (node) => node.name ?? node.label;

for (const node of everyNode) {
  node.into = edges.filter((edge) => edge.child === node.id);
  node.outOf = edges.filter((edge) => edge.parent === node.id);
  node.bytes = sum(node.keeps.map((kept) => kept.bytes));
  filled(node.group, { role: "button", tabindex: -1, "aria-label": node.text });
}

for (const edge of edges) {
  edge.path = edge.group.querySelector("path");
  edge.course = edge.path.getAttribute("d");
  const length = edge.path.getTotalLength(), pieces = Math.ceil(length / 30);
  const samples = Array.from({ length: pieces + 1 }, (_, i) => edge.path.getPointAtLength((length * i) / pieces));
  edge.line = samples.map(({ x, y }) => [x, y]);
}
edges.sort((a, b) => a.line.length - b.line.length); // where one line stands for several, the shortest does

for (const scope of everyScope) {
  scope.inside = everyNode.filter((node) => within(node.scope).includes(scope.id));
  scope.frame = drawn("rect", { rx: 6 });
  scope.label = drawn("text", { role: "button", "aria-label": `Fold ${scope.name}` }, `▾ ${scope.name}`);
  scope.group.replaceChildren(scope.frame, scope.label);

  const count = counted(scope.inside.length, "node");
  const lines = [drawn("text", { y: -4, class: "name" }, scope.name), drawn("text", { y: 12 }, `▸ ${count}`)];
  const names = { id: `${scope.id}-folded`, class: "node folded", "aria-label": `${scope.name}, ${count}, folded` };
  scope.badge = drawn("g", { ...names, role: "button", tabindex: -1 }, lines);
  graph.append(scope.badge);
  const width = most(lines.map((line) => line.getBBox().width)) + 28, height = 42;
  const sheet = { x: -width / 2, y: -height / 2, width, height, rx: 6 };
  scope.badge.prepend(drawn("rect", { ...sheet, transform: "translate(4 4)" }), drawn("rect", sheet));
  scope.zoom = Math.min(1, size(scope.box[0]) / width); // it never leaves the scope's own place
  scope.centre = middle(scope.box);
  scope.sizes = [width * scope.zoom, height * scope.zoom];
}

// Folding: the picture stays as Graphviz made it, but the bands where nothing is left to see are squeezed out

const run = (axis) => sum(edges.map(({ line }) => Math.abs(line.at(-1)[axis] - line[0][axis])));
const flow = run(1) >= run(0) ? 1 : 0, side = 1 - flow; // the axis along which the edges run, and the other
const NAME = [0, 16]; // the room for a scope's name
const HALO = 8; // room for the heads of arrows, which are not squeezed
const LEAST = 12; // of a gap

let folded = new Set();
const closing = (scope) => within(scope).find((id) => folded.has(id)); // the outermost that is folded
const standing = (node) => closing(node.scope) ?? node.id;
const shown = (id) => scopes.get(nodes.has(id) ? standing(nodes.get(id)) : id)?.badge ?? nodes.get(id).group;
const gaps = [0, 1].map(gapsAlong); // as long as nothing is folded
folded = new Set(everyScope.filter((scope) => scope.folded).map((scope) => scope.id));

let shifts; // of each axis: by how much what was at a place is moved
const displaced = (point) => point.map((value, axis) => shifts[axis](value));
const moved = (point) => plus(point, displaced(point));

// Folded scopes that can stand in one line along the edges do. Each stays in its own place, so that none overlap.
function align() {
  const low = ({ box, sizes }) => box[side][0] + sizes[side] / 2;
  const high = ({ box, sizes }) => box[side][1] - sizes[side] / 2;
  const closed = everyScope.filter((scope) => closing(scope.id) === scope.id);
  for (const scope of closed) {
    const line = closed.filter((other) => low(other) <= high(scope) && low(scope) <= high(other));
    scope.centre = middle(scope.box);
    scope.centre[side] = clamped((most(line.map(low)) + least(line.map(high))) / 2, low(scope), high(scope));
  }
}

// Where nothing is to be seen, between what is
function gapsAlong(axis) {
  const bands = everyNode.filter((node) => standing(node) === node.id).map((node) => node.box[axis]);
  for (const scope of everyScope) {
    const [low, high] = scope.box[axis];
    if (closing(scope.parent)) continue;
    if (folded.has(scope.id)) bands.push(around(scope.centre, scope.sizes)[axis]);
    else bands.push([low, low + NAME[axis]], [high, high]);
  }
  bands.sort((a, b) => a[0] - b[0]);
  const found = [];
  let [[, end]] = bands;
  for (const [low, high] of bands) {
    if (low - HALO > end + HALO) found.push([end + HALO, low - HALO]);
    end = Math.max(end, high);
  }
  return found;
}

// A gap keeps the widest gap that was in it before, what is between gaps its width
function squeezed(axis) {
  const knots = [[-1e9, 0]];
  let shift = 0;
  for (const [from, to] of gapsAlong(axis)) {
    const free = gaps[axis].map(([low, high]) => Math.min(high, to) - Math.max(low, from));
    knots.push([from, shift]);
    shift += most([Math.min(LEAST, to - from), ...free]) - (to - from);
    knots.push([to, shift]);
  }
  knots.push([1e9, shift]);
  return (value) => {
    const i = knots.findIndex(([knot]) => knot > value);
    const [[low, before], [high, after]] = knots.slice(i - 1, i + 1);
    return before + ((after - before) * (value - low)) / (high - low);
  };
}

// Where a line to `other` meets the box of a folded scope, with room for the head of an arrow
function port(scope, other, head) {
  const point = moved(scope.centre);
  point[flow] += Math.sign(other[flow] - point[flow]) * (scope.sizes[flow] / 2 + head);
  return point;
}

const halfway = (a, b) => middle([0, 1].map((axis) => [a[axis], b[axis]]));
const beside = (a, b) => a.map((value, axis) => (axis === flow ? (2 * value + b[axis]) / 3 : value));

// Graphviz's own line; or, where that is bent or loses an end in a folded scope, one that keeps near it
function route(edge) {
  const [from, to] = [edge.from, edge.to].map((id) => scopes.get(id));
  const steps = edge.line.map(displaced);
  if (!from && !to && steps.every((step) => `${step}` === `${steps[0]}`)) {
    return filled(edge.path, { d: edge.course, transform: `translate(${steps[0]})` });
  }
  const clear = edge.line.filter((point) => ![from, to].some((scope) => scope && inside(point, scope.box))).map(moved);
  const start = from ? port(from, to ? moved(to.centre) : clear.at(-1), 0) : clear[0];
  const end = to ? port(to, start, 7) : clear.at(-1);
  const [low, high] = [start[flow], end[flow]].sort((a, b) => a - b);
  const between = [];
  for (const point of clear.filter((point) => low + 30 < point[flow] && point[flow] < high - 30)) {
    const [dx, dy] = [0, 1].map((axis) => point[axis] - (between.at(-1) ?? start)[axis]);
    if (Math.hypot(dx, dy) > 30) between.push(point); // what is squeezed together would make it wriggle
  }
  const turns = [beside(start, between[0] ?? end), ...between, beside(end, between.at(-1) ?? start)];
  const pieces = turns.map((turn, i) => `Q${turn} ${turns[i + 1] ? halfway(turn, turns[i + 1]) : end}`);
  return filled(edge.path, { d: `M${start}${pieces.join("")}`, transform: "" });
}

const shift = (thing, point) => thing.setAttribute("transform", `translate(${displaced(point).join(" ")})`);

function layout() {
  align();
  shifts = [0, 1].map(squeezed);
  for (const node of everyNode) {
    node.group.toggleAttribute("hidden", standing(node) !== node.id);
    shift(node.group, middle(node.box));
  }
  for (const scope of everyScope) {
    const outermost = closing(scope.id), place = moved(scope.centre);
    scope.group.toggleAttribute("hidden", outermost !== undefined);
    scope.badge.toggleAttribute("hidden", outermost !== scope.id);
    scope.badge.setAttribute("transform", `translate(${place}) scale(${scope.zoom})`);
    const [[left, right], [top, bottom]] = scope.box.map((ends, axis) => ends.map((end) => end + shifts[axis](end)));
    filled(scope.frame, { x: left, y: top, width: right - left, height: bottom - top });
    filled(scope.label, { x: left + 9, y: top + 16 });
  }
  const lines = new Map();
  for (const edge of edges) {
    [edge.from, edge.to] = [edge.parent, edge.child].map((id) => standing(nodes.get(id)));
    const whole = edge.from === edge.parent && edge.to === edge.child;
    const ends = whole ? edge.id : `${edge.from} ${edge.to}`;
    if (edge.from !== edge.to && !lines.has(ends)) lines.set(ends, edge.group);
    edge.shown = lines.get(ends); // one line for all between two boxes, none within a folded scope
    edge.group.toggleAttribute("hidden", edge.shown !== edge.group);
    edge.group.classList.toggle("bundled", !whole);
    if (edge.shown !== edge.group) continue;
    route(edge);
    for (const label of edge.group.querySelectorAll("text")) shift(label, [number(label, "x"), number(label, "y")]);
  }
  find("#fold").disabled = folded.size === scopes.size;
  find("#unfold").disabled = folded.size === 0;
}

// What `spot` gives after the change comes where it was before, so that the eye need not search for it
function refold(ids, spot = () => svg) {
  const before = middle(onScreen(spot()));
  folded = new Set(ids);
  layout();
  mark();
  look(plus(view.at, minus(before, middle(onScreen(spot())))));
  for (const thing of [graph, spot()]) bring(onScreen(thing), 24);
}

function toggle(scope) {
  const ids = new Set(folded), focused = document.activeElement === scope.badge;
  if (!ids.delete(scope.id)) ids.add(scope.id);
  refold(ids, () => (folded.has(scope.id) ? scope.badge : scope.label));
  if (folded.has(scope.id)) focus(scope.id);
  else if (focused) focus(standing(scope.inside[0]));
}

function reveal(node) {
  const ids = within(node.scope);
  if (closing(node.scope)) refold([...folded].filter((id) => !ids.includes(id)), () => shown(node.id));
}

function foldAll(ids) {
  refold(ids);
  fit();
}

// Looking: pan and zoom

const view = { at: [0, 0], scale: 1, fitted: false };
const pane = () => onScreen(find("#graph"));

function look(at, scale = view.scale, fitted = false) {
  Object.assign(view, { at, scale, fitted });
  graph.setAttribute("transform", `translate(${at}) scale(${scale})`);
}

function zoom(factor, point = middle(pane())) {
  const scale = clamped(view.scale * factor, 0.02, 8);
  const still = minus(point, pane().map(([low]) => low));
  look(minus(still, minus(still, view.at).map((length) => (length * scale) / view.scale)), scale);
}

function fit() {
  const box = spans(graph.getBBox()), room = pane().map(size);
  const scale = Math.min(1.6, ...room.map((length, axis) => (length - 48) / size(box[axis])));
  look(minus(room.map((length) => length / 2), middle(box).map((value) => value * scale)), scale, true);
}

// Comes inside the pane, if it has room there, by the shortest way
function bring(box, margin) {
  const way = pane().map(([from, to], axis) => {
    const [before, after] = [from + margin - box[axis][0], box[axis][1] - (to - margin)];
    return before + after > 0 ? 0 : Math.max(before, 0) - Math.max(after, 0);
  });
  if (way.some(Boolean)) look(plus(view.at, way));
}

const follow = (id) => bring(around(middle(onScreen(shown(id))), [0, 0]), 60);

let grip = null;
svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * 0.0015), [event.clientX, event.clientY]);
}, { passive: false });
svg.addEventListener("mousedown", (event) => event.preventDefault()); // focus comes with the click, not with a drag
svg.addEventListener("pointerdown", (event) => (grip = { point: [event.clientX, event.clientY], moves: false }));
svg.addEventListener("pointermove", (event) => {
  if (!grip || !event.buttons) return hover(event);
  const point = [event.clientX, event.clientY];
  const way = minus(point, grip.point);
  if (!grip.moves && Math.hypot(...way) < 4) return;
  svg.setPointerCapture(event.pointerId);
  grip = { point, moves: true };
  look(plus(view.at, way));
});
svg.addEventListener("pointerleave", () => (find("#tip").hidden = true));
svg.addEventListener("click", (event) => {
  if (grip?.moves) return;
  const id = targeted(event) ?? event.target.closest("text")?.closest(".cluster")?.id;
  if (scopes.has(id)) toggle(scopes.get(id));
  else if (nodes.has(id)) focus(id);
  else {
    select(null);
    find("#graph").focus({ preventScroll: true });
  }
});
svg.addEventListener("focusin", (event) => {
  const id = targeted(event);
  if (nodes.has(id)) select(id);
  if (id) follow(id);
});

// The id of the node or folded scope there
function targeted({ target }) {
  return target.closest("#graph .node")?.id.replace("-folded", "");
}

function focus(id) {
  graph.querySelector("[tabindex='0']")?.setAttribute("tabindex", -1);
  shown(id).setAttribute("tabindex", 0);
  shown(id).focus({ preventScroll: true });
  if (nodes.has(id)) select(id); // the focus may have been there already
}

function hover(event) {
  const tip = find("#tip");
  shows(tip, hints(targeted(event)).map((line) => line && element("div", {}, line)));
  tip.hidden = tip.childElementCount === 0;
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
}

function hints(id) {
  const node = nodes.get(id);
  if (!node) return [scopes.get(id)?.badge.getAttribute("aria-label")];
  return [node.text.split("  # ")[0], path(node.scope), node.line, summary("value", node), summary("gradient", node)];
}

// Marks: what stands out has a class; the style sheet dims the rest

const state = { selected: null, hits: [], hit: -1, step: 0, frame: 0 };
const moment = () => data.frames[state.frame];
const statistic = (what, node, frame = moment()) => frame[`${what}s`][node.id];

function summary(what, node) {
  const stat = statistic(what, node);
  return stat && `${what}: ${outlined(stat)}`;
}

function give(name, groups) {
  for (const group of svg.querySelectorAll(`.${name}`)) group.classList.remove(name);
  for (const group of groups) group?.classList.add(name);
}

function mark() {
  const selected = nodes.get(state.selected), near = selected ? [...selected.into, ...selected.outOf] : [];
  const chosen = selected ? [shown(selected.id)] : [];
  give("selected", chosen);
  give("lit", [...chosen, ...near.flatMap((edge) => [edge.shown, shown(edge.parent), shown(edge.child)])]);
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

function bars(counts, width, height) {
  const step = width / counts.length, unit = height / most(counts);
  return counts.map((count, i) => `M${i * step} 0v${-count * unit}h${step}v${count * unit}z`).join("");
}

for (const node of everyNode) {
  const blank = [...node.group.querySelectorAll("text")].at(-1); // Graphviz left its line free
  const width = Math.min((size(node.box[0]) - 14) / 2, 36);
  node.sparks = blank?.textContent.trim() !== "" ? [] : ["value", "gradient"].map((what, i) => {
    const transform = `translate(${number(blank, "x") + (i ? 2 : -2 - width)} ${number(blank, "y") + 2})`;
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
    for (const { what, shape, text, width } of node.sparks) {
      const { text: all = null, min = null, max, counts = [] } = (there[what] && statistic(what, node)) || {};
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
  const times = [`step ${grouped(data.frames[0].time)}`, grouped(data.frames.at(-1).time)];
  const about = `histograms during training, from ${short(low)} to ${short(high)}`;
  return figure("heatmap", `0 0 ${stats.length} 1`, about, [...shapes, now], ...times);
}

// Details of the selected node, or of the whole

function terms(pairs) {
  const said = pairs.filter(([, what]) => what);
  return element("dl", {}, said.flatMap(([term, what]) => [element("dt", {}, term), element("dd", {}, what)]));
}

const SIZES = { mean: short, min: short, max: short, rms: short };
const SHARES = { zeros: percent, saturated: percent, dead: percent, nan: grouped, inf: grouped }; // said if not 0

function numbers(stat) {
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
    (stat.text === null || stat.text.length > 12) && numbers(stat),
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
  const trainable = sum(trained.map((node) => node.shape.reduce((a, b) => a * b, 1)));
  const troubled = everyNode.filter((node) => node.troubles.length);
  const total = (what, words) => {
    const amount = sum(everyNode.map((node) => node[what]));
    return amount > 0 && words(amount);
  };
  return [
    element("h2", {}, "The whole graph"),
    data.note && warning(data.note),
    terms([
      ...KINDS.map((kind) => [`${kind}s`, everyNode.filter((node) => node.kind === kind).length]),
      ["trainable", trainable && counted(trainable, "number")],
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

// Search

function search() {
  const plain = (text) => text.toLowerCase().replaceAll(/\s/g, "");
  const words = plain(find("#search").value);
  const text = (node) => plain([node.text, called(node), node.label, `(${node.shape})`, path(node.scope)].join("\n"));
  state.hits = words ? everyNode.filter((node) => text(node).includes(words)) : [];
  state.hit = -1;
  find("#hits").value = words && counted(state.hits.length, "hit");
  mark();
}

function hop() {
  if (state.hits.length === 0) return;
  state.hit = (state.hit + 1) % state.hits.length;
  find("#hits").value = `${state.hit + 1} of ${state.hits.length}`;
  visit(state.hits[state.hit].id);
}

on("#search", "input", search);
on("#search", "keydown", (event) => event.key === "Enter" && hop());

// The walk: the forward pass in the order of the tape, then the backward pass with the cotangent flowing

const [forward, backward] = [data.forward, data.backward].map((ids) => ids.map((id) => nodes.get(id)));
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
  state.step = clamped(step, 0, steps);
  find("#step").value = state.step;
  find("#first").disabled = find("#previous").disabled = state.step === 0;
  find("#last").disabled = find("#next").disabled = state.step === steps;
  find("#step").setAttribute("aria-valuetext", shows(find("#says"), narration()).textContent);
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
  const what = back ? "gradient" : "value", says = summary(what, current);
  const place = back ? `backward ${done} of ${backward.length}:` : `forward ${state.step} of ${forward.length}:`;
  const parents = unique(flowing.map((edge) => edge.parent)).join(" and ");
  const hands = parents ? ` hands its cotangent to ${parents}` : " has its gradient";
  const words = ` ${introduced(current, back)}${back ? hands : ""}`;
  return [element("b", { class: what }, place), words, says && element("small", {}, says)];
}

function introduced({ id, kind, name, label, into }, back) {
  if (kind === "operation") return `${id} = ${label}(${into.map((edge) => edge.parent).join(", ")})`;
  const what = name ? `the ${kind} ${name}` : `${kind === "input" ? "an" : "a"} ${kind}`;
  return back ? `${id}, ${what},` : `${id} is ${what}`;
}

// A slider with a button that plays it; what comes back stops it
function player(button, range, pause, go) {
  const stop = () => button.classList.remove("playing");
  button.addEventListener("click", () => {
    if (button.classList.toggle("playing") && range.value === range.max) go(0);
  });
  range.addEventListener("input", () => {
    stop();
    go(Number(range.value));
  });
  setInterval(() => {
    if (button.classList.contains("playing")) go(Number(range.value) + 1);
    if (range.value === range.max) stop();
  }, pause);
  return stop;
}

find("#step").max = steps;
find("#step").style.setProperty("--turn", `${(100 * (forward.length + 0.5)) / steps}%`);
const halt = player(find("#play"), find("#step"), clamped(30000 / steps, 120, 800), walk);

function leap(step) {
  halt();
  walk(step);
}

// The film: the same page at many moments of training

function seek(frame) {
  state.frame = frame;
  find("#moment").value = frame;
  find("#moment-text").value = `training step ${grouped(moment().time)}`;
  find("#moment").setAttribute("aria-valuetext", find("#moment-text").value);
  walk(state.step);
  detail();
  paint();
}

find("#film").hidden = data.frames.length < 2;
find("#moment").max = data.frames.length - 1;
player(find("#film-play"), find("#moment"), 150, seek);

// Colours, on one scale for all moments so that they can be compared

const METRICS = {
  time: [(node) => (node.seconds === null ? null : node.seconds + node.pull_seconds), seconds],
  "kept bytes": [(node) => node.bytes || null, bytes],
  "gradient size (log)": [
    (node, frame) => Math.log10(statistic("gradient", node, frame)?.rms || NaN), (power) => short(10 ** power),
  ],
  saturation: [(node, frame) => statistic("value", node, frame)?.saturated, percent],
  "dead units": [(node, frame) => statistic("value", node, frame)?.dead, percent],
};
const amounts = ([of]) =>
  data.frames.flatMap((frame) => everyNode.map((node) => of(node, frame))).filter(Number.isFinite);

function paint() {
  const metric = METRICS[find("#colour").value];
  svg.classList.toggle("heated", Boolean(metric));
  find("#scale").hidden = !metric;
  if (!metric) return;
  const [of, says] = metric, all = amounts(metric), low = least([0, ...all]), high = most(all);
  find("#low").textContent = says(low);
  find("#high").textContent = says(high);
  for (const node of everyNode) {
    const amount = of(node, moment());
    node.group.classList.toggle("cold", !Number.isFinite(amount));
    node.group.style.setProperty("--heat", `${(100 * (amount - low)) / (high - low || 1)}%`);
  }
}

const offered = Object.keys(METRICS).filter((name) => amounts(METRICS[name]).length);
find("#colour").append(...["kind", ...offered].map((name) => element("option", { value: name }, name)));
on("#colour", "change", paint);

// The legend: of what occurs, with the shapes of the picture itself

const samples = KINDS.map((kind) => [kind, everyNode.find((node) => node.kind === kind && !node.in_place)]);
for (const [kind, node] of [...samples, ["in place", everyNode.find((node) => node.in_place)]]) {
  if (!node) continue;
  const [[left, right], [top, bottom]] = node.box;
  const rim = node.in_place ? 6 : 2;
  const viewBox = `${left - rim} ${top - rim} ${right - left + 2 * rim} ${bottom - top + 2 * rim}`;
  const shapes = node.group.querySelectorAll(":is(polygon, polyline, ellipse, path):not(.spark *)");
  const copy = drawn("g", { class: `node ${node.kind}` }, [...shapes].map((shape) => shape.cloneNode()));
  const sample = drawn("svg", { viewBox, preserveAspectRatio: "none" }, copy);
  find("#broadcast").before(element("li", {}, sample, kind));
}
find("#broadcast").hidden = !edges.some((edge) => edge.broadcast);
for (const what of ["value", "gradient"]) {
  find(`#${what}`).hidden = data.frames.every((frame) => Object.keys(frame[`${what}s`]).length === 0);
}

// Buttons and keys

find("#folding").hidden = scopes.size === 0;
on("#fold", "click", () => foldAll(scopes.keys()));
on("#unfold", "click", () => foldAll([]));
on("#closer", "click", () => zoom(1.25));
on("#farther", "click", () => zoom(0.8));
on("#fit", "click", fit);
on("#first", "click", () => leap(0));
on("#previous", "click", () => leap(state.step - 1));
on("#next", "click", () => leap(state.step + 1));
on("#last", "click", () => leap(steps));
on("#help", "click", () => find("#keys").showModal());
on("#theme", "click", () => {
  const { dataset } = document.documentElement, { matches } = matchMedia("(prefers-color-scheme: dark)");
  dataset.theme = (dataset.theme ?? (matches ? "dark" : "light")) === "dark" ? "light" : "dark";
});
window.addEventListener("resize", () => view.fitted && fit());

// Where each arrow leads from a node or a folded scope: up the edges, down them, and to those beside it
function ways(id) {
  const lines = edges.filter((edge) => edge.shown);
  const above = (ids) => unique(lines.filter((edge) => ids.includes(edge.to)).map((edge) => edge.from));
  const below = (ids) => unique(lines.filter((edge) => ids.includes(edge.from)).map((edge) => edge.to));
  const place = (other) => onScreen(shown(other))[side][0];
  const beside = unique([id, ...below(above([id])), ...above(below([id]))]).sort((a, b) => place(a) - place(b));
  const at = beside.indexOf(id);
  return { ArrowUp: above([id])[0], ArrowDown: below([id])[0], ArrowLeft: beside[at - 1], ArrowRight: beside[at + 1] };
}

const PAN = { ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [60, 0], ArrowRight: [-60, 0] };

function arrow({ key, shiftKey, target }) {
  const id = targeted({ target });
  if (shiftKey || target === find("#graph")) look(plus(view.at, PAN[key]));
  else if (id) focus(ways(id)[key] ?? id);
  else leap(state.step - Math.sign(PAN[key][0]));
}

// The scope that has the focus, or that of the node
function fold({ target }) {
  const scope = scopes.get(targeted({ target })) ?? scopes.get(nodes.get(state.selected)?.scope);
  if (scope) toggle(scope);
}

const press = (button) => () => find(button).click();
const KEYS = {
  "/": () => find("#search").focus(),
  "?": press("#help"),
  "+": press("#closer"),
  "=": press("#closer"),
  "-": press("#farther"),
  0: press("#fit"),
  " ": press("#play"),
  f: fold,
  Enter: (event) => scopes.has(targeted(event)) && fold(event),
  Escape: () => {
    find("#search").value = "";
    find("#search").blur();
    search();
    select(null);
    leap(0);
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
fit();
if (view.scale < 0.5) { // too small to read: only the beginning
  const beginning = onScreen(graph).map(([low, high], axis) => (axis === flow ? low : (low + high) / 2));
  zoom(1 / view.scale, beginning);
  follow(forward[0].id);
}
seek(0);
graph.querySelector(".node:not([hidden])")?.setAttribute("tabindex", 0);
