// The list of phones and the chat: polls the simulator and draws what has changed.
const EVERY_MS = 1000;
const QUICK = ["Yes", "No", "Can I change the time?", "Who is this?", "STOP"];
const KINDS = [["image", "Picture"], ["location", "Location"], ["contacts", "Contact"], ["audio", "Voice"], ["video", "Video"], ["document", "Document"], ["sticker", "Sticker"]];

const find = (id) => document.getElementById(id);
const chat = find("chat");
const drafts = new Map();
const asked = new URLSearchParams(location.search);
const here = { number: digits(asked.get("number") || ""), origin: asked.get("origin") || "", revision: "", find: "" };

function digits(text) {
  return text.replace(/\D/g, "");
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function address(number, origin) {
  return "/phone/?" + new URLSearchParams({ number, origin });
}

function pretty(number) {
  return "+" + number;
}

// *Bold* as customers see it; everything else stays text.
function words(text) {
  const box = make("div", "words");
  text.split(/(\*[^*\n]+\*)/).forEach((part) => {
    box.append(/^\*[^*\n]+\*$/.test(part) ? make("strong", "", part.slice(1, -1)) : part);
  });
  return box;
}

function atEnd() {
  return chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
}

function toEnd() {
  chat.scrollTop = chat.scrollHeight;
}

function media(turn) {
  if (turn.kind === "image") {
    const image = make("img");
    image.src = turn.url;
    image.alt = turn.text || "Picture";
    const near = atEnd();
    image.addEventListener("load", () => near && toEnd());
    return image;
  }
  if (turn.kind === "audio") {
    const audio = make("audio");
    audio.controls = true;
    audio.src = turn.url;
    return audio;
  }
  if (turn.kind === "video") {
    const video = make("video");
    video.controls = true;
    video.src = turn.url;
    return video;
  }
  const link = make("a", "", "Document");
  link.href = turn.url;
  return link;
}

function choices(turn) {
  const box = make("div", "choices");
  turn.buttons.forEach((button) => {
    const element = make("button", "", button.title);
    element.type = "button";
    element.addEventListener("click", () => {
      const interactive = button.kind === "row"
        ? { type: "LIST_REPLY", listReply: { rowIdentifier: button.payload, rowTitle: button.title } }
        : { type: "BUTTON_REPLY", buttonReply: { payload: button.payload, title: button.title } };
      const message = { messageText: button.title, interactive };
      if (button.kind !== "row") message.type = "BUTTON";
      say({ message, answers: turn.correlationId });
    });
    box.append(element);
  });
  return box;
}

function bubble(turn) {
  const box = make("article", turn.mine ? "bubble mine" : "bubble");
  box.dataset.id = turn.id;
  box.append(make("span", "visually-hidden", turn.mine ? "You:" : "Business:"));
  if (turn.url) box.append(media(turn));
  if (turn.kind === "location") box.append(make("div", "foot", "Location"));
  if (turn.kind === "contacts") box.append(make("div", "foot", "Contact"));
  if (turn.text) box.append(words(turn.text));
  if (turn.footer) box.append(make("div", "foot", turn.footer));
  const meta = make("div", "meta");
  if (turn.sms) meta.append(make("span", "", "SMS"));
  if (turn.code) meta.append(make("span", "", turn.code));
  const when = make("time", "", clock(turn.at));
  when.dateTime = new Date(turn.at).toISOString();
  when.title = new Date(turn.at).toLocaleString();
  meta.append(when);
  box.append(meta);
  if (turn.buttons) box.append(choices(turn));
  return box;
}

function dayOf(turn) {
  return new Date(turn.at).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

function drawChat(turns) {
  const near = atEnd();
  const known = new Set([...chat.querySelectorAll(".bubble")].map((each) => each.dataset.id));
  if (!turns.length || !turns.some((turn) => known.has(turn.id))) chat.replaceChildren();
  let day = chat.querySelector(".day:last-of-type")?.textContent;
  let fresh = false;
  turns.forEach((turn) => {
    if (known.has(turn.id) && chat.childElementCount) {
      day = dayOf(turn);
      return;
    }
    if (dayOf(turn) !== day || !chat.childElementCount) chat.append(make("span", "day", dayOf(turn)));
    day = dayOf(turn);
    chat.append(bubble(turn));
    fresh = true;
  });
  if (!turns.length) chat.append(make("p", "hint", here.number ? "Nothing yet. A customer may write first." : "Choose a phone, or enter a number and write first."));
  if (fresh && (near || !known.size)) toEnd();
}

function drawHead(phone) {
  const name = phone ? phone.name : here.number ? "New customer" : "No phone chosen";
  find("who").textContent = name;
  find("who-number").textContent = here.number ? `${pretty(phone?.number || here.number)} → ${pretty(here.origin)}` : "";
  find("avatar").textContent = here.number ? name[0] : "?";
  const badge = find("window");
  badge.textContent = !here.number ? "" : phone?.open ? "24 hours open" : "24 hours closed";
  badge.className = phone?.open ? "window open" : "window closed";
  document.title = here.number ? `${name} ${pretty(here.number)}` : "Customers’ phones";
  document.querySelectorAll("#composer button, #composer textarea, #quick button").forEach((each) => {
    each.disabled = !here.number;
  });
  find("desk").classList.toggle("chatting", Boolean(here.number));
}

function line(phone, several) {
  const item = make("li");
  const link = make("a", "line");
  link.href = address(phone.number, phone.origin);
  const chosen = phone.number === here.number && phone.origin === here.origin;
  if (chosen) link.setAttribute("aria-current", "true");
  const avatar = make("span", "avatar", phone.name[0]);
  avatar.setAttribute("aria-hidden", "true");
  link.append(avatar, make("span", "name", pretty(phone.number)), make("span", "when", phone.at ? clock(phone.at) : ""));
  link.append(make("span", "last", `${phone.name}${several ? " → …" + phone.origin.slice(-4) : ""} · ${phone.last.replace(/\s+/g, " ")}`));
  if (phone.unread && !chosen) {
    const dot = make("span", "unread", phone.unread);
    dot.append(make("span", "visually-hidden", " unread"));
    link.append(dot);
  }
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(phone.number, phone.origin);
  });
  item.append(link);
  return item;
}

function drawPhones(news) {
  const focused = document.activeElement?.closest?.(".line")?.getAttribute("href");
  const several = news.origins.length > 1;
  find("phones").replaceChildren(...news.phones.map((phone) => line(phone, several)));
  if (focused) document.querySelector(`.line[href="${CSS.escape(focused)}"]`)?.focus();
  find("no-phones").hidden = news.total > 0;
  const more = news.total - news.phones.length;
  find("more").hidden = more <= 0;
  find("more").textContent = here.find ? `${news.phones.length} of ${news.total} phones match.` : `And ${more} more; enter a part of the number above.`;
}

function drawOrigins(origins) {
  const box = find("origin");
  if (!here.origin) here.origin = origins[0];
  if (!origins.includes(here.origin)) origins = [...origins, here.origin];
  find("origin-line").hidden = origins.length < 2;
  if ([...box.options].map((each) => each.value).join() !== origins.join()) {
    box.replaceChildren(...origins.map((each) => new Option(pretty(each), each)));
  }
  box.value = here.origin;
}

function drawCallbacks(state) {
  const parts = [`Callbacks: ${state.items.toLocaleString()} delivered`];
  if (state.pending) parts.push(`${state.pending.toLocaleString()} waiting`);
  if (state.given_up) parts.push(`${state.given_up.toLocaleString()} given up`);
  if (!state.url) parts.push("no callback URL is set yet");
  find("callbacks").textContent = parts.join(" · ");
}

async function poll() {
  const query = new URLSearchParams({ ...here, seen: document.hidden ? "0" : "1" });
  let news;
  try {
    const answer = await fetch("/phone/news?" + query);
    if (!answer.ok) throw new Error(String(answer.status));
    news = await answer.json();
  } catch {
    find("callbacks").textContent = "The simulator does not answer. Trying again…";
    return;
  }
  drawCallbacks(news.callbacks);
  if (!news.phones) return;
  if (query.get("number") !== here.number || (query.get("origin") && query.get("origin") !== here.origin)) return;
  here.revision = news.revision;
  drawOrigins(news.origins);
  if (news.phone) here.number = news.phone.number;
  drawPhones(news);
  drawHead(news.phone);
  drawChat(news.phone ? news.phone.chat : []);
}

function go(number, origin, keep = true) {
  drafts.set(here.number + here.origin, find("message").value);
  Object.assign(here, { number, origin: origin || here.origin, revision: "" });
  find("message").value = drafts.get(here.number + here.origin) || "";
  if (keep) history.pushState({}, "", number ? address(number, here.origin) : "/phone/");
  chat.replaceChildren();
  drawHead(null);
  poll();
}

async function say(what) {
  const problem = find("problem");
  problem.hidden = true;
  try {
    const body = JSON.stringify({ source: here.number, origin: here.origin, ...what });
    const answer = await fetch("/control/say", { method: "POST", body });
    if (!answer.ok) throw new Error((await answer.json()).errorMessage);
  } catch (error) {
    problem.textContent = `Not sent: ${error.message}`;
    problem.hidden = false;
    return false;
  }
  await poll();
  toEnd();
  return true;
}

function quickButton(text, what) {
  const button = make("button", "", text);
  button.type = "button";
  button.addEventListener("click", () => say(what));
  return button;
}

find("quick").append(...QUICK.map((text) => quickButton(text, { text })), ...KINDS.map(([kind, text]) => quickButton(text, { kind })));

find("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const box = find("message");
  const text = box.value.trim();
  if (!text || !here.number) return;
  box.value = "";
  if (!(await say({ text }))) box.value = [text, box.value].filter(Boolean).join("\n"); // more may be typed by now
  box.focus();
});

find("message").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    find("composer").requestSubmit();
  }
});

find("find-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = digits(find("find").value);
  if (number) {
    find("find").value = "";
    here.find = "";
    go(number, here.origin);
    find("message").focus();
  }
});

find("find").addEventListener("input", () => {
  here.find = digits(find("find").value);
  here.revision = "";
  poll();
});

find("origin").addEventListener("change", () => go(here.number, find("origin").value));
find("back").addEventListener("click", (event) => {
  event.preventDefault();
  go("", here.origin);
});
addEventListener("popstate", () => {
  const now = new URLSearchParams(location.search);
  go(digits(now.get("number") || ""), now.get("origin") || "", false);
});
document.addEventListener("visibilitychange", () => {
  here.revision = "";
  poll();
});

drawHead(null);
await poll();
setInterval(poll, EVERY_MS);
