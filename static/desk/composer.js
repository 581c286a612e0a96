// The composer: Enter sends once, a draft survives, the template form takes over when the 24 hours end, notes stay here.
"use strict";
(() => {
  const composer = document.getElementById("composer");
  if (!composer) return;
  const message = document.getElementById("message");
  const note = document.getElementById("note");
  const free = document.getElementById("free");
  const pick = document.getElementById("pick");
  const session = document.getElementById("talk").dataset.session;
  const drafts = new Map([[message, `draft-${session}`], [note, `note-${session}`]]);
  let sent = null;

  const kept = (field) => {
    if (field.value) sessionStorage.setItem(drafts.get(field), field.value);
    else sessionStorage.removeItem(drafts.get(field));
    field.rows = Math.min(8, Math.max(2, field.value.split("\n").length));
  };
  const write = (field, text) => {
    field.value = text;
    kept(field);
    field.dispatchEvent(new Event("desk:written"));
  };

  // In `template` mode the customer's part is the picker, whatever was looked at before.
  const shown = () => {
    const view = composer.dataset.view;
    if (view === "note") return note;
    if (view !== "template" && composer.dataset.mode !== "template") return message;
    return document.getElementById("template-search") ?? pick?.querySelector("button");
  };
  const show = (view) => {
    composer.dataset.view = view;
    for (const button of composer.querySelectorAll(".kinds button")) {
      button.setAttribute("aria-pressed", String((button.dataset.act === "note") === (view === "note")));
    }
    shown()?.focus();
  };
  const turnTo = (mode) => {
    const writing = document.activeElement === message;
    composer.dataset.mode = mode;
    if (writing && !message.checkVisibility()) shown()?.focus();
  };
  const follow = () => turnTo(document.getElementById("head").dataset.mode);

  for (const field of drafts.keys()) {
    field.addEventListener("input", () => kept(field));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (!event.repeat && sent === null) field.form.requestSubmit();
    });
  }

  // Sound carries no text: what was typed beside it stays.
  const leaving = (form) => {
    if (form === pick || (form === free && "sound" in form.dataset)) return "";
    return (form === free ? message : note).value;
  };
  for (const form of [free, pick, note.form].filter(Boolean)) {
    form.addEventListener("htmx:beforeRequest", (event) => {
      if (event.detail.elt !== form) return;
      if (sent !== null) event.preventDefault();
      else sent = leaving(form);
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== form) return;
      const text = sent ?? "";
      sent = null;
      if (!event.detail.successful) return;
      document.getElementById("notice").replaceChildren();
      if (form === pick) {
        pick.reset();
        document.getElementById("fields").replaceChildren();
        pick.dispatchEvent(new Event("desk:written"));
        if (composer.dataset.mode === "text") show("text");
      } else {
        const field = form === free ? message : note;
        // What was typed while it left stays.
        write(field, field.value.startsWith(text) ? field.value.slice(text.length) : field.value);
        field.focus();
      }
      document.getElementById("to-end").click();
    });
  }

  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (!act) return;
    if (act.dataset.act === "again") write(message, document.getElementById(act.dataset.of).textContent);
    show(["template", "note"].includes(act.dataset.act) ? act.dataset.act : "text");
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.code !== "KeyN") return;
    event.preventDefault();
    show(composer.dataset.view === "note" ? "text" : "note");
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target.id === "head") follow(); });
  document.addEventListener("htmx:afterSettle", follow);
  document.addEventListener("desk:window-over", () => {
    if (composer.dataset.mode === "text") turnTo("template");
  });

  for (const [field, key] of drafts) write(field, sessionStorage.getItem(key) ?? field.value);
  if (composer.dataset.mode === "text" && matchMedia("(min-width: 900px)").matches) message.focus();
})();
