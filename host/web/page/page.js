// The page: events in, panels out. Whatever an event says is put there as text, never as markup.
import { offer, set } from "./controls.js";
import { drawMap } from "./map.js";

const KEPT = 5000;
const at = (id) => document.getElementById(id);
const pad = (n) => String(n).padStart(2, "0");
const clock = (s) => `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(Math.floor(s) % 60)}`;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function append(list, item, kept = KEPT) {
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(item);
  while (list.children.length > kept) list.firstElementChild.remove();
  if (below) list.scrollTop = list.scrollHeight;
}

// --- captions ---------------------------------------------------------------------------------------------------

const search = at("search");

function matches(item) {
  return item.textContent.toLocaleLowerCase().includes(search.value.trim().toLocaleLowerCase());
}

function sieve() {
  const items = [...at("transcript").children];
  const found = items.filter((item) => !(item.hidden = !matches(item)));
  at("found").textContent = search.value.trim() ? `${found.length} of ${items.length}` : "";
}

function said(startS, className, speaker, text) {
  const item = element("li", undefined, className);
  item.append(element("time", clock(startS)));
  if (speaker) {
    const name = element("span", speaker, "speaker");
    name.dataset.speaker = speaker;
    item.append(name);
  }
  item.append(element("span", text));
  item.hidden = !matches(item);
  append(at("transcript"), item);
}

// --- navigation -------------------------------------------------------------------------------------------------

const way = { route: null, fix: null };

function drawn() {
  at("map").hidden = at("copyright").hidden = !way.route?.points.length;
  if (!at("map").hidden) drawMap(at("map"), way.route, way.fix);
}

const metres = (m) => (m >= 1000 ? `${(m / 1000).toFixed(1)} km` : `${Math.round(m)} m`);

// --- events -----------------------------------------------------------------------------------------------------

function message(event, className) {
  const item = element("li", event.message, className);
  if (event.hint) item.append(element("span", ` ${event.hint}`, "more"));
  append(at("message-list"), item, 200);
}

const SHOWN = {
  board(event) {
    const lists = ["transcript", "pairs", "price-list", "message-list", "console-list", "packet-list"];
    for (const id of lists) at(id).replaceChildren();
    at("partial").textContent = at("instruction").textContent = "";
    event.events.forEach(show);
    at("assistant-answer").textContent = ""; // an answer is for who asked
  },
  controls(event) {
    const panel = event.panel === "assistant" ? "assistant" : "controls";
    offer(at(`${panel}-list`), event.controls, { ask: (wanted) => { asked = panel; ask(wanted); }, give, download });
    at(panel).hidden = !event.controls.length;
    if (panel === "controls") at("insides").hidden = at(panel).hidden;
  },
  action: (event) => { at("assistant-answer").textContent = event.text; },
  set: (event) => set(at("controls-list"), event),
  partial: (event) => { at("partial").textContent = event.text; },
  sentence(event) {
    at("partial").textContent = "";
    said(event.start_s, "", event.speaker, event.text);
  },
  gap: (event) => said(event.start_s, "gap", "", `(${clock(event.end_s - event.start_s)} missing: ${event.reason})`),
  bookmark: (event) => said(event.start_s, "", "", "(bookmark)"),
  speaker_merged(event) {
    for (const name of at("transcript").querySelectorAll(".speaker")) {
      if (name.dataset.speaker === event.speaker) name.textContent = name.dataset.speaker = event.into;
    }
  },
  translation(event) {
    const row = element("tr");
    const target = element("td", event.target || `(${event.missing})`, event.uncertain ? "uncertain" : "");
    row.append(element("td", event.source), target);
    target.lang = event.to;
    append(at("pairs"), row);
  },
  price(event) {
    const item = element("li", event.text, event.accepted ? "" : "notice");
    for (const text of event.compared) item.append(element("div", text, "more"));
    append(at("price-list"), item, 200);
  },
  instruction(event) {
    at("instruction").textContent = `${metres(event.distance_m)}: ${event.text}`;
    at("left").textContent = `${metres(event.remaining_m)} and ${Math.ceil(event.remaining_s / 60)} min left`;
  },
  arrived(event) {
    at("instruction").textContent = `${event.destination}: you are there`;
    at("left").textContent = "";
  },
  route(event) { way.route = event; way.fix = null; drawn(); },
  reroute(event) {
    if (event.points?.length && way.route) way.route = { ...way.route, points: event.points };
    drawn();
  },
  fix(event) { way.fix = event; drawn(); },
  position(event) { if (event.message) message(event, "notice"); },
  battery: (event) => { at("battery").textContent = `${Math.round(event.percent)} %`; },
  link: (event) => { at("link").textContent = event.detail ? `${event.state}: ${event.detail}` : event.state; },
  notice: (event) => message(event, "notice"),
  error(event) {
    message(event, "error");
    if (event.code === "action") at("assistant-answer").textContent = event.message;
  },
  console: (event) => append(at("console-list"), element("li", event.text, event.kind), 500),
  packet(event) {
    const item = element("li", undefined, event.out ? "out" : "in");
    item.append(element("span", event.out ? "to the glasses" : "from the glasses", "direction"));
    item.append(element("span", `${event.size} B`, "more"), element("span", event.text));
    append(at("packet-list"), item, 500);
  },
  recording: (event) => answer(event.message),
  refused: (event) => answer(event.message),
  done(event) {
    if (asked === "controls") answer(`done: ${event.do.replaceAll("_", " ")}`); // an action tells itself what is done
  },
};

const PANELS = { translation: "translations", price: "prices", route: "navigation", instruction: "navigation" };

function show(event) {
  if (!Object.hasOwn(SHOWN, event.event)) return;
  if (Object.hasOwn(PANELS, event.event)) at(PANELS[event.event]).hidden = false; // before: so that it is announced
  SHOWN[event.event](event);
}

// --- the lens ---------------------------------------------------------------------------------------------------

function picture(blob) {
  const image = at("picture");
  const before = image.src;
  image.onload = () => { image.className = image.naturalWidth === image.naturalHeight ? "round" : ""; }; // Halo's
  image.src = URL.createObjectURL(blob);
  if (before) URL.revokeObjectURL(before);
  image.hidden = false;
  at("dark").hidden = true;
}

// --- the connection ---------------------------------------------------------------------------------------------

let socket = null;
let waitS = 1;
let opened = false;

let asked = "controls"; // the panel that was used last
const answer = (text) => { at(`${asked}-answer`).textContent = text; };
const here = () => `at/${sessionStorage.getItem("at") ?? "nowhere"}/`;

function ask(wanted) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wanted));
  else answer("the program is not there");
}

function watch() {
  ask({ watch: at("packets").open ? ["packets"] : [] });
}

async function give(what, file, mostBytes) {
  asked = "controls";
  if (!file) { answer("choose a file first"); return; }
  if (file.size > mostBytes) { answer(`${file.name} has more than ${mostBytes >> 20} MB`); return; }
  answer(`sending ${file.name}`);
  try {
    const got = await fetch(`${here()}take/${what}?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    const text = await got.text();
    answer((got.ok ? JSON.parse(text).message : text) || `${file.name}: taken`);
  } catch (error) {
    answer(`${file.name} could not be sent`);
  }
}

async function download(path) {
  asked = "controls";
  const got = await fetch(`${here()}${path}`, { method: "POST" });
  if (got.status !== 200) { answer((await got.text()) || "nothing was recorded yet"); return; }
  const link = element("a");
  link.href = URL.createObjectURL(await got.blob());
  link.download = "sidelight-link.jsonl";
  link.click();
  URL.revokeObjectURL(link.href);
  answer("the recording was saved");
}

function connect() {
  socket = new WebSocket(`${location.origin.replace("http", "ws")}/${here()}events`);
  socket.binaryType = "blob";
  socket.onopen = () => {
    waitS = 1;
    opened = true;
    at("connection").textContent = "live";
    watch();
  };
  socket.onmessage = ({ data }) => (data instanceof Blob ? picture(data) : show(JSON.parse(data)));
  socket.onclose = () => {
    at("connection").textContent = opened
      ? "the program is not there; trying again"
      : "open the address that the program printed; trying again";
    setTimeout(connect, waitS * 1000);
    waitS = Math.min(waitS * 2, 30);
  };
}

async function start() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    history.replaceState(null, "", location.pathname);
    const got = await fetch("session", { method: "POST", body: JSON.stringify({ token }) });
    if (!got.ok) {
      at("connection").textContent = await got.text();
      return;
    }
    sessionStorage.setItem("at", (await got.json()).at);
  }
  connect();
}

search.addEventListener("input", sieve);
at("packets").addEventListener("toggle", watch);
start();
