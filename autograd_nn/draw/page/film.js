// The film: the curve of the loss, along which one can scrub, with a mark where each trouble is seen first

const losses = data.frames.map((frame) => frame.loss), finite = losses.filter((loss) => loss !== null);
const logarithmic = least(finite) > 0 && most(finite) > 30 * least(finite);
const onScale = (loss) => (logarithmic ? Math.log(loss) : loss);
const [bottom, top] = [least(finite), most(finite)];
const last = losses.length - 1;
const depth = (loss) => (onScale(top) - onScale(loss)) / (onScale(top) - onScale(bottom) || 1);
const bookmark = drawn("path", { class: "now" });

function curve() {
  const lines = losses.map((loss, at) => (loss === null ? "" : `${(losses[at - 1] ?? null) === null ? "M" : "L"}${at} ${depth(loss)}h0`));
  const name = `loss${logarithmic ? ", log scale" : ""}`;
  const about = `${name}, from ${short(finite[0])} to ${short(finite.at(-1))}`;
  const made = figure("curve", `0 0 ${last} 1`, about, [bookmark, drawn("path", { class: "loss", d: lines.join("") })]);
  made.querySelector("figcaption").append(...[short(top), name, short(bottom)].map((text) => element("span", {}, text)));
  for (const frame of unique(findings.map((finding) => finding.frame))) {
    const name = `first seen here: ${findings.filter((one) => one.frame === frame).map((one) => one.trouble).join(", ")}`;
    const mark = element("button", { title: name, "aria-label": name, style: `left: ${(100 * frame) / last}%` }, "!");
    mark.addEventListener("click", () => seek(frame));
    made.append(mark);
  }
  const picture = made.querySelector("svg");
  const scrub = (event) => {
    if (!event.buttons) return;
    const [[left, right]] = onScreen(picture);
    seek(clamped(Math.round((last * (event.clientX - left)) / (right - left)), 0, last));
  };
  for (const kind of ["pointerdown", "pointermove"]) picture.addEventListener(kind, scrub);
  picture.addEventListener("pointerdown", (event) => picture.setPointerCapture(event.pointerId));
  return made;
}

// What the film shows of the moment
function bookmarked() {
  bookmark.setAttribute("d", `M${state.frame} 0v1`);
  const loss = losses[state.frame];
  if (finite.length) find("#moment-text").value += `, loss ${loss === null ? "not finite" : short(loss)}`;
}

if (last > 0 && finite.length) {
  const track = element("div", { class: "track" });
  find("#moment").before(track);
  track.append(curve(), find("#moment"));
}
