// What there is: nodes, edges and scopes, each with its drawing around a point that the layout chooses

const KINDS = ["parameter", "input", "constant", "operation"];
const LINE = 13; // from one line of a label to the next
const [frameLayer, lineLayer, boxLayer, titleLayer] = [1, 2, 3, 4].map(() => graph.appendChild(drawn("g")));
const known_sizes = Object.assign({}, ...data.layouts.map((layout) => layout.places)); // of what Graphviz laid out
const byId = (things) => new Map(things.map((thing) => [thing.id, thing]));
const { nodes: everyNode, edges, scopes: everyScope } = data, nodes = byId(everyNode), scopes = byId(everyScope);

const within = (scope) => (scopes.has(scope) ? [...within(scopes.get(scope).parent), scope] : []);
const path = (scope) => within(scope).map((id) => scopes.get(id).name).join(" › ");
const called = (node) => node.name ?? node.label;

// The outlines of kinds, which tell them apart without colour
const OUTLINES = {
  input: ([x, y]) => `M${-x} ${-y / 2.4}l9 ${y / 2.4 - y}H${x - 9}L${x} ${-y / 2.4}V${y / 2.4}L${x - 9} ${y}H${9 - x}L${-x} ${y / 2.4}z`,
  constant: ([x, y]) => `M${-x} ${-y}H${x - 6}L${x} ${6 - y}V${y}H${-x}zM${x - 6} ${-y}V${6 - y}H${x}`,
  parameter: ([x, y]) => `M${-x} ${-y}H${x}V${y}H${-x}z`,
  operation: ([x, y]) => `M${6 - x} ${-y}H${x - 6}q6 0 6 6V${y - 6}q0 6 -6 6H${6 - x}q-6 0 -6 -6V${6 - y}q0 -6 6 -6z`,
};
const outline = (kind, sizes, more) =>
  drawn("path", { d: (OUTLINES[kind] ?? OUTLINES.operation)(sizes.map((length) => length / 2)), ...more });

const lettered = (lines) => lines.map((line, i) => {
  return drawn("text", { x: 0, y: (i - (lines.length - 1) / 2) * LINE + 4 }, line);
});
const LABEL = { "text-anchor": "middle", "font-size": 11, role: "button", tabindex: -1 };

for (const node of everyNode) {
  const names = { id: node.id, class: `node ${node.kind}`, "aria-label": node.text };
  node.group = boxLayer.appendChild(drawn("g", { ...LABEL, ...names }, lettered(node.lines)));
}

// A node with many uses is drawn once more, small, beside each: by the ids of the node and the use
const copies = new Map();

function copy(id) {
  if (!copies.has(id)) {
    const node = nodes.get(id.split("-")[0]), text = drawn("text", { y: 3 }, node.lines[0]);
    const names = { id, class: `node copy ${node.kind}`, "aria-label": `${node.text}, once more` };
    const group = boxLayer.appendChild(drawn("g", { ...LABEL, "font-size": 9, ...names }, text));
    const sizes = known_sizes[id]?.slice(2) ?? [text.getBBox().width + 14, 17];
    group.prepend(outline(node.kind, sizes));
    node.copies.push(group);
    copies.set(id, { id, group, sizes });
  }
  return copies.get(id);
}

for (const scope of everyScope) {
  const title = scope.part ? `${scope.name}: ${scope.part}` : scope.name;
  scope.inside = everyNode.filter((node) => within(node.scope).includes(scope.id));
  scope.frame = drawn("rect", { rx: 6 });
  frameLayer.append(drawn("g", { class: "cluster" }, scope.frame));
  scope.label = drawn("text", { role: "button", "aria-label": `Fold ${title}` }, `▾ ${title}`);
  scope.group = titleLayer.appendChild(drawn("g", { id: scope.id, class: "cluster" }, scope.label));
  const count = counted(scope.inside.length, "node");
  const lines = [drawn("text", { y: -4, class: "name" }, title), drawn("text", { y: 12 }, `▸ ${count}`)];
  const names = { id: `${scope.id}-folded`, class: "node folded", "aria-label": `${title}, ${count}, folded` };
  scope.badge = boxLayer.appendChild(drawn("g", { ...LABEL, ...names }, lines));
}

// All that is measured at once, before anything more is drawn: the browser lays texts out once
const widest = (group) => most([...group.querySelectorAll("text")].map((text) => text.getComputedTextLength()));
for (const node of everyNode) {
  node.sizes = known_sizes[node.id]?.slice(2) ?? [widest(node.group) + (node.kind === "input" ? 34 : 20), node.lines.length * LINE + 8];
}
for (const scope of everyScope) {
  scope.titled = scope.label.getComputedTextLength();
  scope.sizes = known_sizes[scope.id]?.slice(2) ?? [widest(scope.badge) + 28, 42];
}

for (const node of everyNode) {
  node.box = around([0, 0], node.sizes);
  node.into = [];
  node.outOf = [];
  node.copies = [];
  node.bytes = sum(node.keeps.map((kept) => kept.bytes));
  const second = node.in_place ? [outline(node.kind, node.sizes.map((length) => length + 8), { fill: "none" })] : [];
  node.group.prepend(...second, outline(node.kind, node.sizes));
}

for (const scope of everyScope) {
  const [width, height] = scope.sizes, sheet = { x: -width / 2, y: -height / 2, width, height, rx: 6 };
  scope.badge.prepend(drawn("rect", { ...sheet, transform: "translate(4 4)" }), drawn("rect", sheet));
}

for (const edge of edges) {
  nodes.get(edge.child).into.push(edge);
  nodes.get(edge.parent).outOf.push(edge);
  edge.path = drawn("path", edge.broadcast ? { "stroke-dasharray": "5 3" } : {});
  edge.label = edge.named && drawn("text", { "font-size": 9, "text-anchor": "middle" }, edge.argument);
  edge.group = lineLayer.appendChild(drawn("g", { id: edge.id, class: "edge" }, edge.path, edge.label));
}
