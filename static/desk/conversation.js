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

  document.addEventListener("htmx:sendError", () => { offline.hidden = false; });
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
  scroll.addEventListener("scroll", () => { atEnd = distance() < 80; });
  for (const grown of ["load", "loadedmetadata"]) scroll.addEventListener(grown, keepEnd, true);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.classList.contains("media")) keepEnd();
  });

  let below = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "older") below = scroll.scrollHeight - scroll.scrollTop;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (below) scroll.scrollTop = scroll.scrollHeight - below;
    below = 0;
  });
  scroll.addEventListener("scroll", () => { if (distance() < 80) toEnd.hidden = true; });
  toEnd.addEventListener("click", goToEnd);
  goToEnd();
})();
