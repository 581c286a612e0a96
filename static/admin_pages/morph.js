// A way of swapping for htmx, hx-swap="morph": only what differs is touched, so that focus, scroll, open details and
// what is half typed stay. Elements are known again by their id. What says data-keep is left alone once it is there;
// what says data-steady keeps the order in which its children were seen, as long as its value stays the same.
(() => {
  const keyed = (node) => node.nodeType === Node.ELEMENT_NODE && node.id;
  const alike = (old, fresh) => !keyed(old) && !keyed(fresh) && old.nodeName === fresh.nodeName;

  const attributes = (old, fresh) => {
    for (const { name, value } of [...fresh.attributes]) {
      if (name === "open" && old.nodeName === "DETAILS") continue;
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      if (name === "open" && old.nodeName === "DETAILS") continue; // whether it is open the person decides
      if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    }
  };

  const steady = (old, fresh) => {
    const nodes = [...fresh.childNodes];
    if (old.dataset.steady === undefined || old.dataset.steady !== fresh.dataset.steady) return nodes;
    const known = [...old.children].filter((one) => one.id && fresh.querySelector(`:scope > #${CSS.escape(one.id)}`));
    const order = known.map((one) => one.id);
    const places = nodes.filter((one) => order.includes(one.id));
    const sorted = [...places].sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    return nodes.map((one) => (order.includes(one.id) ? sorted[places.indexOf(one)] : one));
  };

  const children = (old, fresh) => {
    const wanted = steady(old, fresh);
    const ids = new Set(wanted.filter(keyed).map((one) => one.id));
    for (const gone of [...old.children].filter((one) => one.id && !ids.has(one.id))) gone.remove();
    const own = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
    let cursor = old.firstChild;
    const passOver = (until) => {
      while (cursor && cursor !== until && !keyed(cursor)) {
        const next = cursor.nextSibling;
        cursor.remove();
        cursor = next;
      }
    };
    const ahead = (next) => {
      for (let node = cursor; node && !keyed(node); node = node.nextSibling) if (alike(node, next)) return node;
      return null;
    };
    for (const next of wanted) {
      const match = keyed(next) ? own.get(next.id) : ahead(next);
      if (!match) {
        old.insertBefore(next, cursor);
        continue;
      }
      passOver(match);
      if (match === cursor) cursor = cursor.nextSibling;
      else old.insertBefore(match, cursor);
      morph(match, next);
    }
    while (cursor) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
  };

  const morph = (old, fresh) => {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (fresh.hasAttribute("data-keep") || old.nodeName === "NOSCRIPT") return;
    const options = fresh.nodeName === "SELECT" ? [...fresh.options] : null;
    const chosen = options && Math.max(0, options.findIndex((one) => one.hasAttribute("selected")));
    children(old, fresh); // before the attributes, of which one says whether the order stays
    attributes(old, fresh);
    // What the server chose in a list that nobody is at holds also where another choice was made before.
    if (chosen !== null && old !== document.activeElement) old.selectedIndex = chosen;
  };

  const start = () => htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      if (style !== "morph") return false;
      const fresh = fragment.nodeType === Node.DOCUMENT_FRAGMENT_NODE ? fragment.firstElementChild : fragment;
      if (!fresh || fresh.id !== target.id) return false;
      morph(target, fresh);
      return [target];
    },
  });
  if (window.htmx) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
