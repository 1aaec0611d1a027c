// What all of the script is made of: elements, numbers in words, places. Texts enter the page as text nodes only, so
// that no name can become markup.

const find = (selector) => document.querySelector(selector);
const on = (selector, kind, act) => find(selector).addEventListener(kind, act);

const packed = Uint8Array.from(atob(find("#data").textContent), (sign) => sign.charCodeAt(0));
const unpacking = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const data = JSON.parse(await new Response(unpacking).text());
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
const coordinate = (thing, name) => Number(thing.getAttribute(name));
