// A page that renews itself takes nothing from whoever is at it: what was swapped in is listened to at once, and what
// is asked for again and again stays as it is while it is pressed, for a press that ends on another element is no click.
"use strict";
(() => {
  const LONGEST = 10000; // ms that a press holds: the end of one that left the window may never be told
  let pressed = 0;
  const press = ({ target }) => { if (target.closest("a, button, label, summary, input, select")) pressed = Date.now(); };
  const release = () => { pressed = 0; };
  window.htmx.config.defaultSettleDelay = 0; // else a choice of the first 20 ms would be lost
  window.addEventListener("pointerdown", press, true);
  window.addEventListener("keydown", (event) => {
    if (event.key === " " && !event.target.matches("input, textarea, select")) press(event);
  }, true);
  for (const name of ["pointerup", "pointercancel", "keyup"]) window.addEventListener(name, release, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt } = event.detail.requestConfig;
    const again = elt.matches("[data-renewed]") || /\bevery\b/.test(elt.getAttribute("hx-trigger") || "");
    if (again && Date.now() - pressed < LONGEST) event.detail.shouldSwap = false;
  });
})();
