// Shows a text as WhatsApp does: *bold*, _italic_, ~struck~, ```code```. Builds nodes, never HTML.
// The same rule as in providers/bubbles.py.
"use strict";
window.whatsapp = (() => {
  const TAGS = { "*": "strong", _: "em", "~": "s" };
  const DEEPEST = 5;
  const marked = () =>
    /```([^`]+)```|(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\2)[^\n])+)(?<=\S)\2(?![\p{L}\p{N}])/gu;

  const nodes = (text, depth = 0) => {
    const made = [];
    let at = 0;
    for (const found of depth < DEEPEST ? text.matchAll(marked()) : []) {
      made.push(text.slice(at, found.index));
      const element = document.createElement(found[1] === undefined ? TAGS[found[2]] : "code");
      if (found[1] === undefined) element.append(...nodes(found[3], depth + 1));
      else element.textContent = found[1];
      made.push(element);
      at = found.index + found[0].length;
    }
    made.push(text.slice(at));
    return made;
  };
  const filled = (body, values) => body.replace(/\{\{(\d+)\}\}/g, (hole, n) => values[n - 1] || hole);

  return { filled, write: (element, text) => element.replaceChildren(...nodes(text)) };
})();
