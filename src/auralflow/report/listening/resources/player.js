// One track's player: what is chosen, made heard and seen.

const output = { context: null, gain: null, volume: 0.64 };

// Browsers let a page sound only after a click or a key.
const soundOutput = (rate) => {
  if (!output.context) {
    output.context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    output.gain = new GainNode(output.context, { gain: output.volume });
    output.gain.connect(output.context.destination);
  }
  void output.context.resume();
  return output;
};

const setVolume = (gain) => {
  output.volume = gain;
  output.gain?.gain.setTargetAtTime(gain, output.context.currentTime, 0.01);
};

class Player {
  static sounding = null;
  static active = null;

  constructor(section, metric) {
    this.section = section;
    this.data = JSON.parse(section.querySelector('script[type="application/json"]').textContent);
    this.seconds = this.data.samples / this.data.rate;
    this.listening = new Listening(this.data);
    this.engine = null;
    this.rest = 0;
    this.decoding = new Map();
    const seek = (seconds) => this.seek(seconds);
    this.lanes = new Lanes(this.listening, { seek, metric });
    this.wave = new Waveform(this.listening, this.seconds, { seek });
    this.transport = new Transport(this.listening, this.seconds, { toggle: () => this.toggle(), volume: setVolume });
    this.stems = new Stems(this.listening);
    this.status = make("p", { class: "status", role: "status" });
    section.querySelector(".player").replaceChildren(
      this.transport.element, this.stems.element,
      make("div", { class: "lane overview" }, make("div", { class: "version" }, "Waveform"), this.wave.element),
      this.lanes.element,
      make("div", { class: "lane below" }, make("div", { class: "version" }), this.lanes.axis),
      this.lanes.legend, this.status,
    );
    this.wave.mount();
    this.listening.addEventListener("change", () => void this.apply());
    for (const kind of ["pointerdown", "focusin"]) section.addEventListener(kind, () => { Player.active = this; });
    darkTheme.addEventListener("change", () => { this.wave.recolour(); this.show(); });
    this.show();
    this.moveTo(0);
  }

  get playing() {
    return Boolean(this.engine?.playing);
  }

  show() {
    this.lanes.update();
    this.wave.update();
    this.stems.update();
    this.transport.update(this.playing);
  }

  // Waits for the audio of the new choice; until it is there, the old one goes on.
  async apply() {
    this.show();
    const engine = this.engine;
    if (!engine) return;
    if (engine.region !== this.listening.region || engine.repeat !== this.listening.repeat) {
      engine.loop(this.listening.region, this.listening.repeat);
    }
    await this.load(this.listening.voices());
    // By now the listener may have chosen something else, whose own call waits for the rest.
    const voices = [...this.listening.voices().keys()];
    if (voices.every((name) => engine.buffers.has(name))) engine.mix(new Map(voices.map((name) => [name, 1])));
  }

  load(voices) {
    const waiting = [];
    for (const [name, audio] of voices) {
      if (!this.decoding.has(name)) {
        this.decoding.set(name, decodeAudio(audio, this.data).then((buffer) => this.engine.add(name, buffer)));
      }
      waiting.push(this.decoding.get(name));
    }
    return Promise.all(waiting).catch((error) => {
      this.status.textContent = `The audio cannot be decoded (${error.message}): open the page in a browser of today.`;
    });
  }

  async toggle() {
    if (this.playing) this.pause();
    else await this.play();
  }

  async play() {
    Player.active = this;
    const { context, gain } = soundOutput(this.data.rate);
    if (Player.sounding !== this) Player.sounding?.pause();
    Player.sounding = this;
    if (!this.engine) {
      this.engine = new Engine(context, gain, this.seconds);
      this.engine.onended = () => this.show();
      this.engine.seek(this.rest);
    }
    await this.apply();
    if (Player.sounding !== this) return;
    this.engine.play();
    this.show();
    this.follow();
    void this.loadAhead();
  }

  // What the listener will ask for next: the other versions of the same stems.
  async loadAhead() {
    for (let place = 0; place < this.listening.versions.length; place += 1) {
      await this.load(this.listening.voices(place));
    }
  }

  pause() {
    this.engine?.pause();
    if (Player.sounding === this) Player.sounding = null;
    this.show();
  }

  get position() {
    return this.engine ? this.engine.position : this.rest;
  }

  seek(seconds) {
    this.rest = Math.min(Math.max(0, seconds), this.seconds);
    this.engine?.seek(this.rest);
    this.moveTo(this.rest);
  }

  moveTo(seconds) {
    this.lanes.moveTo(seconds / this.seconds);
    this.wave.moveTo(seconds);
    this.transport.moveTo(seconds);
  }

  follow() {
    requestAnimationFrame(() => {
      this.moveTo(this.position);
      if (this.playing) this.follow();
    });
  }
}
