// Tables that sort, the choice of the metric, and the way from a track's name to its player.

const compare = (one, other) => {
  const [a, b] = [one, other].map((cell) => cell.dataset.value ?? cell.textContent);
  if (one.dataset.value === undefined) return a.localeCompare(b, undefined, { numeric: true });
  return Number(a) - Number(b);
};

// What could not be measured comes last, whichever way the rest goes.
const sortTable = (table, column, order) => {
  const body = table.tBodies[0];
  const sign = order === "ascending" ? 1 : -1;
  const rows = [...body.rows].sort((one, other) => {
    const [a, b] = [one.cells[column], other.cells[column]];
    const [none, noneToo] = [a.dataset.value === "", b.dataset.value === ""];
    return none || noneToo ? none - noneToo : sign * compare(a, b);
  });
  body.append(...rows);
  for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
  table.tHead.rows[0].cells[column].setAttribute("aria-sort", order);
};

const makeSortable = (table) => {
  for (const sorter of table.querySelectorAll("thead button")) {
    const head = sorter.parentElement;
    sorter.addEventListener("click", () => {
      const first = sorter.dataset.first;
      const other = first === "ascending" ? "descending" : "ascending";
      sortTable(table, head.cellIndex, head.getAttribute("aria-sort") === first ? other : first);
    });
  }
};

const listenToTabs = (tabs, chosen) => {
  const choose = (tab) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
    chosen(tab.dataset.metric);
  };
  tabs.forEach((tab, place) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  });
};

const linkTracks = (sections) => {
  const anchors = new Map(sections.map((section) => [section.dataset.track, section.id]));
  for (const head of document.querySelectorAll("th[data-track]")) {
    const anchor = anchors.get(head.dataset.track);
    if (anchor) head.replaceChildren(make("a", { href: `#${anchor}`, title: "Listen to it" }, head.textContent));
  }
};
