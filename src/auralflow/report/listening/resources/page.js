// The page: players are made when they come near the window, since their data is large.

const HELP = [
  ["space", "play or pause"], ["1 … 9", "version"], ["↑ ↓", "previous or next version"], ["← →", "one second back or on; with shift a tenth"],
  ["T", "next stem"], ["A", "all stems"], ["S", "solo"], ["M", "mute"], ["D", "difference"], ["L", "loop"],
  ["I  O", "loop from here, to here"], ["Esc", "loop the whole excerpt"], ["Home", "to the beginning"],
];

const sections = [...document.querySelectorAll("section.track")];
const players = new Map();
let metric = document.querySelector('[role="tab"]')?.dataset.metric;

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      players.set(target, new Player(target, () => metric));
    }
  },
  { rootMargin: "600px" },
);
for (const section of sections) near.observe(section);

if (sections.length) {
  const help = HELP.map(([keys, words]) => make("div", {}, make("kbd", {}, keys), ` ${words}`));
  sections[0].before(make("details", { class: "help" }, make("summary", {}, "Keyboard"), ...help));
}
document.querySelectorAll("table.sortable").forEach(makeSortable);
listenToTabs([...document.querySelectorAll('[role="tab"]')], (chosen) => {
  metric = chosen;
  for (const player of players.values()) player.show();
});
linkTracks(sections);
listenToKeys(() => sections.map((section) => players.get(section)).filter(Boolean));
