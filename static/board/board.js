// Full screen, and the sentence that the figures are old.
"use strict";
(() => {
  const button = document.getElementById("full-screen");
  const stale = document.getElementById("stale");
  let heard = Date.now();

  const name = () => {
    button.textContent = document.fullscreenElement ? button.dataset.leave : button.dataset.enter;
  };
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
  document.addEventListener("fullscreenchange", name);

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      heard = Date.now();
      stale.hidden = true;
    } else if (stale.hidden) {
      const time = new Date(heard).toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });
      stale.textContent = stale.dataset.text.replace("{time}", time);
      stale.hidden = false;
    }
    document.body.classList.toggle("old", !stale.hidden);
  });
})();
