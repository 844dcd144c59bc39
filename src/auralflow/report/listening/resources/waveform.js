// The waveform of what is chosen, by wavesurfer.js: a place to click, and to drag a loop.

const outline = (base64) => Float32Array.from(bytesOf(base64), (value) => value / 127);

class Waveform {
  constructor(listening, seconds, { seek }) {
    this.listening = listening;
    this.seconds = seconds;
    this.element = make("div", { class: "wave", title: "Click to go there, drag to loop" });
    this.seek = seek;
    this.shown = null;
  }

  // Only where the element is in the page has it a width to draw for.
  mount() {
    const regions = WaveSurfer.Regions.create();
    this.regions = regions;
    const css = getComputedStyle(this.element);
    this.surfer = WaveSurfer.create({
      container: this.element,
      height: 56,
      peaks: [new Float32Array(2)],
      duration: this.seconds,
      waveColor: css.getPropertyValue("--wave"),
      progressColor: css.getPropertyValue("--wave-done"),
      cursorColor: css.getPropertyValue("--cursor"),
      cursorWidth: 2,
      plugins: [regions],
    });
    this.surfer.on("interaction", this.seek);
    regions.enableDragSelection({ color: css.getPropertyValue("--region") });
    const chosen = (region) => this.listening.setRegion({ start: region.start, end: region.end });
    regions.on("region-created", (region) => {
      for (const other of regions.getRegions()) if (other !== region) other.remove();
      if (!this.drawing) chosen(region);
    });
    regions.on("region-updated", chosen);
    this.update();
  }

  recolour() {
    const css = getComputedStyle(this.element);
    this.surfer.setOptions({
      waveColor: css.getPropertyValue("--wave"),
      progressColor: css.getPropertyValue("--wave-done"),
      cursorColor: css.getPropertyValue("--cursor"),
    });
  }

  update() {
    if (!this.surfer) return;
    const version = this.listening.versions[this.listening.version];
    const stem = this.listening.seen(version);
    const wave = this.listening.showsDifference(version) ? stem.differenceWave : stem?.wave;
    if (wave !== this.shown) {
      this.shown = wave;
      this.surfer.setOptions({ peaks: [wave ? outline(wave) : new Float32Array(2)], duration: this.seconds });
    }
    this.#drawRegion(this.listening.region);
  }

  #drawRegion(region) {
    const [drawn] = this.regions.getRegions();
    if (!region) drawn?.remove();
    else if (!drawn || drawn.start !== region.start || drawn.end !== region.end) {
      this.drawing = true;
      this.regions.addRegion({ ...region, color: getComputedStyle(this.element).getPropertyValue("--region") });
      this.drawing = false;
    }
  }

  moveTo(seconds) {
    this.surfer?.setTime(seconds);
  }
}
