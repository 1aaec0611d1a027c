// Search: hits in the order of the tape, one after the other

function search() {
  const plain = (text) => text.toLowerCase().replaceAll(/\s/g, "");
  const words = plain(find("#search").value);
  const text = (node) => plain([node.text, called(node), node.label, `(${node.shape})`, path(node.scope)].join("\n"));
  state.hits = words ? everyNode.filter((node) => text(node).includes(words)) : [];
  state.hit = -1;
  find("#hits").value = words && counted(state.hits.length, "hit");
  mark();
}

function hop() {
  if (state.hits.length === 0) return;
  state.hit = (state.hit + 1) % state.hits.length;
  find("#hits").value = `${state.hit + 1} of ${state.hits.length}`;
  visit(state.hits[state.hit].id);
}

on("#search", "input", search);
on("#search", "keydown", (event) => event.key === "Enter" && hop());
