// The panel of faults: draws the switches that the simulator describes, and sets them.
const PRESETS = [
  ["All well", "Every switch as at the start.", null],
  ["Slow", "Answers take 800 ms.", { latency_ms: 800 }],
  ["Too fast for Wavy", "A third of the sends is told to slow down.", { answers: { 420: 0.25, 429: 0.1 } }],
  ["Bad night", "Errors, broken connections and answers that come too late.",
    { answers: { 500: 0.1, 502: 0.03, 503: 0.05 }, reset_after: 0.03, late_answers: 0.02, latency_ms: 200 }],
  ["Callbacks in disorder", "They come twice, late, out of order, and a few not at all.",
    { duplicated: 0.3, shuffled: 0.5, late: 0.2, lost: 0.03 }],
  ["Wrong password", "Every send is answered 401.", { answers: { 401: 1 } }],
];

const panel = document.getElementById("switches");
const problem = document.getElementById("faults-problem");

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function percent(share) {
  return Math.round(share * 10000) / 100;
}

async function send(method, body) {
  problem.hidden = true;
  const answer = await fetch("/control/faults", { method, body: body && JSON.stringify(body) });
  if (!answer.ok) {
    problem.textContent = (await answer.json()).errorMessage;
    problem.hidden = false;
  }
  await draw();
}

function numberBox(value, highest, step, change) {
  const box = make("input");
  Object.assign(box, { type: "number", min: 0, max: highest, step, value });
  box.addEventListener("change", () => change(Number(box.value)));
  return box;
}

function simpleBox(each, set) {
  if (each.kind === "share") return numberBox(percent(each.value), 100, "any", (value) => set(value / 100));
  if (each.kind === "number") return numberBox(each.value, each.highest, 1, set);
  if (each.kind === "choice") {
    const box = make("select");
    box.append(...each.choices.map((choice) => new Option(choice, choice, false, choice === each.value)));
    box.addEventListener("change", () => set(box.value));
    return box;
  }
  const box = make("input");
  box.type = each.kind === "yes" ? "checkbox" : "text";
  if (each.kind === "yes") box.checked = each.value;
  else box.value = each.value;
  box.addEventListener("change", () => set(each.kind === "yes" ? box.checked : box.value));
  return box;
}

function codes(each, set) {
  const grid = make("div", "codes");
  const known = new Set([...Object.keys(each.suggestions), ...Object.keys(each.value)]);
  known.forEach((code) => {
    const label = make("label", each.value[code] ? "set" : "");
    label.append(make("b", "", code), make("span", "", each.suggestions[code] || "a code of your own"));
    const box = numberBox(percent(each.value[code] || 0), 100, "any", (value) => set({ ...each.value, [code]: value / 100 }));
    box.id = `switch-${each.name}-${code}`;
    box.setAttribute("aria-label", `${each.label}: ${code} ${each.suggestions[code] || ""}, per cent`);
    label.append(box, "%");
    grid.append(label);
  });
  return grid;
}

function row(each) {
  const changed = JSON.stringify(each.value) !== JSON.stringify(each.default);
  const box = make("div", changed ? "switch set" : "switch");
  const set = (value) => send("PUT", { [each.name]: value });
  if (each.kind === "shares") {
    box.append(make("strong", "name", each.label), make("p", "words", each.words), codes(each, set));
    return box;
  }
  const input = simpleBox(each, set);
  input.id = "switch-" + each.name;
  input.setAttribute("aria-describedby", input.id + "-words");
  const label = make("label", "name", each.label);
  label.htmlFor = input.id;
  const value = make("span", "value");
  value.append(input);
  if (each.kind === "share") value.append("%");
  else if (each.unit) value.append(each.unit);
  const words = make("p", "words", each.words);
  words.id = input.id + "-words";
  box.append(label, value, words);
  return box;
}

async function draw() {
  const focused = document.activeElement?.id;
  const board = await (await fetch("/control/switches")).json();
  const groups = new Map();
  board.switches.forEach((each) => {
    if (!groups.has(each.group)) {
      const group = make("fieldset");
      group.append(make("legend", "", each.group));
      groups.set(each.group, group);
    }
    groups.get(each.group).append(row(each));
  });
  panel.replaceChildren(...groups.values());
  if (focused) document.getElementById(focused)?.focus();
  const count = board.switches.filter((each) => JSON.stringify(each.value) !== JSON.stringify(each.default)).length;
  const state = document.getElementById("faults-state");
  state.textContent = count ? `${count} changed` : "all well";
  state.className = count ? "state faulty" : "state well";
}

document.getElementById("presets").append(...PRESETS.map(([label, words, values]) => {
  const button = make("button", "", label);
  button.type = "button";
  button.append(make("small", "", words));
  button.addEventListener("click", async () => {
    await send("DELETE");
    if (values) await send("PUT", values);
  });
  return button;
}));
document.getElementById("faults").addEventListener("toggle", draw);
await draw();
