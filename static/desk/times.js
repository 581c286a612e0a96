// Waiting times that run and the countdown of the 24-hour session, by the server's clock.
"use strict";
(() => {
  const ahead = Date.now() - Date.parse(document.body.dataset.now);
  const two = (number) => String(number).padStart(2, "0");

  const elapsed = (seconds) => {
    if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))}`;
    return `${Math.floor(seconds / 86400)} d`;
  };

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const countDown = (element, now) => {
    const left = Math.floor((Date.parse(element.dataset.expires) - now) / 1000);
    element.classList.toggle("amber", left > 0 && left < 7200);
    element.classList.toggle("red", left <= 0);
    if (left > 0) {
      const minutes = Math.ceil(left / 60);
      write(element, element.dataset.left.replace("{time}", `${Math.floor(minutes / 60)}:${two(minutes % 60)}`));
    } else {
      write(element, element.dataset.over);
      document.dispatchEvent(new CustomEvent("desk:window-over"));
    }
  };

  const tick = () => {
    const now = Date.now() - ahead;
    for (const element of document.querySelectorAll("[data-elapsed]")) {
      write(element, elapsed(Math.max(0, Math.floor((now - Date.parse(element.dateTime)) / 1000))));
    }
    for (const element of document.querySelectorAll("[data-until]")) {
      const left = Math.ceil((Date.parse(element.dateTime) - now) / 1000);
      write(element, elapsed(Math.max(0, left)));
      if (left === 0) document.body.dispatchEvent(new CustomEvent("desk:changed"));
    }
    for (const element of document.querySelectorAll("[data-expires]")) countDown(element, now);
  };

  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSettle", tick);
  document.addEventListener("htmx:oobAfterSwap", tick);
})();
