// Tells of what is new on the desk: in the page, and, where it was asked for, by a sound and the browser's notification.
"use strict";
(() => {
  const KEY = "desk-bell";
  const SHOWN_MS = 8000;
  const button = document.getElementById("bell");
  const place = document.getElementById("news");
  const panel = document.querySelector(".lists .scroll");
  let audio = null;

  const wanted = () => localStorage.getItem(KEY) === "on";
  const paint = () => button.setAttribute("aria-pressed", wanted());

  const beep = () => {
    audio ??= new AudioContext();
    audio.resume();
    for (const [pitch, at] of [[660, 0], [880, 0.14]]) {
      const tone = audio.createOscillator();
      const loudness = audio.createGain();
      const begin = audio.currentTime + at;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.0001, begin);
      loudness.gain.exponentialRampToValueAtTime(0.12, begin + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.13);
      tone.connect(loudness).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + 0.14);
    }
  };

  const toast = (text, href) => {
    const item = document.createElement(href ? "a" : "p");
    if (href) item.href = href;
    item.textContent = text;
    place.append(item);
    while (place.children.length > 3) place.firstChild.remove();
    setTimeout(() => item.remove(), SHOWN_MS);
  };

  const notify = (text, href, tag) => {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const shown = new Notification("uContact-Wavy", { body: text, tag, renotify: true });
    shown.addEventListener("click", () => {
      window.focus();
      location.assign(href);
    });
  };

  button.addEventListener("click", async () => {
    localStorage.setItem(KEY, wanted() ? "off" : "on");
    paint();
    if (!wanted()) return;
    beep();
    if (!("Notification" in window)) return;
    if ((await Notification.requestPermission()) === "denied") toast(button.dataset.refused);
  });

  const lines = () => new Map([...panel.querySelectorAll("#pending a.line, #active a.line")].map((line) => [line.id, {
    unread: Number(line.dataset.unread), mark: line.dataset.mark, news: line.dataset.news, href: line.href,
    waits: line.closest("#pending") !== null, open: line.ariaCurrent !== null,
  }]));
  let known = lines();

  const compare = () => {
    const now = lines();
    for (const [id, line] of now) {
      const before = known.get(id);
      const came = before ? line.mark !== "" && line.mark !== before.mark : line.waits || line.mark !== "";
      const wrote = line.unread > (before?.unread ?? 0);
      const seen = line.open && !document.hidden;
      if (!line.news || seen || !(came || wrote)) continue;
      if (!document.hidden) toast(line.news, line.href);
      if (wanted() && (came || document.hidden)) beep();
      if (wanted() && document.hidden) notify(line.news, line.href, id);
    }
    known = now;
  };

  new MutationObserver(compare).observe(panel, { childList: true });
  paint();
})();
