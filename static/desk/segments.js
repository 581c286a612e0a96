// Counts the SMS segments of what is being typed, by the alphabet and the limits that the page carries.
"use strict";
(() => {
  const shown = document.getElementById("segments");
  const message = document.getElementById("message");
  if (!shown || !message) return;
  const basic = new Set(shown.dataset.basic);
  const extension = new Set(shown.dataset.extension);
  const [gsmAlone, gsmPart, ucs2Alone, ucs2Part] = shown.dataset.limits.split(" ").map(Number);

  const count = (text) => {
    const characters = [...text];
    const forcedBy = characters.find((one) => !basic.has(one) && !extension.has(one)) ?? "";
    const widths = characters.map((one) => (forcedBy ? one.length : extension.has(one) ? 2 : 1));
    const units = widths.reduce((sum, width) => sum + width, 0);
    const [alone, part] = forcedBy ? [ucs2Alone, ucs2Part] : [gsmAlone, gsmPart];
    if (units <= alone) return { count: 1, used: units, room: alone, forcedBy };
    let segments = 1;
    let used = 0;
    for (const width of widths) {
      if (used + width > part) {
        segments += 1;
        used = 0;
      }
      used += width;
    }
    return { count: segments, used, room: part, forcedBy };
  };

  const follow = () => {
    const found = count(message.value.trim());
    const words = shown.dataset.words
      .replace("{n}", found.count).replace("{used}", found.used).replace("{room}", found.room);
    const because = shown.dataset.because.replace("{character}", found.forcedBy);
    shown.textContent = found.forcedBy ? `${words} · ${because}` : words;
    shown.classList.toggle("amber", found.count > 1);
  };

  message.addEventListener("input", follow);
  message.addEventListener("desk:written", follow);
  follow();
})();
