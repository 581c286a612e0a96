// Leads to a message further back in the conversation; what lies between is loaded first.
"use strict";
(() => {
  const TURNS = 20;

  const show = (message) => {
    message.tabIndex = -1;
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: "center" });
    message.classList.add("sought");
    setTimeout(() => message.classList.remove("sought"), 2000);
  };

  const load = async (id) => {
    for (let turn = 0; turn < TURNS; turn += 1) {
      const message = document.getElementById(`m${id}`);
      if (message) return show(message);
      const older = document.getElementById("older");
      const address = older?.querySelector("[hx-get]")?.getAttribute("hx-get") ?? older?.getAttribute("hx-get");
      if (!address) return undefined;
      await window.htmx.ajax("GET", `${address}&since=${id}`, { source: older, target: older, swap: "outerHTML show:none" });
    }
    return undefined;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-back]");
    if (!link) return;
    event.preventDefault();
    location.hash = "talk"; // what stands beside covers the conversation on a phone
    load(link.dataset.back);
  });
})();
