// Layout: scopes fold, and the picture stays as Graphviz made it, but for the bands where nothing is left to see, which
// are squeezed out

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
    for (const label of edge.group.querySelectorAll("text")) shift(label, [coordinate(label, "x"), coordinate(label, "y")]);
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
