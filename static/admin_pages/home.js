// The sentence that the start page's figures are old.
"use strict";
(() => {
  let heard = Date.now();
  document.addEventListener("htmx:afterRequest", (event) => {
    const home = document.getElementById("home");
    const stale = document.getElementById("stale");
    if (!home || event.detail.elt !== home) return;
    if (event.detail.successful) {
      heard = Date.now();
      stale.hidden = true;
    } else if (stale.hidden) {
      const time = new Date(heard).toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });
      stale.textContent = stale.dataset.text.replace("{time}", time);
      stale.hidden = false;
    }
    home.classList.toggle("old", !stale.hidden);
  });
})();
