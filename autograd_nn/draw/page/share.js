// Sharing: the address says what is seen, and the picture can be saved

const address = () =>
  `#${Object.entries({ step: state.step, node: state.selected, moment: state.frame })
    .filter(([, what]) => what).map(([name, what]) => `${name}=${what}`).join("&")}`;

// Not at every step of a play: browsers refuse too many changes
let waiting;
function remember() {
  clearTimeout(waiting);
  if (location.protocol !== "about:") waiting = setTimeout(() => history.replaceState(null, "", address()), 300);
}

function arrive() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const number = (name) => Math.trunc(Number(asked.get(name))) || 0;
  halt();
  seek(number("moment"), number("step"));
  select(null);
  if (nodes.has(asked.get("node"))) visit(asked.get("node"));
}

window.addEventListener("hashchange", arrive);
find("#link").hidden = location.protocol === "about:"; // in a notebook the page has no address
on("#link", "click", async () => {
  history.replaceState(null, "", address());
  const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  find("#says").textContent = `The link to what is seen now is ${copied ? "copied" : "in the address bar"}.`;
});

const theme = () =>
  document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

// The whole graph as it looks now, as a PNG
on("#save", "click", async () => {
  const rim = 12, copy = svg.cloneNode(true), box = spans(graph.getBBox()).map(([low, high]) => [low - rim, high + rim]);
  const scale = Math.min(2, 8000 / most(box.map(size))), [width, height] = box.map((ends) => scale * size(ends));
  copy.querySelector(".graph").removeAttribute("transform");
  copy.prepend(drawn("style", {}, find("style").textContent), find("#heads").cloneNode(true));
  const viewBox = [...box.map(([low]) => low), ...box.map(size)].join(" ");
  filled(copy, { viewBox, width, height, "data-theme": theme() });
  const file = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  const image = element("img", { src: file }), canvas = element("canvas", { width, height });
  await image.decode();
  const sheet = canvas.getContext("2d");
  sheet.fillStyle = getComputedStyle(document.body).backgroundColor;
  sheet.fillRect(0, 0, canvas.width, canvas.height);
  sheet.drawImage(image, 0, 0);
  element("a", { href: canvas.toDataURL(), download: `${data.title.replaceAll(/[^\w.-]+/g, "-")}.png` }).click();
});
