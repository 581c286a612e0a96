// Keeps the conversation still while it refreshes.
"use strict";
(() => {
  const scroll = document.getElementById("scroll");
  const toEnd = document.getElementById("to-end");
  const offline = document.getElementById("offline");
  let fromEnd = null;

  const distance = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
  const goToEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
    toEnd.hidden = true;
  };

  // A message that two answers brought is shown once.
  const dropKnown = (fragment) => {
    for (const item of fragment.querySelectorAll("li[id]")) {
      if (document.getElementById(item.id)) item.remove();
    }
  };

  const lost = () => { offline.hidden = false; };
  for (const sign of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(sign, lost);
  window.addEventListener("offline", lost);
  document.addEventListener("htmx:afterOnLoad", () => { offline.hidden = true; });
  if (!scroll) return;

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id !== "bubbles") return;
    dropKnown(event.detail.fragment);
    fromEnd = distance();
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id !== "bubbles" || fromEnd === null) return;
    if (fromEnd < 80) goToEnd();
    else toEnd.hidden = false;
    fromEnd = null;
  });

  // A picture or a player that arrives grows its bubble: who reads the end stays there.
  let atEnd = true;
  const keepEnd = () => { if (atEnd) goToEnd(); };
  let height = scroll.clientHeight;
  scroll.addEventListener("scroll", () => { if (scroll.clientHeight === height) atEnd = distance() < 80; });
  for (const grown of ["load", "loadedmetadata"]) scroll.addEventListener(grown, keepEnd, true);
  new ResizeObserver(() => {
    height = scroll.clientHeight;
    keepEnd();
  }).observe(scroll);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.classList.contains("media")) keepEnd();
  });

  // Earlier messages come above what is being read, which stays where it is; so does who pressed the button.
  let below = 0;
  let pressed = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "older") return;
    below = scroll.scrollHeight - scroll.scrollTop;
    pressed = event.detail.target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!below) return;
    scroll.scrollTop = scroll.scrollHeight - below;
    below = 0;
    if (pressed) (document.querySelector("#older button") ?? scroll).focus({ preventScroll: true });
  });
  scroll.addEventListener("scroll", () => { if (distance() < 80) toEnd.hidden = true; });
  toEnd.addEventListener("click", goToEnd);
  goToEnd();
})();
