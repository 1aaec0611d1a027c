// Looking: pan and zoom, what is under the pointer, and what has the focus

const view = { at: [0, 0], scale: 1, fitted: false };
let opening = null; // measured once: to ask the browser is to let it lay out all that has changed
const pane = () => (opening ??= onScreen(find("#graph")));
const remeasure = () => (opening = null);
new ResizeObserver(remeasure).observe(find("#graph"));
window.addEventListener("resize", remeasure);

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

// Where all is seen, the camera stays
const seen = (box) => pane().every(([from, to], axis) => from <= box[axis][0] && box[axis][1] <= to);

function follow(id) {
  if (!view.fitted && !seen(onScreen(graph))) bring(around(middle(onScreen(shown(id))), [0, 0]), 60);
}

// The id of the node or folded scope there
function targeted({ target }) {
  return target.closest("#graph .node")?.id.split("-")[0]; // of copies and folded scopes, too
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

function hideTip() {
  find("#tip").hidden = true;
}

function hints(id) {
  const node = nodes.get(id);
  if (!node) return [scopes.get(id)?.badge.getAttribute("aria-label")];
  return [node.text.split("  # ")[0], path(node.scope), node.line, summary("value", node), summary("gradient", node)];
}
