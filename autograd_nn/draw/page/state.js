// State: what is selected, found and reached. What stands out has a class; the style sheet dims the rest

const state = { selected: null, hits: [], hit: -1, step: 0, frame: 0 };
const moment = () => data.frames[state.frame];
const statistic = (what, node, frame = moment()) => frame[`${what}s`][node.id];

function summary(what, node) {
  const stat = what === "gradient" ? held(node) : statistic(what, node);
  return stat && `${what}: ${outlined(stat)}`;
}

const given = new Map(); // the groups that have each class: of a large picture only a few change

function give(name, groups) {
  const before = given.get(name) ?? new Set();
  const now = new Set(groups.filter(Boolean).flatMap((group) => [group, ...copiesOf(group)]));
  for (const group of before) if (!now.has(group)) group.classList.remove(name);
  for (const group of now) if (!before.has(group)) group.classList.add(name);
  given.set(name, now);
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
  drawFlows();
}

function select(id) {
  if (state.selected === id) return;
  state.selected = id;
  if (id) reveal(nodes.get(id));
  mark();
  detail();
  remember();
}
