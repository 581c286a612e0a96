// The keys of the desk, and what they and its buttons open.
"use strict";
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const open = (name) => {
    const dialog = document.getElementById(name);
    if (!dialog || document.querySelector("dialog[open]")) return;
    dialog.showModal();
  };
  const press = (id) => {
    if (!document.querySelector("dialog[open]")) document.getElementById(id)?.click();
  };

  const outside = ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = target.getBoundingClientRect();
    return clientX < left || clientX > right || clientY < top || clientY > bottom;
  };

  document.addEventListener("keydown", (event) => {
    if (event.altKey && event.code === "KeyC") press("close");
    else if (event.altKey && event.code === "KeyT") press("transfer");
    else if ((event.ctrlKey || event.metaKey) && event.key === "k") open("search");
    else if (event.key === "?" && !typing(event.target)) open("help");
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) open(opener.dataset.dialog);
    // A press beside a dialog closes it, where nothing can be lost by that.
    const beside = event.target.matches("dialog[data-light]") && outside(event);
    if (beside || event.target.closest("[data-dismiss]")) event.target.closest("dialog")?.close();
  });
})();
