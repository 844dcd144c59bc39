// One lane for each version: its name, its number and its spectrogram, below one another on one axis of time.

const DRAG_PIXELS = 4;
const FREQUENCIES = [100, 1000, 10000];

class Lanes {
  constructor(listening, { seek, metric }) {
    this.listening = listening;
    this.seek = seek;
    this.metric = metric;
    this.pictures = new Map();
    this.lanes = listening.versions.map((version, place) => this.#lane(version, place));
    this.legend = make("div", { class: "legend" });
    this.element = make(
      "div",
      { class: "lanes", role: "radiogroup", "aria-label": "Version that is heard" },
      ...this.lanes.map((lane) => lane.element),
    );
    this.axis = make("div", { class: "times", "aria-hidden": "true" }, ...this.#ticks());
  }

  #lane(version, place) {
    const canvas = make("canvas");
    const missing = make("span", { class: "missing" });
    const score = make("span", { class: "score" });
    const key = place < 9 ? make("kbd", {}, String(place + 1)) : "";
    const dot = version.kind === "model" ? make("span", { class: `dot c${version.colour}` }) : "";
    const radio = button([key, dot, make("span", { class: "name", title: version.name }, version.name), score], () => this.listening.select(place), {
      class: "version", role: "radio",
    });
    const { lowest, top } = this.listening.data;
    const marks = FREQUENCIES.filter((hertz) => hertz > lowest * 1.2 && hertz < top * 0.95).map((hertz) =>
      make("span", { style: `--height:${100 * Math.log(hertz / lowest) / Math.log(top / lowest)}` }, hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz`),
    );
    const view = make("div", { class: "view" }, canvas, missing, make("div", { class: "hertz", "aria-hidden": "true" }, ...marks),
      make("div", { class: "loop" }), make("div", { class: "cursor" }));
    this.#listenToPointer(view, place);
    return { element: make("div", { class: "lane" }, radio, view), radio, canvas, missing, score, version };
  }

  // A click goes there and hears that version; a drag makes a loop.
  #listenToPointer(view, place) {
    const { data } = this.listening;
    const seconds = data.samples / data.rate;
    const timeAt = (event) => {
      const box = view.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * seconds;
    };
    let from = null;
    view.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = { x: event.clientX, time: timeAt(event), region: this.listening.region };
      view.setPointerCapture(event.pointerId);
    });
    view.addEventListener("pointermove", (event) => {
      if (!from || Math.abs(event.clientX - from.x) < DRAG_PIXELS) return;
      const times = [from.time, timeAt(event)].sort((one, other) => one - other);
      this.preview(times);
    });
    const end = (event) => {
      if (!from) return;
      const times = [from.time, timeAt(event)].sort((one, other) => one - other);
      const dragged = Math.abs(event.clientX - from.x) >= DRAG_PIXELS;
      from = null;
      if (event.type === "pointercancel") this.update();
      else if (dragged) this.listening.setRegion({ start: times[0], end: times[1] });
      else {
        this.listening.select(place);
        this.seek(times[0]);
      }
    };
    view.addEventListener("pointerup", end);
    view.addEventListener("pointercancel", end);
  }

  #ticks() {
    const { samples, rate, start } = this.listening.data;
    const seconds = samples / rate;
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60].find((size) => seconds / size <= 8) ?? 120;
    const ticks = [];
    for (let time = Math.ceil(start / step) * step; time <= start + seconds + 1e-6; time += step) {
      const words = step < 1 ? clockTime(time) : clockTime(time + 0.05).slice(0, -2);
      ticks.push(make("span", { style: `left:${100 * (time - start) / seconds}%` }, words));
    }
    return ticks;
  }

  preview([start, end]) {
    const seconds = this.listening.data.samples / this.listening.data.rate;
    this.element.style.setProperty("--loop-start", start / seconds);
    this.element.style.setProperty("--loop-end", end / seconds);
    this.element.classList.add("looping");
  }

  #picture(stem) {
    if (!this.pictures.has(stem)) this.pictures.set(stem, unpackLevels(stem.levels, this.listening.data.rows));
    return this.pictures.get(stem);
  }

  async #draw(lane) {
    const { listening } = this;
    const stem = listening.seen(lane.version);
    const differs = listening.showsDifference(lane.version);
    const wanted = `${listening.target} ${differs} ${darkTheme.matches}`;
    if (lane.drawn === wanted) return;
    lane.drawn = wanted;
    lane.missing.textContent = stem ? "" : `no ${listening.target}`;
    lane.canvas.hidden = !stem;
    if (!stem) return;
    const picture = await this.#picture(stem);
    const truth = differs ? await this.#picture(listening.data.truth[listening.target]) : null;
    if (lane.drawn !== wanted) return;
    if (truth) paintDifference(lane.canvas, picture, truth, listening.data.range);
    else paintLevels(lane.canvas, picture);
  }

  #number(lane) {
    if (lane.version.kind !== "model") return "";
    return this.listening.data.scores[this.metric()]?.[this.listening.target]?.[lane.version.name] ?? "";
  }

  #drawLegend() {
    const { listening } = this;
    const differs = listening.versions.some((version) => listening.showsDifference(version));
    const [words, colours, low, high] = differs
      ? [`Models: |estimate| − |truth|, ${listening.target}`, differenceColours(), `−${DIFFERENCE_DB} dB missing`, `+${DIFFERENCE_DB} dB added`]
      : [`Level, ${listening.target}`, LEVEL_COLOURS, `−${listening.data.range} dB`, "0 dB, loudest"];
    const ramp = make("span", { class: "ramp" });
    ramp.style.backgroundImage = gradient(colours);
    this.legend.replaceChildren(make("span", {}, words), make("span", { class: "scale" }, low, ramp, high));
  }

  update() {
    const { listening } = this;
    this.lanes.forEach((lane, place) => {
      const chosen = place === listening.version;
      lane.element.classList.toggle("chosen", chosen);
      lane.radio.setAttribute("aria-checked", String(chosen));
      lane.radio.tabIndex = chosen ? 0 : -1;
      lane.score.textContent = this.#number(lane);
      lane.radio.setAttribute("aria-label", [lane.version.name, lane.score.textContent].filter(Boolean).join(", "));
      void this.#draw(lane);
    });
    if (listening.region) this.preview([listening.region.start, listening.region.end]);
    this.element.classList.toggle("looping", Boolean(listening.region));
    this.element.classList.toggle("resting", !listening.repeat);
    this.#drawLegend();
  }

  moveTo(share) {
    this.element.style.setProperty("--position", share);
  }

  focusChosen() {
    this.lanes[this.listening.version].radio.focus({ preventScroll: true });
  }
}
