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
