// Layers: in which of them a thing is, and where in it

// Each below all that it comes from; what comes from nothing right above what uses it. A circle is cut where it began
function rank(things, chains) {
  const inner = chains.filter((it) => it.from && it.to), waiting = new Map(things.map((thing) => [thing, 0]));
  const out = new Map(things.map((thing) => [thing, []])), entered = new Set(chains.map((it) => it.to));
  for (const { from, to } of inner) {
    out.get(from).push(to);
    waiting.set(to, waiting.get(to) + 1);
    to.rank = 0;
  }
  for (const thing of things) thing.rank = 0;
  const ready = things.filter((thing) => !waiting.get(thing)), done = new Set();
  while (done.size < things.length) {
    const next = ready.pop() ?? things.find((thing) => !done.has(thing));
    if (done.has(next)) continue;
    done.add(next);
    for (const to of out.get(next)) {
      if (done.has(to)) continue;
      to.rank = Math.max(to.rank, next.rank + 1);
      waiting.set(to, waiting.get(to) - 1);
      if (!waiting.get(to)) ready.push(to);
    }
  }
  for (const thing of things) {
    const below = out.get(thing).map((to) => to.rank).filter((rank) => rank > thing.rank);
    if (!entered.has(thing) && below.length) thing.rank = least(below) - 1;
  }
  return most([0, ...things.map((thing) => thing.rank)]);
}

const gap = (a, b) => (a.wide + b.wide) / 2 + (a.bend && b.bend ? BESIDE / 2 : BESIDE);

function pack(layer) {
  let x = 0;
  layer.forEach((it, i) => (it.x = x += i && gap(layer[i - 1], it)));
  for (const it of layer) it.x -= x / 2;
}

// The place of a link's other end, as seen from here: a port in the edge of a scope is beside its middle
const port = (it, { chain }) => (it.open ? (it === chain.from ? chain.before : chain.after)?.port ?? 0 : 0);
const wish = (it, link, end) => link[end].x + port(link[end], link) - port(it, link);

// To the middle of what they are joined with, as near as their neighbours let them: least squares with the order kept
function draw_together(layer, end, sorts) {
  for (const it of layer) {
    const ends = end ? it[end].map((link) => wish(it, link, end)) : [
      ...it.above.map((link) => wish(it, link, "above")), ...it.below.map((link) => wish(it, link, "below")),
    ];
    it.wish = ends.length ? mean(ends) : it.x;
    it.force = it.bend ? 4 : Math.max(ends.length, 0.1);
  }
  if (sorts) layer.sort((a, b) => a.wish - b.wish);
  const blocks = [];
  let offset = 0;
  layer.forEach((it, i) => {
    offset += i && gap(layer[i - 1], it);
    it.offset = offset;
    let block = { items: [it], force: it.force, at: it.wish - offset };
    while (blocks.length && blocks.at(-1).at > block.at) {
      const left = blocks.pop(), force = left.force + block.force;
      const at = (left.at * left.force + block.at * block.force) / force;
      block = { items: left.items.concat(block.items), force, at };
    }
    blocks.push(block);
  });
  for (const { items, at } of blocks) for (const it of items) it.x = at + it.offset;
}

// Lines that end in the same box end side by side
function spread(it) {
  const links = it.bend || it.open ? [] : it.above.toSorted((a, b) => a.above.x - b.above.x);
  const step = Math.min(14, (0.7 * it.wide) / links.length);
  links.forEach((link, i) => (link.shift = (i - (links.length - 1) / 2) * step));
}
