// Buttons above the pictures: the transport, and solo and mute of each stem.

class Transport {
  constructor(listening, seconds, { toggle, volume }) {
    this.listening = listening;
    this.seconds = seconds;
    this.playing = button([make("span", { class: "icon", "aria-hidden": "true" })], toggle, { class: "play", "aria-label": "Play", title: "Play or pause (space)" });
    this.time = make("span", { class: "time" });
    this.repeat = button("Loop", () => listening.toggleRepeat(), { title: "Play again and again (L)" });
    this.clear = button("Whole excerpt", () => listening.setRegion(null), { class: "quiet", title: "Loop the whole excerpt again (Esc)" });
    this.difference = button("Difference", () => listening.toggleDifference(), { title: "See and hear estimate minus truth (D)" });
    const slider = make("input", { type: "range", min: "0", max: "1", step: "0.01", value: "0.8", "aria-label": "Volume" });
    slider.addEventListener("input", () => volume(Number(slider.value) ** 2));
    this.element = make(
      "div",
      { class: "transport" },
      this.playing,
      this.time,
      this.repeat,
      ...(listening.hasDifference ? [this.difference] : []),
      this.clear,
      make("label", { class: "volume" }, make("span", {}, "Volume"), slider),
    );
  }

  update(playing) {
    press(this.repeat, this.listening.repeat);
    press(this.difference, this.listening.difference);
    this.clear.hidden = !this.listening.region;
    this.playing.classList.toggle("playing", playing);
    this.playing.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  moveTo(position) {
    this.time.textContent = `${clockTime(position)} / ${clockTime(this.seconds)}`;
  }
}

class Stems {
  constructor(listening) {
    this.listening = listening;
    this.rows = listening.data.targets.map((target) => {
      const name = button(target, () => listening.only(target), { class: "name", title: `Hear and see ${target} alone (T for the next)` });
      const solo = button("S", () => listening.toggleSolo(target), { "aria-label": `Solo ${target}`, title: "Solo (S)" });
      const mute = button("M", () => listening.toggleMute(target), { "aria-label": `Mute ${target}`, title: "Mute (M)" });
      return { target, name, solo, mute, element: make("div", { class: "stem", role: "group", "aria-label": target }, name, solo, mute) };
    });
    this.all = button("All stems", () => listening.all(), { class: "quiet", title: "Hear all stems together (A)" });
    this.element = make("div", { class: "stems", role: "group", "aria-label": "Stems" }, ...this.rows.map((row) => row.element), this.all);
    this.element.hidden = this.rows.length < 2;
  }

  update() {
    const { listening } = this;
    const audible = new Set(listening.audible);
    for (const row of this.rows) {
      press(row.name, row.target === listening.target);
      press(row.solo, listening.solo.has(row.target));
      press(row.mute, listening.muted.has(row.target));
      row.element.classList.toggle("audible", audible.has(row.target));
    }
    press(this.all, listening.solo.size === 0 && listening.muted.size === 0);
  }
}
