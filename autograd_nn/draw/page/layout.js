// Layout: scopes fold, and each state of folding has a layout of its own. Those that are likely come with the page, made
// by Graphviz; the others are made here

const flow = data.direction === "right" ? 0 : 1, side = 1 - flow; // the axis along which the edges run, and the other
const FEW = 3, MANY = 25; // with more uses than this, a leaf, or anything, is drawn once more beside each
const CROWD = 4; // so many arguments can have their names side by side
const READABLE = 0.57; // rather than make it smaller, one scrolls
const MOVING = 400; // so many things move from one layout to the next; of more, the new ones appear

const key = (ids) => [...ids].sort().join(" ");
const layouts = new Map(data.layouts.map((layout) => [key(layout.folded), layout]));
let folded = new Set(everyScope.filter((scope) => scope.folded).map((scope) => scope.id));
let where; // the layout that is shown
let closings = new Map();
const closing = (scope) => closings.get(scope); // the outermost that is folded
const standing = (node) => closing(node.scope) ?? node.id;
const shown = (id) => scopes.get(nodes.has(id) ? standing(nodes.get(id)) : id)?.badge ?? nodes.get(id).group;
const copiesOf = (group) => nodes.get(group?.id)?.copies ?? [];

// One line for all edges between two boxes, none within a folded scope
function standIns() {
  const lines = new Map();
  for (const edge of edges) {
    [edge.from, edge.to] = [edge.parent, edge.child].map((id) => standing(nodes.get(id)));
    const whole = edge.from === edge.parent && edge.to === edge.child;
    const ends = whole ? edge.id : `${edge.from} ${edge.to}`;
    if (edge.from !== edge.to && !lines.has(ends)) lines.set(ends, edge);
    edge.shown = lines.get(ends)?.group;
    edge.group.classList.toggle("bundled", !whole);
  }
  return [...lines.values()];
}

// As Graphviz is given it, too: what has many uses stands beside the first, and is copied beside the others
function things(lines) {
  const uses = new Map();
  for (const { from, to } of lines) uses.set(from, new Set([...(uses.get(from) ?? []), to]));
  const found = [];
  for (const node of everyNode) {
    const { id, scope, sizes } = node;
    if (standing(node) === id) found.push({ id, scope, sizes });
  }
  for (const scope of everyScope) {
    const { id, parent, sizes } = scope, outermost = closing(id);
    if (outermost === undefined || outermost === id) found.push({ id, scope: parent, sizes, open: !folded.has(id) });
  }
  const places = byId(found);
  const ends = lines.map((edge) => {
    const all = uses.get(edge.from), [first] = all;
    const most = ["parameter", "input", "constant"].includes(nodes.get(edge.from)?.kind) ? FEW : MANY;
    if (all.size <= most || edge.to === first) return { id: edge.id, from: edge.from, to: edge.to };
    const { id, sizes } = copy(`${edge.from}-${edge.to}`);
    if (!places.has(id)) places.set(id, { id, sizes, scope: places.get(edge.to).scope });
    return { id: edge.id, from: id, to: edge.to };
  });
  return [[...places.values()], ends];
}

const shift = (thing, [x, y]) => thing.setAttribute("transform", `translate(${x} ${y})`);

function layout() {
  closings = new Map([...scopes.keys()].map((id) => [id, within(id).find((outer) => folded.has(outer))]));
  const lines = standIns(), closed = everyScope.filter(({ id }) => closing(id) === id).map(({ id }) => id);
  if (!layouts.has(key(closed))) layouts.set(key(closed), layered(...things(lines)));
  where = layouts.get(key(closed));
  for (const id of Object.keys(where.places)) if (id.includes("-")) copy(id);
  for (const { id, group } of [...everyNode, ...copies.values()]) put(group, where.places[id]);
  for (const { id, badge, group, frame, label } of everyScope) {
    put(badge, where.places[id]);
    const box = where.boxes[id];
    for (const part of [group, frame]) part.toggleAttribute("hidden", !box);
    if (!box) continue;
    const [left, top, right, bottom] = box;
    filled(frame, { x: left, y: top, width: right - left, height: bottom - top });
    filled(label, { x: left + 9, y: top + 14 });
  }
  for (const edge of edges) edge.group.toggleAttribute("hidden", edge.shown !== edge.group);
  for (const edge of lines) trace(edge, where.lines[edge.id]);
  controls();
}

function put(group, place) {
  group.toggleAttribute("hidden", !place);
  if (place) shift(group, place);
}

// The name of an argument is right beside the head of its arrow, on the outer side and past the bend
function trace(edge, line) {
  const tail = nodes.get(edge.child).into.length > CROWD; // at the head nobody could tell them apart
  const [x, y] = tail ? line : line.slice(-2), [fromX, fromY] = tail ? line.slice(-2) : line.slice(line.length > 8 ? -14 : 0);
  filled(edge.path, { d: `M${line.slice(0, 2)}C${line.slice(2)}` });
  if (!edge.label) return;
  const beyond = Math.sign(flow === 1 ? fromX - x : fromY - y) || 1, along = tail ? 10 : flow === 1 ? 6 : 2;
  const at = flow === 1 ? [x + 5 * beyond, y + along] : [x + along, y + (beyond > 0 ? 11 : -4)];
  const anchor = flow === 1 ? beyond > 0 : tail;
  filled(edge.label, { x: at[0], y: at[1], "text-anchor": anchor ? "start" : "end" });
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
const things_shown = () => [...everyNode, ...everyScope].filter(({ id }) => where.places[id]);

// What was there before comes from its place, what was in a folded scope or becomes one from that of the scope
function move(before) {
  if (still.matches) return;
  for (const layer of [frameLayer, lineLayer, titleLayer]) layer.animate([{ opacity: 0 }, { opacity: 1 }], 300);
  const moving = things_shown();
  if (moving.length > MOVING) return;
  const place = ([x, y]) => ({ transform: `translate(${x}px, ${y}px)` });
  for (const { id, scope, parent, inside, badge, group } of moving) {
    const around = within(scope ?? parent).find((outer) => before.places[outer]);
    const first = inside?.find((node) => before.places[node.id]);
    const from = before.places[id] ?? before.places[around ?? first?.id];
    if (from) (badge ?? group).animate([place(from), place(where.places[id])], { duration: 300, easing: "ease-out" });
  }
}

// Where something is on the screen; nothing is measured, because that would lay out the whole page at once
const onPage = (box) => box.map((ends, axis) => ends.map((end) => pane()[axis][0] + view.at[axis] + end * view.scale));
const spot = (id) => where.places[id]?.slice(0, 2) ?? where.boxes[id].slice(0, 2).map((low, axis) => low + [30, 10][axis]);

function extents() {
  const found = Object.values(where.places).map(([x, y, ...sizes]) => around([x, y], sizes));
  for (const [left, top, right, bottom] of Object.values(where.boxes)) found.push([[left, right], [top, bottom]]);
  return [0, 1].map((axis) => [least(found.map((box) => box[axis][0])), most(found.map((box) => box[axis][1]))]);
}

// What has the first id before the change, and the second after it, stays where it is, so that the eye need not search
function refold(ids, was, is = was) {
  const before = where, at = was && spot(was);
  folded = new Set(ids);
  layout();
  mark();
  if (was) {
    look(plus(view.at, minus(at, spot(is)).map((length) => length * view.scale)));
    bring(onPage(extents()), 24);
    bring(onPage(around(spot(is), [120, 40])), 24);
  } else survey();
  move(before);
}

function toggle(scope) {
  const ids = new Set(folded), focused = document.activeElement === scope.badge;
  if (!ids.delete(scope.id)) ids.add(scope.id);
  refold(ids, scope.id);
  if (folded.has(scope.id)) focus(scope.id);
  else if (focused) focus(standing(scope.inside[0]));
}

function reveal(node) {
  const ids = within(node.scope), was = standing(node);
  if (closing(node.scope)) refold([...folded].filter((id) => !ids.includes(id)), was, node.id);
}

// Levels: how many scopes inside of each other are open

const deepness = (scope) => within(scope.id).length;
const deepest = most([0, ...everyScope.map(deepness)]);
const level = () => most([0, ...everyScope.filter(({ id }) => !closing(id)).map(deepness)]);

function foldTo(depth) {
  if (depth < 0 || depth > deepest) return;
  refold(everyScope.filter((scope) => deepness(scope) > depth).map((scope) => scope.id));
}

// Everything, if it can be read; otherwise what one was at, or the beginning
function survey() {
  const all = extents(), room = pane().map(size);
  const scale = Math.min(1.6, ...room.map((length, axis) => (length - 48) / size(all[axis])));
  const whole = minus(room.map((length) => length / 2), middle(all).map((value) => value * scale));
  if (scale >= READABLE) return look(whole, scale, true);
  const node = nodes.get(state.selected) ?? passed(state.step).current ?? forward[0] ?? everyNode[0];
  const target = spot(standing(node)), at = minus(room.map((length) => length / 2), target);
  if (target[flow] - all[flow][0] < room[flow] - 84) at[flow] = 24 - all[flow][0];
  look(at, 1);
}

function controls() {
  const at = level();
  find("#depth").value = `${at} of ${deepest}`;
  find("#fold").disabled = find("#shallower").disabled = at === 0;
  find("#deeper").disabled = at === deepest;
  find("#unfold").disabled = folded.size === 0;
}
