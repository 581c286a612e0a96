// A week as text and as minutes: `mon,tue;09:00-17:59`, one line for each set of days, the end minute included.
// Global `weekText`: read(text) gives the open minutes of the week, or null; write(minutes) gives the text.
const weekText = (() => {
  const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const DAY = 1440;
  const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
  const NEVER = "never"; // what the server refuses: an empty schedule is always open

  const spanOf = (text) => {
    const found = SPAN.exec(text.trim());
    if (!found) return null;
    const [start, end] = [Number(found[1]) * 60 + Number(found[2]), Number(found[3]) * 60 + Number(found[4])];
    return [start, (end >= start ? end : end + DAY) + 1];
  };

  const read = (text) => {
    const open = new Uint8Array(7 * DAY);
    const entries = text.toLowerCase().split(/[\n|]/).map((part) => part.trim()).filter(Boolean);
    if (!entries.length) return open.fill(1);
    if (entries.join() === NEVER) return open;
    for (const entry of entries) {
      const at = entry.indexOf(";");
      if (at < 0) return null;
      const spans = entry.slice(at + 1).split(",").map(spanOf);
      for (const day of entry.slice(0, at).split(",")) {
        const first = DAYS.indexOf(day.trim()) * DAY;
        if (first < 0 || spans.includes(null)) return null;
        for (const [start, end] of spans) for (let m = start; m < end; m += 1) open[(first + m) % open.length] = 1;
      }
    }
    return open;
  };

  const runsOf = (open, day) => {
    const runs = [];
    for (let minute = 0; minute < DAY; minute += 1) {
      if (!open[day * DAY + minute]) continue;
      const last = runs.at(-1);
      if (last && last[1] === minute) last[1] += 1;
      else runs.push([minute, minute + 1]);
    }
    return runs;
  };

  // What is open past midnight stays one span where the text can say so: it ends before it began.
  const acrossMidnight = (week) => week.forEach((runs, day) => {
    const evening = runs.at(-1);
    const next = week[(day + 1) % 7];
    if (evening && evening[1] === DAY && next.length && next[0][0] === 0 && next[0][1] <= evening[0]) {
      evening[1] = DAY + next.shift()[1];
    }
  });

  const clock = (minute) => {
    const [hours, minutes] = [Math.floor((minute % DAY) / 60), minute % 60];
    return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
  };

  const write = (open) => {
    const week = DAYS.map((_name, day) => runsOf(open, day));
    acrossMidnight(week);
    const lines = new Map();
    week.forEach((runs, day) => {
      if (!runs.length) return;
      const hours = runs.map(([start, end]) => `${clock(start)}-${clock(end - 1)}`).join(",");
      lines.set(hours, [...(lines.get(hours) || []), DAYS[day]]);
    });
    return [...lines].map(([hours, days]) => `${days.join(",")};${hours}`).join("\n") || NEVER;
  };

  return { DAY, read, write, clock };
})();
