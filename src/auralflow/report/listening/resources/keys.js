// The keyboard: one hand drives the player that was used last, or the first that is in sight.

const KEYS = {
  " ": (player) => void player.toggle(),
  ArrowLeft: (player, event) => player.seek(player.position - (event.shiftKey ? 0.1 : 1)),
  ArrowRight: (player, event) => player.seek(player.position + (event.shiftKey ? 0.1 : 1)),
  ArrowUp: (player) => stepVersion(player, -1),
  ArrowDown: (player) => stepVersion(player, 1),
  Home: (player) => player.seek(player.listening.region?.start ?? 0),
  Escape: (player) => player.listening.setRegion(null),
  a: (player) => player.listening.all(),
  d: (player) => player.listening.toggleDifference(),
  i: (player) => setLoopEdge(player, "start"),
  l: (player) => player.listening.toggleRepeat(),
  m: (player) => player.listening.toggleMute(player.listening.target),
  o: (player) => setLoopEdge(player, "end"),
  s: (player) => player.listening.toggleSolo(player.listening.target),
  t: (player) => nextStem(player),
};

const stepVersion = (player, step) => {
  player.listening.select(player.listening.version + step);
  if (document.activeElement?.getAttribute("role") === "radio") player.lanes.focusChosen();
};

const nextStem = ({ listening }) => {
  const { targets } = listening.data;
  listening.only(targets[(targets.indexOf(listening.target) + 1) % targets.length]);
};

const setLoopEdge = (player, edge) => {
  const whole = { start: 0, end: player.seconds };
  const region = { ...(player.listening.region ?? whole), [edge]: player.position };
  if (region.end - region.start >= 0.05) player.listening.setRegion(region);
};

const playerInSight = (players) =>
  players.find((player) => {
    const { top, bottom } = player.section.getBoundingClientRect();
    return bottom > 100 && top < innerHeight - 100;
  });

// A control that was reached by keyboard keeps the keys it understands; after a click on it they are the player's.
const keepsKey = (element, key) => {
  if (element.closest("input, select, textarea")) return key.startsWith("Arrow") || key === "Home";
  if (element.closest('[role="tab"], summary')) return true;
  const scrolls = element.closest(".scroll");
  if (scrolls) return key.startsWith("Arrow") || key === " " || key === "Home";
  const pushed = element.closest("button, a");
  return Boolean(pushed) && key === " " && pushed.getAttribute("aria-checked") !== "true" && pushed.matches(":focus-visible");
};

const listenToKeys = (players) => {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (keepsKey(event.target, key)) return;
    const player = Player.active ?? playerInSight(players());
    if (!player) return;
    const digit = "1234567890".indexOf(key);
    if (digit >= 0) player.listening.select(digit);
    else if (Object.hasOwn(KEYS, key)) KEYS[key](player, event);
    else return;
    Player.active = player;
    event.preventDefault();
  });
};
