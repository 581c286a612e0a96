// Edits the tree of dispositions by buttons and keys; its JSON goes with the form, and what was wrong is said beside it.
document.addEventListener("DOMContentLoaded", () => {
  const make = (root) => {
    const area = root.querySelector("[data-value]");
    const roots = root.querySelector("[data-roots]");
    const pattern = root.querySelector("template");
    const words = root.dataset;
    const deepest = Number(words.deepest);
    const nameOf = (item) => item.querySelector("input[type=text]");
    const below = (item) => item.querySelector(":scope > ol");
    const parentOf = (item) => item.parentElement.closest("li");
    const gone = (item) => item.classList.contains("gone");
    const say = (text) => { root.querySelector("[data-said]").textContent = text; };

    const levelOf = (list) => {
      let level = 1;
      for (let item = list.closest("li"); item; item = parentOf(item)) level += 1;
      return level;
    };
    const height = (item) => 1 + Math.max(0, ...[...below(item).children].map(height));

    const item = (node, path) => {
      const made = pattern.content.firstElementChild.cloneNode(true);
      if (node.id) made.dataset.id = node.id;
      nameOf(made).value = node.name;
      made.querySelector("input[type=checkbox]").checked = node.enabled;
      const wrong = path && wrongs[path];
      if (wrong) {
        const place = made.querySelector(".tree-wrong");
        Object.assign(place, { textContent: wrong, hidden: false, id: `wrong-${path}` });
        nameOf(made).setAttribute("aria-invalid", "true");
        nameOf(made).setAttribute("aria-describedby", place.id);
      }
      (node.children || []).forEach((child, n) => below(made).append(item(child, path && `${path}.${n}`)));
      return made;
    };

    const nodes = (list) => [...list.children].filter((one) => !gone(one)).map((one) => ({
      id: Number(one.dataset.id) || null,
      name: nameOf(one).value,
      enabled: one.querySelector("input[type=checkbox]").checked,
      children: nodes(below(one)),
    }));
    const keep = () => {
      const removed = [...root.querySelectorAll("li.gone, li.gone li")].map((one) => Number(one.dataset.id)).filter(Boolean);
      area.value = JSON.stringify({ nodes: nodes(roots), removed: [...before, ...removed] });
      root.querySelector("[data-empty]").hidden = roots.children.length > 0;
    };

    const fits = (one, list) => {
      const does = levelOf(list) + height(one) - 1 <= deepest;
      say(does ? "" : words.tooDeep);
      return does;
    };
    const fresh = (list, before) => {
      const made = item({ name: "", enabled: true });
      if (!fits(made, list)) return;
      list.insertBefore(made, before);
      keep();
      nameOf(made).focus();
    };
    const acts = {
      add: () => fresh(roots, null),
      after: (one) => fresh(one.parentElement, one.nextElementSibling),
      below: (one) => fresh(below(one), null),
      up: (one) => { if (one.previousElementSibling) one.previousElementSibling.before(one); },
      down: (one) => { if (one.nextElementSibling) one.nextElementSibling.after(one); },
      in: (one) => {
        const above = one.previousElementSibling;
        if (above && !gone(above) && fits(one, below(above))) below(above).append(one);
      },
      out: (one) => { if (parentOf(one)) parentOf(one).after(one); },
      delete: (one) => {
        const name = nameOf(one).value.trim();
        const next = one.nextElementSibling || one.previousElementSibling || parentOf(one);
        if (!one.dataset.id && !name && !below(one).children.length) {
          one.remove();
          (next ? nameOf(next) : root.querySelector("[data-act=add]")).focus();
          return;
        }
        one.classList.add("gone");
        one.querySelector("[data-gone]").textContent = words.gone.replace("{name}", name);
        one.querySelector(".tree-gone").hidden = false;
        one.querySelector("[data-act=undo]").focus();
      },
      undo: (one) => {
        one.classList.remove("gone");
        one.querySelector(".tree-gone").hidden = true;
        nameOf(one).focus();
      },
    };
    const act = (name, one, focus) => {
      say("");
      acts[name](one);
      keep();
      if (focus && focus.isConnected && focus.offsetParent) focus.focus();
    };

    let wrongs = {};
    let before = []; // deleted on the page that had to be corrected
    try {
      wrongs = JSON.parse(words.wrong || "{}");
      const stored = JSON.parse(area.value || '{"nodes": []}');
      before = stored.removed || [];
      stored.nodes.forEach((node, n) => roots.append(item(node, String(n))));
    } catch {
      return; // the server has said that it cannot be read
    }
    keep();

    root.addEventListener("input", keep);
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) act(button.dataset.act, button.closest("li"), ["up", "down", "in", "out"].includes(button.dataset.act) && button);
    });
    root.addEventListener("keydown", (event) => {
      const one = event.target.closest("li");
      if (!one || event.target !== nameOf(one)) return;
      const moves = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
      const name = event.key === "Enter" ? "after" : event.altKey && moves[event.key];
      if (!name) return;
      event.preventDefault();
      act(name, one, name !== "after" && event.target);
    });
  };

  document.querySelectorAll("[data-tree]").forEach(make);
});
