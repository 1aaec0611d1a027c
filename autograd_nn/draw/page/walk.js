// The walk: the forward pass in the order of the tape, then the backward pass with the cotangent flowing

const [forward, backward] = [data.forward, data.backward].map((ids) => ids.map((id) => nodes.get(id)));
const steps = forward.length + backward.length, receives = new Set(backward);

// What has happened after so many steps; 0 is the whole graph
function passed(step) {
  if (step <= forward.length) {
    return { current: forward[step - 1], reached: new Set(forward.slice(0, step)), flowing: [] };
  }
  const flows = (node) => node.into.filter((edge) => receives.has(nodes.get(edge.parent)));
  const done = backward.slice(0, step - forward.length), current = done.at(-1);
  const ahead = done.flatMap(flows).map((edge) => nodes.get(edge.parent));
  return { current, reached: new Set([...done, ...ahead]), flowing: flows(current) };
}

function walk(step) {
  state.step = clamped(step, 0, steps);
  find("#step").value = state.step;
  find("#first").disabled = find("#previous").disabled = state.step === 0;
  find("#last").disabled = find("#next").disabled = state.step === steps;
  find("#step").setAttribute("aria-valuetext", shows(find("#says"), narration()).textContent);
  mark();
  drawSparks();
  if (state.step) follow(passed(state.step).current.id);
}

function narration() {
  const { current, flowing } = passed(state.step), done = state.step - forward.length, back = done > 0;
  if (!current) {
    const ahead = ` ${counted(forward.length, "step")} forward, ${counted(backward.length, "step")} backward`;
    return [element("b", {}, "whole graph"), ahead];
  }
  const what = back ? "gradient" : "value", says = summary(what, current);
  const place = back ? `backward ${done} of ${backward.length}:` : `forward ${state.step} of ${forward.length}:`;
  const parents = unique(flowing.map((edge) => edge.parent)).join(" and ");
  const hands = parents ? ` hands its cotangent to ${parents}` : " has its gradient";
  const words = ` ${introduced(current, back)}${back ? hands : ""}`;
  return [element("b", { class: what }, place), words, says && element("small", {}, says)];
}

function introduced({ id, kind, name, label, into }, back) {
  if (kind === "operation") return `${id} = ${label}(${into.map((edge) => edge.parent).join(", ")})`;
  const what = name ? `the ${kind} ${name}` : `${kind === "input" ? "an" : "a"} ${kind}`;
  return back ? `${id}, ${what},` : `${id} is ${what}`;
}

// A slider with a button that plays it; what comes back stops it
function player(button, range, pause, go) {
  const stop = () => button.classList.remove("playing");
  button.addEventListener("click", () => {
    if (button.classList.toggle("playing") && range.value === range.max) go(0);
  });
  range.addEventListener("input", () => {
    stop();
    go(Number(range.value));
  });
  setInterval(() => {
    if (button.classList.contains("playing")) go(Number(range.value) + 1);
    if (range.value === range.max) stop();
  }, pause);
  return stop;
}

find("#step").max = steps;
find("#step").style.setProperty("--turn", `${(100 * (forward.length + 0.5)) / steps}%`);
const halt = player(find("#play"), find("#step"), clamped(30000 / steps, 120, 800), walk);

function leap(step) {
  halt();
  walk(step);
}

// The film: the same page at many moments of training

function seek(frame) {
  state.frame = frame;
  find("#moment").value = frame;
  find("#moment-text").value = `training step ${grouped(moment().time)}`;
  bookmarked();
  find("#moment").setAttribute("aria-valuetext", find("#moment-text").value);
  walk(state.step);
  detail();
  paint();
}

find("#film").hidden = data.frames.length < 2;
find("#moment").max = data.frames.length - 1;
player(find("#film-play"), find("#moment"), 150, seek);
