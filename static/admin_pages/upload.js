// Uploads bases one after the other without leaving the page: by the button, or dropped anywhere on the page. Each
// file has its line with its progress, and says why where it was refused.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("upload");
  const field = document.getElementById("base-file");
  const list = document.getElementById("uploads");
  if (!form || !field || !list) return;
  field.hasChangeListener = true; // else unfold shows a chosen file's name in a text field of its own
  const pattern = document.getElementById("upload-line");
  const largest = Number(list.dataset.largest);
  const language = document.documentElement.lang || undefined;
  const queue = [];
  let busy = null;

  const megabytes = (bytes) => (bytes / 1048576).toLocaleString(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });

  const line = (file) => {
    const item = pattern.content.firstElementChild.cloneNode(true);
    item.querySelector("[data-name]").textContent = file.name;
    list.append(item);
    const part = (name) => item.querySelector(`[data-${name}]`);
    part("away").addEventListener("click", () => { item.remove(); field.focus(); });
    part("retry").addEventListener("click", () => { item.remove(); add([file]); });
    return { item, file, part };
  };

  const say = (entry, kind, sentence) => {
    entry.item.dataset.state = kind;
    entry.part("said").textContent = sentence;
    entry.part("bar").hidden = kind !== "sending";
    entry.part("retry").hidden = kind !== "lost";
    entry.part("away").hidden = kind === "sending" || kind === "waiting";
  };

  const send = (entry) => {
    const request = new XMLHttpRequest();
    const bar = entry.part("bar");
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      say(entry, "sending", list.dataset.progress
        .replace("{percent}", String(Math.floor(100 * event.loaded / event.total)))
        .replace("{done}", megabytes(event.loaded)).replace("{total}", megabytes(event.total)));
    });
    request.upload.addEventListener("load", () => say(entry, "sending", list.dataset.checking));
    request.addEventListener("load", () => {
      let answer = null;
      if ((request.getResponseHeader("Content-Type") || "").startsWith("application/json")) answer = JSON.parse(request.responseText);
      if (answer) say(entry, answer.base ? "taken" : "refused", answer.said);
      else say(entry, "lost", request.status === 200 ? list.dataset.session : list.dataset.server);
      if (!answer || !answer.base) return;
      entry.item.dataset.base = answer.base;
      htmx.trigger("#dialer-bases", "look");
    });
    request.addEventListener("error", () => say(entry, "lost", list.dataset.lost));
    request.addEventListener("loadend", () => { busy = null; next(); });
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("file", entry.file);
    busy = entry;
    say(entry, "sending", list.dataset.beginning);
    request.send(data);
  };

  const next = () => { if (!busy && queue.length) send(queue.shift()); };

  const add = (files) => {
    for (const file of files) {
      const entry = line(file);
      if (file.size > largest) {
        say(entry, "refused", list.dataset.tooLarge);
        continue;
      }
      say(entry, "waiting", list.dataset.waiting);
      queue.push(entry);
    }
    next();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add([...field.files]);
    form.reset();
  });
  // Once its base is on the page, the line has said its part.
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const one of list.querySelectorAll("[data-base]")) if (document.getElementById(`base-${one.dataset.base}`)) one.remove();
  });
  window.addEventListener("beforeunload", (event) => { if (busy || queue.length) event.preventDefault(); });

  let depth = 0;
  const withFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const show = (on) => {
    document.documentElement.classList.toggle("files-over", on);
    if (!on) depth = 0;
  };
  document.addEventListener("dragenter", (event) => { if (withFiles(event)) { event.preventDefault(); depth += 1; show(true); } });
  document.addEventListener("dragleave", (event) => { if (withFiles(event) && (depth -= 1) <= 0) show(false); });
  document.addEventListener("dragover", (event) => { if (withFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  document.addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    show(false);
    add([...event.dataTransfer.files]);
  });
});
