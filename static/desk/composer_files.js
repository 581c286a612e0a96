// A file beside the text: chosen, dropped or pasted; looked at before it leaves, with how much of it has left.
"use strict";
(() => {
  const input = document.getElementById("file");
  if (!input) return;
  const free = input.form;
  const message = document.getElementById("message");
  const chosen = document.getElementById("chosen");
  const picture = chosen.querySelector("img");
  const bar = chosen.querySelector("progress");
  const talk = document.getElementById("talk");
  const composer = document.getElementById("composer");
  const limits = new Map(input.dataset.limits.split(" ").map((one) => one.split(":")));
  const MEGABYTE = 1024 * 1024;

  const say = (sentence) => {
    const shown = document.createElement("p");
    shown.className = "notice error";
    shown.textContent = sentence;
    document.getElementById("notice").replaceChildren(...(sentence ? [shown] : []));
  };
  const megabytes = (bytes) => (bytes / MEGABYTE).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  const kindOf = (file) => {
    const kind = file.type.split("/")[0];
    return limits.has(kind) ? kind : "document";
  };
  const tooLarge = (file) => {
    const most = limits.get(kindOf(file));
    if (file.size <= most * MEGABYTE) return "";
    return input.dataset.tooLarge
      .replace("{name}", file.name).replace("{n}", megabytes(file.size)).replace("{most}", most);
  };

  const look = (file) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      if (input.files[0] !== file) return;
      picture.src = reader.result;
      picture.hidden = false;
    });
    reader.readAsDataURL(file);
  };
  const show = () => {
    const file = input.files[0];
    picture.hidden = true;
    bar.hidden = true;
    picture.removeAttribute("src");
    chosen.hidden = !file;
    message.required = !file;
    delete free.dataset.sound;
    if (!file) return;
    chosen.querySelector(".name").textContent = file.name;
    chosen.querySelector(".size").textContent = `${megabytes(Math.max(file.size, MEGABYTE / 10))} MB`;
    if (kindOf(file) === "audio") free.dataset.sound = "";
    if (kindOf(file) === "image") look(file);
  };
  const drop = () => {
    input.value = "";
    show();
  };
  const take = () => {
    const file = input.files[0];
    const sentence = file ? tooLarge(file) : "";
    say(sentence);
    if (sentence) drop();
    else show();
    message.focus();
  };
  const give = (file) => {
    const held = new DataTransfer();
    held.items.add(file);
    input.files = held.files;
    take();
  };
  const mayWrite = () => composer.dataset.mode === "text" && composer.dataset.view !== "note";

  document.getElementById("attach").addEventListener("click", () => input.click());
  document.getElementById("drop-file").addEventListener("click", () => { drop(); message.focus(); });
  input.addEventListener("change", take);
  message.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    give(file);
  });
  const carriesFile = (event) => mayWrite() && [...event.dataTransfer.types].includes("Files");
  talk.addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    talk.classList.add("dropping");
  });
  talk.addEventListener("dragleave", (event) => {
    if (!talk.contains(event.relatedTarget)) talk.classList.remove("dropping");
  });
  talk.addEventListener("drop", (event) => {
    talk.classList.remove("dropping");
    if (!carriesFile(event) || !event.dataTransfer.files.length) return;
    event.preventDefault();
    composer.dataset.view = "text";
    give(event.dataTransfer.files[0]);
  });

  free.addEventListener("htmx:configRequest", (event) => {
    if ("sound" in free.dataset) event.detail.parameters.text = "";
  });
  free.addEventListener("htmx:xhr:progress", (event) => {
    if (!input.files.length || !event.detail.total) return;
    bar.hidden = false;
    bar.value = event.detail.loaded / event.detail.total;
  });
  free.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== free) return;
    bar.hidden = true;
    if (event.detail.successful) drop();
  });
  show();
})();
