// A layered layout, for the states of folding that Graphviz did not lay out: each scope by itself, the inner ones first.
// Layers, then their order, then places (Sugiyama, Tagawa & Toda 1981). A line goes through a layer as a thing without
// a size, so that it runs over nothing; into a scope and out of it it goes through a port in the scope's edge.

const LAYERS = 22, BESIDE = 16, PAD = 12, NAME = 18, HEAD = 7; // room between layers, between things, inside of scopes
const mean = (numbers) => sum(numbers) / numbers.length;

function layered(things, lines) {
  const scopeOf = new Map(things.map((thing) => [thing.id, thing.scope]));
  const rooms = new Map([null, ...things.filter((thing) => thing.open).map(({ id }) => id)].map((id) => [id, room()]));
  for (const thing of things) rooms.get(thing.scope).things.push(vertex(thing));
  const vertices = new Map([...rooms.values()].flatMap((it) => it.things).map((it) => [it.id, it]));
  const outwards = (id) => {
    const found = [id];
    while (scopeOf.get(found.at(-1))) found.push(scopeOf.get(found.at(-1)));
    return found;
  };
  for (const line of lines) {
    const up = outwards(line.from), down = outwards(line.to);
    while (up.length > 1 && down.length > 1 && up.at(-1) === down.at(-1)) [up, down].forEach((it) => it.pop());
    const ends = [up, down].map((ids) => ids.map((id) => vertices.get(id)));
    const out = ends[0].slice(0, -1).map((from) => chain(rooms.get(from.scope), from, null));
    const across = chain(rooms.get(ends[0].at(-1).scope), ends[0].at(-1), ends[1].at(-1));
    const into = ends[1].slice(0, -1).map((to) => chain(rooms.get(to.scope), null, to)).reverse();
    line.chains = [...out, across, ...into];
    line.chains.forEach((it, i, all) => Object.assign(it, { before: all[i - 1], after: all[i + 1] }));
  }
  const where = { places: {}, boxes: {}, lines: {} };
  arrange(null, rooms);
  settle(null, [0, 0], rooms, where);
  for (const line of lines) where.lines[line.id] = course(line.chains.flatMap((it) => it.stations));
  return where;
}

const room = () => ({ things: [], chains: [] });
const vertex = (thing) => ({ ...thing, thick: thing.sizes[flow], wide: thing.sizes[side], x: 0, above: [], below: [] });
const passage = (rank, shift) => ({ rank, thick: 0, wide: 0, x: shift, above: [], below: [], bend: true });

function chain(room, from, to) {
  const made = { room, from, to, stations: [] };
  room.chains.push(made);
  return made;
}

function arrange(id, rooms) {
  const { things, chains } = rooms.get(id);
  for (const thing of things.filter((it) => it.open)) {
    const inner = arrange(thing.id, rooms);
    thing.thick = inner[flow];
    thing.wide = inner[side];
  }
  const last = rank(things, chains);
  const layers = Array.from({ length: last + 3 }, () => []); // the first and the last are for the ports
  for (const thing of things) layers[thing.rank + 1].push(thing);
  for (const it of chains) {
    const ends = [it.from ?? passage(-1, it.to.x), it.to ?? passage(last + 1, it.from.x)];
    const [top, bottom] = (it.upwards = ends[0].rank > ends[1].rank) ? ends.toReversed() : ends;
    const between = Array.from({ length: bottom.rank - top.rank - 1 }, (_, i) => passage(top.rank + 1 + i, top.x));
    it.line = [top, ...between, bottom];
    for (const each of it.line) if (each.bend) layers[each.rank + 1].push(each);
    it.line.slice(1).forEach((below, i) => {
      const above = it.line[i], link = { above, below, chain: it };
      above.below.push(link);
      below.above.push(link);
    });
  }
  const crossed = layers.slice(1).map((_, i) => layers[i].length && layers[i + 1].length);
  for (const layer of layers) pack(layer);
  for (let round = 0; round < 12; round++) {
    const up = round % 2 === 1;
    for (const layer of up ? layers.toReversed() : layers) draw_together(layer, up ? "below" : "above", round < 7);
  }
  for (const layer of layers) draw_together(layer, null, false);
  return measured(rooms.get(id), layers, crossed, scopes.get(id));
}

// How large it is all together; and where each line goes through each layer
function measured(room, layers, crossed, scope) {
  const all = layers.flat(), pads = [PAD, PAD + (scope ? NAME : 0)];
  const low = least(all.map((it) => it.x - it.wide / 2)), high = most(all.map((it) => it.x + it.wide / 2));
  const tops = [];
  let y = scope ? 4 : 0;
  layers.forEach((layer, i) => {
    if (i === 1) y = scope ? Math.max(pads[flow], y + LAYERS / 2) : 0;
    else if (i && crossed[i - 1]) y += i === layers.length - 1 ? LAYERS / 2 : LAYERS;
    const thick = most([0, ...layer.map((it) => it.thick)]);
    tops.push([y, y + thick]);
    for (const it of layer) it.y = y + thick / 2;
    y += thick;
  });
  const sizes = [];
  sizes[flow] = y + (scope ? PAD : 0);
  sizes[side] = Math.max(high - low, flow === 1 && scope ? scope.titled : 0) + (scope ? pads[side] + PAD : 0);
  for (const it of all) it.x += (scope ? pads[side] : 0) - low;
  for (const it of all) spread(it);
  const middle = sizes[side] / 2;
  for (const it of room.chains) {
    it.tops = tops.map(([top, bottom], i) => [i ? top : 0, i === tops.length - 1 ? sizes[flow] : bottom]);
    if (!it.from) it.port = it.line[0].x - middle;
    if (!it.to) it.port = it.line.at(-1).x - middle;
  }
  return sizes;
}

function settle(id, origin, rooms, where) {
  const { things, chains } = rooms.get(id);
  const at = (x, y) => (flow === 1 ? [origin[0] + x, origin[1] + y] : [origin[0] + y, origin[1] + x]);
  for (const thing of things) {
    const centre = at(thing.x, thing.y), sizes = flow === 1 ? [thing.wide, thing.thick] : [thing.thick, thing.wide];
    if (thing.open) {
      const [[left, right], [top, bottom]] = around(centre, sizes);
      where.boxes[thing.id] = [left, top, right, bottom];
      settle(thing.id, [left, top], rooms, where);
    } else where.places[thing.id] = [...centre, ...sizes];
  }
  for (const it of chains) {
    const stations = it.line.map((vertex, i) => {
      const link = vertex.above.find((each) => each.chain === it) ?? vertex.below.find((each) => each.chain === it);
      const x = vertex.x + port(vertex, link) + ((link.below === vertex && link.shift) || 0);
      let [low, high] = it.tops[vertex.rank + 1];
      if (!vertex.bend && i === 0) low = vertex.y + vertex.thick / 2;
      if (!vertex.bend && i > 0) high = vertex.y - vertex.thick / 2;
      if (!vertex.bend && !it.after && i === (it.upwards ? 0 : it.line.length - 1)) {
        if (it.upwards) low += HEAD;
        else high -= HEAD;
        [low, high] = it.upwards ? [low, Math.max(low, high)] : [Math.min(low, high), high]; // where the curve ends
      }
      return it.upwards ? [at(x, high), at(x, low)] : [at(x, low), at(x, high)];
    });
    it.stations = it.upwards ? stations.reverse() : stations;
  }
}

// Straight through a layer, and in a curve to the next one
function course(stations) {
  const points = [stations[0][0]];
  const go = (to, bent) => {
    const from = points.at(-1), half = [from[flow], to[flow]].map((value, i) => (value + [to, from][i][flow]) / 2);
    const control = (end, i) => (bent ? end.map((value, axis) => (axis === flow ? half[i] : value)) : end);
    points.push(control(from, 0), control(to, 1), to);
  };
  stations.forEach(([from, to], i) => {
    if (i) go(from, true);
    if (Math.hypot(...minus(to, from)) > 1) go(to, false);
  });
  return points.flat();
}
