// The composer: Enter sends once, a draft survives, the template form takes over when the 24 hours end.
"use strict";
(() => {
  const composer = document.getElementById("composer");
  if (!composer) return;
  const message = document.getElementById("message");
  const free = document.getElementById("free");
  const pick = document.getElementById("pick");
  const draftKey = `draft-${document.getElementById("talk").dataset.session}`;
  let sent = null;

  const keepDraft = () => {
    if (message.value) sessionStorage.setItem(draftKey, message.value);
    else sessionStorage.removeItem(draftKey);
  };
  const grow = () => {
    message.rows = Math.min(8, Math.max(2, message.value.split("\n").length));
  };
  const write = (text) => {
    message.value = text;
    keepDraft();
    grow();
    message.dispatchEvent(new Event("desk:written"));
  };
  const show = (view) => {
    composer.dataset.view = view;
    (view === "template" ? document.getElementById("template") : message).focus();
  };
  const follow = () => {
    composer.dataset.mode = document.getElementById("head").dataset.mode;
  };

  message.addEventListener("input", () => { keepDraft(); grow(); });
  message.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat && sent === null) free.requestSubmit();
  });

  for (const form of pick ? [free, pick] : [free]) {
    form.addEventListener("htmx:beforeRequest", (event) => {
      if (event.detail.elt !== form) return;
      if (sent !== null) event.preventDefault();
      else sent = message.value;
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== form) return;
      const text = sent ?? "";
      sent = null;
      if (!event.detail.successful) return;
      document.getElementById("notice").replaceChildren();
      if (form === free) {
        // What was typed while it left stays.
        write(message.value.startsWith(text) ? message.value.slice(text.length) : message.value);
        message.focus();
      } else {
        pick.reset();
        document.getElementById("fields").replaceChildren();
        composer.dataset.view = "text";
      }
      document.getElementById("to-end").click();
    });
  }

  pick?.addEventListener("input", () => {
    const preview = document.getElementById("preview");
    if (!preview) return;
    const values = [...pick.querySelectorAll("[name=parameter]")].map((input) => input.value);
    const { filled, write } = window.whatsapp;
    write(preview.querySelector("[data-text]"), filled(preview.dataset.body, values));
  });

  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (!act) return;
    if (act.dataset.act === "again") write(document.getElementById(act.dataset.of).textContent);
    show(act.dataset.act === "template" ? "template" : "text");
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target.id === "head") follow(); });
  document.addEventListener("htmx:afterSettle", follow);
  document.addEventListener("desk:window-over", () => {
    if (composer.dataset.mode === "text") composer.dataset.mode = "template";
  });

  write(sessionStorage.getItem(draftKey) ?? message.value);
  if (composer.dataset.mode === "text" && matchMedia("(min-width: 900px)").matches) message.focus();
})();
