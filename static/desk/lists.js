// The lists: one tab at a time, the open line followed to where it moves, what is unread in the page's title.
"use strict";
(() => {
  const panel = document.querySelector(".lists");
  const title = document.title;
  let home = null;

  const tabs = () => [...panel.querySelectorAll("[role=tab]")];
  const show = (name) => {
    panel.dataset.tab = name;
    for (const tab of tabs()) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
    }
  };

  // What was taken moves from one list to the other: whoever has it open goes along.
  const follow = () => {
    const part = panel.querySelector("[aria-current]")?.closest(".part").id ?? null;
    show(part && home && part !== home ? part : panel.dataset.tab);
    home = part;
    const unread = Number(document.getElementById("lists").dataset.unread);
    document.title = unread ? `(${unread}) ${title}` : title;
  };

  const walk = (event) => {
    const step = event.key === "ArrowDown" ? 1 : -1;
    const lines = [...panel.querySelectorAll("a.line")].filter((line) => line.checkVisibility());
    const here = lines.indexOf(document.activeElement);
    const free = document.activeElement === document.body || document.activeElement.role === "tab";
    if (here < 0 && !free) return;
    const current = lines.findIndex((line) => line.ariaCurrent);
    const next = here < 0 ? lines[current < 0 ? 0 : current] : lines[here + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  panel.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab.dataset.tab);
  });
  panel.addEventListener("keydown", (event) => {
    const all = tabs();
    const here = all.indexOf(event.target);
    if (here < 0 || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    const next = all[(here + (event.key === "ArrowRight" ? 1 : all.length - 1)) % all.length];
    show(next.dataset.tab);
    next.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
  });
  new MutationObserver(follow).observe(panel.querySelector(".scroll"), { childList: true });
  follow();
})();
