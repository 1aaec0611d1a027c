// Colours, on one scale for all moments so that they can be compared

const LOG = "logarithmic";
const METRICS = {
  time: [(node) => (node.seconds === null ? null : node.seconds + node.pull_seconds), seconds],
  "kept bytes": [(node) => node.bytes || null, bytes],
  "gradient size": [
    (node, frame) => Math.log10(statistic("gradient", node, frame)?.rms || NaN), (power) => short(10 ** power), LOG,
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
  const [of, says, scale = "linear"] = metric, all = amounts(metric);
  const low = scale === LOG ? least(all) : Math.min(0, least(all)), high = most(all);
  find("#measure").textContent = `${find("#colour").value}, ${scale}:`;
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
  const sample = drawn("svg", { viewBox, preserveAspectRatio: "none", "aria-hidden": true }, copy);
  find("#broadcast").before(element("li", {}, sample, kind));
}
find("#legend").open = !matchMedia("(max-width: 760px)").matches;
find("#broadcast").hidden = !edges.some((edge) => edge.broadcast);
for (const what of ["value", "gradient"]) {
  find(`#${what}`).hidden = data.frames.every((frame) => Object.keys(frame[`${what}s`]).length === 0);
}
