// Canned replies: `/` at the start opens a list that narrows as it is typed; arrows and Enter, or a click, insert one.
"use strict";
(() => {
  const message = document.getElementById("message");
  const box = document.getElementById("replies-box");
  if (!message || !box) return;
  const list = document.getElementById("replies");
  const none = document.getElementById("no-replies");
  const MOST = 50;
  let known = null;
  let asked = null;
  let shown = [];
  let at = 0;
  let left = false;

  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const ask = async () => {
    try {
      const answer = await fetch(list.dataset.from, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const { replies } = await answer.json();
      known = replies.map(([shortcut, text]) => ({ shortcut, text, key: fold(shortcut), words: fold(text) }));
      follow();
    } catch {
      asked = null; // the next stroke asks again
    }
  };

  const found = (wanted) => {
    const first = known.filter((one) => one.key.startsWith(wanted));
    if (first.length >= MOST) return first.slice(0, MOST);
    const others = known.filter((one) => !one.key.startsWith(wanted) && (one.key.includes(wanted) || one.words.includes(wanted)));
    return [...first, ...others].slice(0, MOST);
  };

  const close = () => {
    box.hidden = true;
    shown = [];
    for (const name of ["role", "aria-expanded", "aria-controls", "aria-autocomplete", "aria-activedescendant"]) {
      message.removeAttribute(name);
    }
  };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    const active = list.children[at];
    if (!active) return;
    message.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  };
  const option = (reply, n) => {
    const item = document.createElement("li");
    item.id = `reply-${n}`;
    item.setAttribute("role", "option");
    const shortcut = document.createElement("b");
    shortcut.textContent = `/${reply.shortcut}`;
    const text = document.createElement("span");
    text.textContent = reply.text;
    item.append(shortcut, " ", text);
    return item;
  };
  const open = () => {
    list.replaceChildren(...shown.map(option));
    list.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
    box.hidden = false;
    message.setAttribute("role", "combobox");
    message.setAttribute("aria-autocomplete", "list");
    message.setAttribute("aria-controls", "replies");
    message.setAttribute("aria-expanded", String(shown.length > 0));
    mark(0);
  };
  const insert = (reply) => {
    close();
    message.value = reply.text;
    message.dispatchEvent(new Event("input", { bubbles: true }));
    message.focus();
    message.setSelectionRange(message.value.length, message.value.length);
  };

  const follow = () => {
    const text = message.value;
    if (!text.startsWith("/")) left = false;
    if (!text.startsWith("/") || text.includes("\n") || left) return close();
    if (known === null) {
      asked ??= ask();
      return undefined;
    }
    shown = found(fold(text.slice(1)));
    return shown.length || (!known.length && text === "/") ? open() : close();
  };

  const keys = {
    ArrowDown: () => mark((at + 1) % shown.length),
    ArrowUp: () => mark((at - 1 + shown.length) % shown.length),
    Enter: () => insert(shown[at]),
    Escape: () => { left = true; close(); },
  };
  message.addEventListener("input", follow);
  message.addEventListener("desk:written", follow);
  message.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (box.hidden || !act || event.shiftKey || event.isComposing || (!shown.length && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the composer would send, the page would walk its list
    act();
  }, true);
  message.addEventListener("blur", close);
  message.addEventListener("focus", follow);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) insert(shown[[...list.children].indexOf(item)]);
  });
})();
