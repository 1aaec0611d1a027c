// The walk: the forward pass in the order of the tape, then the backward pass, in which each node hands on what it has
// received

// What has happened after so many steps; 0 is the whole graph
function passed(step) {
  if (step <= forward.length) {
    return { current: forward[step - 1], reached: new Set(forward.slice(0, step)), flowing: [] };
  }
  const current = backward[step - forward.length - 1];
  const reached = new Set(everyNode.filter((node) => node.turn <= step || node.arrivals[0]?.at <= step));
  return { current, reached, flowing: current.into.filter((edge) => edge.at === step) };
}

function walk(step) {
  const before = state.step;
  state.step = clamped(step, 0, steps);
  if (state.step !== before) state.selected = null; // the panel follows the walk
  find("#step").value = state.step;
  find("#first").disabled = find("#previous").disabled = state.step === 0;
  find("#last").disabled = find("#next").disabled = state.step === steps;
  find("#says").ariaLive = find("#play").matches(".playing") ? "off" : "polite"; // nobody can listen so fast
  find("#step").setAttribute("aria-valuetext", shows(find("#says"), narration()).textContent);
  const { current } = passed(state.step);
  mark();
  drawSparks();
  detail();
  if (current && state.step !== before) follow(current.id);
  remember();
}

function narration() {
  const { current } = passed(state.step), done = state.step - forward.length;
  if (!current) {
    const ahead = ` ${counted(forward.length, "step")} forward, ${counted(backward.length, "step")} backward`;
    return [element("b", {}, "whole graph"), ahead];
  }
  if (done > 0) {
    return [element("b", { class: "gradient" }, `backward ${done} of ${backward.length}:`), ` ${handed(current)}`];
  }
  const says = summary("value", current), place = `forward ${state.step} of ${forward.length}:`;
  return [element("b", { class: "value" }, place), ` ${computed(current)}`, says && element("small", {}, says)];
}

function computed(node) {
  if (node.made) return defined(node);
  const { id, kind, name } = node;
  return `${id} is ${name ? `the ${kind} ${name}` : `${kind === "input" ? "an" : "a"} ${kind}`}`;
}

// What a node has received, and hands on
function handed(node) {
  const gradient = told(statistic("gradient", node), node, true), on = passed(state.step).flowing;
  if (!node.made) return `${computed(node)}: its gradient is ${gradient}`;
  const hidden = node.outOf.length > node.arrivals.length;
  const start = node.arrivals.length || hidden ? "receives" : "is the result, and starts from";
  const words = on.slice(0, 4).map(handing), more = on.length > 4 ? [`and so on, to ${on.length - 4} more`] : [];
  return `${defined(node)} ${[`${start} ${gradient}`, ...words, ...more].join("; ")}`;
}

// A slider with a button that plays it; what comes back stops it
function player(button, range, pause, go) {
  let next;
  const stop = () => {
    button.classList.remove("playing");
    clearTimeout(next);
  };
  const play = () => {
    go(range.value === range.max ? 0 : Number(range.value) + 1);
    if (range.value === range.max) stop();
    else next = setTimeout(play, pause());
  };
  button.addEventListener("click", () => {
    if (button.classList.toggle("playing")) play();
    else stop();
  });
  range.addEventListener("input", () => {
    stop();
    go(Number(range.value));
  });
  return stop;
}

const speed = () => Number(find("#speed").value);
find("#step").max = steps;
find("#step").style.setProperty("--turn", `${(100 * (forward.length + 0.5)) / steps}%`);
const halt = player(find("#play"), find("#step"), () => clamped(40000 / steps, 150, 1500) / speed(), walk);

function leap(step) {
  halt();
  walk(step);
}

// The film: the same page at many moments of training

function seek(frame, step = state.step) {
  state.frame = clamped(frame, 0, data.frames.length - 1);
  find("#moment").value = state.frame;
  find("#moment-text").value = `training step ${grouped(moment().time)}`;
  bookmarked();
  find("#moment").setAttribute("aria-valuetext", find("#moment-text").value);
  walk(step);
  paint();
}

find("#film").hidden = data.frames.length < 2;
find("#moment").max = data.frames.length - 1;
player(find("#film-play"), find("#moment"), () => 150 / speed(), seek);
