// What the listener has chosen, and which voices that makes heard.

const MIXTURE = "mixture";

class Listening extends EventTarget {
  constructor(data) {
    super();
    this.data = data;
    this.versions = [
      { kind: "mixture", name: "Mixture", stems: {} },
      ...(Object.keys(data.truth).length ? [{ kind: "truth", name: "Truth", stems: data.truth }] : []),
      ...data.models.map((model) => ({ kind: "model", ...model })),
    ];
    this.version = 0;
    this.target = data.targets[0];
    this.solo = new Set([this.target]);
    this.muted = new Set();
    this.difference = false;
    this.repeat = true;
    this.region = null;
  }

  get hasDifference() {
    return this.versions.some((version) => version.kind === "model" && Object.values(version.stems).some((stem) => stem.difference));
  }

  #change(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }

  select(place) {
    if (place >= 0 && place < this.versions.length) this.#change({ version: place });
  }

  // Hear one stem alone and see it.
  only(target) {
    this.#change({ target, solo: new Set([target]), muted: new Set() });
  }

  all() {
    this.#change({ solo: new Set(), muted: new Set() });
  }

  toggleSolo(target) {
    const solo = new Set(this.solo);
    if (!solo.delete(target)) solo.add(target);
    this.#change({ solo, target: solo.has(target) ? target : this.target });
  }

  toggleMute(target) {
    const muted = new Set(this.muted);
    if (!muted.delete(target)) muted.add(target);
    this.#change({ muted });
  }

  toggleDifference() {
    if (this.hasDifference) this.#change({ difference: !this.difference });
  }

  toggleRepeat() {
    this.#change({ repeat: !this.repeat });
  }

  // A region in seconds, or null for the whole excerpt.
  setRegion(region) {
    this.#change({ region, repeat: region ? true : this.repeat });
  }

  get audible() {
    return this.data.targets.filter((target) => (this.solo.size === 0 || this.solo.has(target)) && !this.muted.has(target));
  }

  // The stem of a version that is seen, and null where there is none.
  seen(version) {
    return version.kind === "mixture" ? this.data.mixture : version.stems[this.target] ?? null;
  }

  showsDifference(version) {
    return this.difference && version.kind === "model" && Boolean(version.stems[this.target]?.difference);
  }

  // Names of voices with the text of their audio: what this choice makes heard.
  voices(place = this.version, targets = this.audible) {
    const version = this.versions[place];
    if (version.kind === "mixture") return new Map([[MIXTURE, this.data.mixture.audio]]);
    const found = new Map();
    for (const target of targets) {
      const stem = version.stems[target];
      if (!stem) continue;
      const difference = this.difference && version.kind === "model" && stem.difference;
      found.set(`${place} ${difference ? "difference" : "stem"} ${target}`, difference || stem.audio);
    }
    return found;
  }
}
