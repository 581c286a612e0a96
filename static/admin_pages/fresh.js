// Keeps what says data-poll="seconds" fresh: asks again by its event “look”, not in a hidden tab, not below closed
// details, not while a dialog asks. Where the server errs or is away it asks ever less often, and says so.
(() => {
  const LONGEST = 60; // seconds between two looks, however long the trouble
  const asked = new Map(); // when each was asked last, by id
  const failed = new Map(); // how often in a row it got no answer
  const OF_ACTS = new Set(["act-lost", "act-refused", "forbidden"]); // said until the next act
  let seen = new Date();
  let told = "";

  const wait = (element) => {
    const times = failed.get(element.id) || 0;
    const usual = Number(element.dataset.poll);
    return times ? Math.min(Math.max(usual, 2) * 2 ** times, LONGEST) : usual;
  };
  const still = (element) => document.hidden || document.querySelector("dialog[open]")
    || element.parentElement.closest("details:not([open])") || element.closest(".htmx-request");
  const look = (element) => {
    asked.set(element.id, Date.now());
    htmx.trigger(element, "look");
  };
  const polled = () => document.querySelectorAll("[data-poll]");

  const tick = () => {
    for (const element of polled()) {
      if (!asked.has(element.id)) asked.set(element.id, Date.now());
      if (!still(element) && Date.now() - asked.get(element.id) >= 1000 * wait(element)) look(element);
    }
    countdown();
  };

  const page = (xhr) => /^\s*<!doctype/i.test(xhr.responseText); // a whole one, where a part was asked for
  const place = () => document.getElementById("page-trouble");
  const tell = (kind) => {
    const trouble = place();
    if (!trouble) return;
    told = kind;
    for (const one of trouble.querySelectorAll("[data-trouble]")) one.hidden = one.dataset.trouble !== kind;
    trouble.classList.toggle("shown", Boolean(kind));
    const time = seen.toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    for (const one of trouble.querySelectorAll("[data-seen]")) one.textContent = time;
    for (const one of polled()) one.classList.toggle("stale", Boolean(kind));
    countdown();
  };
  const countdown = () => {
    const waits = [...polled()].filter((one) => failed.get(one.id))
      .map((one) => wait(one) - (Date.now() - (asked.get(one.id) || 0)) / 1000);
    if (!waits.length) return;
    const left = Math.max(0, Math.ceil(Math.min(...waits)));
    for (const one of document.querySelectorAll("[data-again-in]")) one.textContent = String(left);
  };

  const start = () => {
    if (!polled().length) return;
    setInterval(tick, 500);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) for (const element of polled()) if (!still(element)) look(element);
    });
    document.body.addEventListener("htmx:beforeSwap", (event) => {
      const { xhr, target } = event.detail;
      // A session that has ended is answered with the page to sign in.
      if (xhr.status !== 200 || !page(xhr)) return;
      event.detail.shouldSwap = false;
      if (target) failed.set(target.id, 5);
      tell("session");
    });
    document.body.addEventListener("htmx:afterRequest", (event) => {
      const { elt, xhr, successful } = event.detail;
      if (!successful || page(xhr)) return;
      seen = new Date();
      const polls = elt.hasAttribute("data-poll");
      if (polls) failed.delete(elt.id);
      else failed.clear();
      if (!failed.size && !(polls && OF_ACTS.has(told))) tell("");
    });
    const trouble = (element, ofPoll, ofAct) => {
      if (element.hasAttribute("data-poll")) failed.set(element.id, (failed.get(element.id) || 0) + 1);
      tell(element.hasAttribute("data-poll") ? ofPoll : ofAct);
    };
    for (const name of ["htmx:sendError", "htmx:timeout"]) {
      document.body.addEventListener(name, (event) => trouble(event.detail.elt, "connection", "act-lost"));
    }
    document.body.addEventListener("htmx:responseError", (event) => {
      const { elt, xhr } = event.detail;
      trouble(elt, xhr.status === 403 ? "session" : "server", xhr.status === 403 ? "forbidden" : "act-refused");
    });
    // A button that its own act took away leaves the keyboard at its base, not at the top of the page; and not at
    // another button, which a second Enter would press.
    let at = "";
    document.body.addEventListener("htmx:beforeRequest", (event) => {
      const card = event.detail.elt.closest("article[id]");
      if (!event.detail.elt.hasAttribute("data-poll")) at = card && card.contains(document.activeElement) ? card.id : "";
    });
    document.body.addEventListener("htmx:afterSettle", () => {
      const card = at && document.getElementById(at);
      at = "";
      if (card && document.activeElement === document.body) card.focus({ preventScroll: true });
    });
    document.body.addEventListener("click", (event) => {
      if (event.target.closest("[data-look-now]")) for (const element of polled()) look(element);
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
