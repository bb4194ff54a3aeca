"use strict";
/** The page: draws the marks where they were clicked, and says who keeps them. */
const SVG = "http://www.w3.org/2000/svg";
const TINTS = ["#0f5c70", "#c2553f", "#3c7d54", "#8a5a9e", "#b87a14", "#3d6bb3"];
const POLL_MS = 1_000;
const NOTE_MS = 4_000;
/** Room that a mark needs around the point that was clicked. */
const MARGIN = 40;

const byId = (id) => document.getElementById(id);
const board = byId("board");
const marks = byId("marks");
const note = byId("note");

let known = [];
let awaySince;
let noteTimer;

async function get(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(2_000) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

function markElement(mark, number) {
  const [x, y] = mark.split(":");
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", "mark");
  group.setAttribute("transform", `translate(${x} ${y})`);
  group.style.setProperty("--tint", TINTS[(number - 1) % TINTS.length]);
  const ferry = document.createElementNS(SVG, "use");
  ferry.setAttribute("href", "#ferry");
  const label = document.createElementNS(SVG, "text");
  label.setAttribute("y", "30");
  label.textContent = number;
  const title = document.createElementNS(SVG, "title");
  title.textContent = `mark ${number} at ${mark}`;
  group.append(title, ferry, label);
  return group;
}

function draw(next) {
  // Marks are only ever added, so mostly there is nothing to do or one element to add.
  const same = known.every((mark, i) => mark === next[i]);
  if (!same || marks.childElementCount !== known.length) {
    marks.replaceChildren();
    known = [];
  }
  next.slice(known.length).forEach((mark, i) => {
    marks.append(markElement(mark, known.length + i + 1));
  });
  known = next;
  byId("count").textContent = next.length === 1 ? "1 mark" : `${next.length} marks`;
  fitBoard();
}

/** A mark from a larger window is reached by scrolling; that the board fills this one is the style sheet's part. */
function fitBoard() {
  const points = known.map((mark) => mark.split(":").map(Number));
  const reach = (axis) => points.reduce((most, point) => Math.max(most, point[axis] + MARGIN), 0);
  board.setAttribute("width", reach(0));
  board.setAttribute("height", reach(1));
}

function show(state, text, detail) {
  document.body.dataset.state = state;
  byId("state").textContent = text;
  byId("detail").textContent = detail;
}

const seconds = (milliseconds) => `${(milliseconds / 1_000).toFixed(1)} s`;

function showThere(redis) {
  awaySince = undefined;
  const { address, host, port, lastAbsenceMs } = redis;
  const name = host === address ? "" : `${host}, `;
  const absence = lastAbsenceMs === null ? "" : ` · was away for ${seconds(lastAbsenceMs)}`;
  show("there", `redis answers at ${address}`, `${name}port ${port}${absence}`);
}

function showAway(who, detail) {
  awaySince ??= Date.now();
  show("away", `${who} is away`, `${detail} · ${seconds(Date.now() - awaySince)}`);
}

async function poll() {
  try {
    const { connected } = await get("/v1/ping");
    const redis = await get("/v1/redis");
    if (connected && redis.address !== null) {
      draw(await get("/v1/whales"));
      showThere(redis);
    } else {
      showAway("redis", "looking for it again");
    }
  } catch {
    showAway("the application", "trying again");
  }
}

function tell(text) {
  note.textContent = text;
  note.hidden = false;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => (note.hidden = true), NOTE_MS);
}

async function add(mark) {
  const pending = markElement(mark, known.length + 1);
  pending.classList.add("pending");
  board.append(pending);
  try {
    const response = await fetch("/v1/whales", { method: "POST", body: mark });
    if (!response.ok) tell(await response.text());
    else draw(await get("/v1/whales"));
  } catch {
    tell("The application did not answer. It is not known whether this was saved.");
  } finally {
    pending.remove();
  }
}

board.addEventListener("click", (event) => {
  const { left, top } = board.getBoundingClientRect();
  void add(`${Math.round(event.clientX - left)}:${Math.round(event.clientY - top)}`);
});

async function pollForever() {
  for (;;) {
    await poll();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

void pollForever();
