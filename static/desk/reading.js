// Tells the server up to where the agent has seen the conversation, while the page is looked at.
"use strict";
(() => {
  const talk = document.getElementById("talk");
  if (!talk) return;
  const bubbles = document.getElementById("bubbles");
  let told = 0;

  const tell = () => {
    if (document.visibilityState !== "visible" || !("mine" in document.getElementById("head").dataset)) return;
    const theirs = bubbles.querySelectorAll("li.theirs");
    const last = Number(theirs[theirs.length - 1]?.id.slice(1));
    const known = Number(document.getElementById("updates").dataset.read);
    if (!last || last <= Math.max(told, known)) return;
    told = last;
    window.htmx.ajax("POST", talk.dataset.read, { source: talk, swap: "none", values: { "up-to": last } })
      .catch(() => { told = 0; });
  };

  new MutationObserver(tell).observe(talk, { childList: true, subtree: true });
  document.addEventListener("visibilitychange", tell);
  tell();
})();
