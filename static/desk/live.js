// Keeps the page up to date: looks for changes at each hint of the stream, and every few seconds while it hears none.
"use strict";
(() => {
  const place = document.getElementById("live");
  if (!place) return;
  const { stream: address, renew, changes } = place.dataset;
  const HEARING_MS = 30_000;
  const DEAF_MS = 3_000;
  const SILENT_MS = 60_000; // three beats
  const LONGEST_MS = 60_000;

  let { ticket } = place.dataset;
  let stream = null;
  let hearing = false;
  let lastWord = Date.now();
  let renewAt = 0;
  let renewPause = DEAF_MS;
  let looking = false;
  let wanted = null;
  let succeeded = true;
  let kept = false; // the page as it was, while something is pressed
  let timer = 0;
  let act = null; // the request of what the agent does in the conversation

  const fields = (id) => Object.fromEntries(
    [...document.querySelectorAll(`#${id} > input`)].map((input) => [input.name, input.value]),
  );

  const ask = async ({ lists, beat }) => {
    const values = fields("updates");
    if (lists) Object.assign(values, fields("lists"), fields("presence"));
    if (beat) values.beat = 1;
    if (!document.hidden) values.reading = 1;
    const source = document.getElementById("updates") ?? document.getElementById("lists");
    succeeded = kept = false;
    // What was given up for an act of the agent's, did not arrive or was not shown is looked for again soon.
    await window.htmx.ajax("GET", changes, { source, values, swap: "none" }).catch(() => {});
  };

  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(tend, hearing && succeeded ? HEARING_MS : DEAF_MS);
  };

  // What waits its turn behind another request at an element is lost when that element is renewed: never an answer.
  const acted = async () => {
    const { UNSENT, DONE } = XMLHttpRequest;
    while (act && act.readyState !== UNSENT && act.readyState !== DONE) {
      const ending = act;
      await new Promise((resolve) => { ending.addEventListener("loadend", resolve, { once: true }); });
    }
  };

  // One request at a time; whatever is hinted meanwhile is looked for right after it.
  const look = async (lists, beat = false) => {
    wanted = { lists: lists || wanted?.lists, beat: beat || wanted?.beat };
    if (looking) return;
    looking = true;
    while (wanted) {
      await acted();
      const now = wanted;
      wanted = null;
      await ask(now);
    }
    looking = false;
    plan();
  };

  const lose = () => {
    hearing = false;
    if (!looking) plan();
  };

  const listen = () => {
    stream?.close();
    const opened = new EventSource(`${address}?ticket=${encodeURIComponent(ticket)}`);
    stream = opened;
    lastWord = Date.now();
    const on = (name, act) => opened.addEventListener(name, (event) => {
      lastWord = Date.now();
      act(event.data);
    });
    on("catch-up", () => {
      hearing = true;
      renewPause = DEAF_MS;
      look(true);
    });
    on("deaf", lose);
    // What is only a line of the lists, and stands in the open conversation, waits for the next beat.
    on("changed", (kinds) => look(/user|queue/.test(kinds) || (document.hidden && /line/.test(kinds))));
    on("beat", () => look(true, true));
    opened.addEventListener("error", () => {
      if (opened === stream) lose();
    });
  };

  // A stream that was turned away, or says nothing any more, needs a ticket of now.
  const reopen = async () => {
    renewAt = Date.now() + renewPause;
    renewPause = Math.min(renewPause * 2, LONGEST_MS);
    try {
      const answer = await fetch(renew, { redirect: "error" });
      if (!answer.ok) return;
      ({ ticket } = await answer.json());
      listen();
    } catch {
      // No connection: it is tried again.
    }
  };

  const tend = () => {
    const silent = Date.now() - lastWord > SILENT_MS;
    if (silent) hearing = false;
    if ((silent || stream.readyState === EventSource.CLOSED) && Date.now() >= renewAt) reopen();
    look(true, true);
  };

  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.elt.closest("[hx-sync^='#updates']")) act = detail.xhr;
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.pathInfo.requestPath === changes && detail.xhr.status === 200) kept = !detail.shouldSwap;
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.pathInfo?.requestPath === changes) succeeded = detail.successful && !kept;
  });
  document.body.addEventListener("desk:changed", () => look(true));
  window.addEventListener("online", tend);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tend(); });
  listen();
  plan();
})();
