// Tabs of a page: by mouse, by arrows, by address; one with an error was opened by the server.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector("[data-tabs]");
  if (!bar) return;
  const tabs = [...bar.querySelectorAll("[role=tab]")];
  const form = bar.closest("form");
  const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  const open = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      panelOf(tab).hidden = tab !== chosen;
    }
    chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
    const address = window.location.pathname + window.location.search + chosen.hash;
    window.history.replaceState(null, "", address);
    form.setAttribute("action", address); // saving leads back to the same tab
  };
  const named = tabs.find((tab) => tab.hash === window.location.hash);
  if (named && !("wrong" in bar.dataset)) open(named);
  bar.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (!tab) return;
    event.preventDefault();
    open(tab);
  });
  bar.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs.at(to % tabs.length);
    open(tab);
    tab.focus();
  });
});
