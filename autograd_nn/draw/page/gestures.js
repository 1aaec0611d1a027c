// Gestures: one finger or the mouse moves the picture, two fingers pinch it, the wheel zooms

const down = new Map(); // where the pointers are that are down
let moves = false; // whether they have moved so far that letting go is no click

const point = (event) => [event.clientX, event.clientY];
const centre = (points) => [0, 1].map((axis) => sum(points.map((at) => at[axis])) / points.length);
const apart = ([a, b]) => Math.hypot(...minus(a, b));

svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  hideTip();
  zoom(Math.exp(-event.deltaY * 0.0015), point(event));
}, { passive: false });
svg.addEventListener("mousedown", (event) => event.preventDefault()); // focus comes with the click, not with a drag
svg.addEventListener("pointerdown", (event) => {
  if (down.size === 0) moves = false;
  down.set(event.pointerId, point(event));
});
svg.addEventListener("pointermove", (event) => {
  const at = down.get(event.pointerId);
  if (!at) return hover(event);
  const way = minus(point(event), at);
  if (!moves && Math.hypot(...way) < 4) return;
  moves = true;
  hideTip();
  svg.setPointerCapture(event.pointerId);
  const before = [...down.values()];
  down.set(event.pointerId, point(event));
  const after = [...down.values()];
  if (after.length === 2) zoom(apart(after) / Math.max(apart(before), 1), centre(before));
  look(plus(view.at, minus(centre(after), centre(before))));
});
for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, (event) => down.delete(event.pointerId));
svg.addEventListener("pointerleave", hideTip);
svg.addEventListener("click", (event) => {
  if (moves) return;
  hideTip();
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
