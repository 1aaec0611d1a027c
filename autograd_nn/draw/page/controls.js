// Controls: buttons and keys; and what is seen first

find("#folding").hidden = scopes.size === 0;
on("#fold", "click", () => foldTo(0));
on("#shallower", "click", () => foldTo(level() - 1));
on("#deeper", "click", () => foldTo(level() + 1));
on("#unfold", "click", () => foldTo(deepest));
on("#closer", "click", () => zoom(1.25));
on("#farther", "click", () => zoom(0.8));
on("#fit", "click", fit);
on("#first", "click", () => leap(0));
on("#previous", "click", () => leap(state.step - 1));
on("#next", "click", () => leap(state.step + 1));
on("#last", "click", () => leap(steps));
on("#help", "click", () => find("#keys").showModal());
on("#theme", "click", () => (document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark"));
new ResizeObserver(() => view.fitted && fit()).observe(find("#graph"));

// Where a key leads from a node or a folded scope: up the edges, down them, and to those beside it
function ways(id) {
  const lines = edges.filter((edge) => edge.shown);
  const above = (ids) => unique(lines.filter((edge) => ids.includes(edge.to)).map((edge) => edge.from));
  const below = (ids) => unique(lines.filter((edge) => ids.includes(edge.from)).map((edge) => edge.to));
  const place = (other) => onScreen(shown(other))[side][0];
  const beside = unique([id, ...below(above([id])), ...above(below([id]))]).sort((a, b) => place(a) - place(b));
  const at = beside.indexOf(id);
  return { ArrowUp: above([id])[0], ArrowDown: below([id])[0], ",": beside[at - 1], ".": beside[at + 1] };
}

const PAN = { ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [60, 0], ArrowRight: [-60, 0] };

function arrow({ key, shiftKey, target }) {
  const [sideways] = PAN[key], id = targeted({ target });
  if (shiftKey) look(plus(view.at, PAN[key]));
  else if (sideways) leap(state.step - Math.sign(sideways));
  else if (id) go({ key, target });
}

function go({ key, target }) {
  const id = targeted({ target });
  if (id) focus(ways(id)[key] ?? id);
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
  ",": go,
  ".": go,
  "[": press("#shallower"),
  "]": press("#deeper"),
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
const OWN = [
  ["#search, select", /^(?!Escape)/],
  ["button, summary", /^( |Enter)$/],
  ["#moment", /^Arrow/],
  ["#details, #says", /^Arrow(Up|Down)/],
];

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const own = OWN.some(([selector, keys]) => target.matches(selector) && keys.test(key));
  if (!KEYS[key] || own || event.ctrlKey || event.metaKey || event.altKey || find("#keys").open) return;
  event.preventDefault();
  KEYS[key](event);
});

layout();
survey();
graph.querySelector(".node:not([hidden])")?.setAttribute("tabindex", 0);
arrive();
document.documentElement.dataset.ready = true;
