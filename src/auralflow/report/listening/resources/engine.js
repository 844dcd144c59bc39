// Sound: any number of voices that start at the same sample, in a loop, and fades between them.
//
// All voices play all the time; which are heard is a matter of gains. So a switch is a fade between two running voices
// at one instant, and never a start.

const FADE_SECONDS = 0.02;
const AHEAD_SECONDS = 0.05;
const SEAM_SECONDS = 0.003;

// One uninterrupted run through a window of the excerpt, once or again and again. Times are in samples.
class Pass {
  constructor(context, destination, { at, from, start, end, repeat, ended }) {
    Object.assign(this, { context, at, from, start, end, repeat });
    this.rate = context.sampleRate;
    this.ready = at;
    this.voices = new Map();
    this.gate = new GainNode(context, { gain: 0 });
    this.gate.gain.setValueAtTime(0, at / this.rate);
    this.gate.gain.linearRampToValueAtTime(1, at / this.rate + SEAM_SECONDS);
    // The envelope runs as a voice does, in the same loop, and takes the jump out of the seam.
    this.seam = new GainNode(context, { gain: 0 });
    this.gate.connect(this.seam).connect(destination);
    this.envelope = this.#run(this.#envelopeBuffer(), at);
    this.envelope.connect(this.seam.gain);
    this.envelope.onended = ended;
  }

  #envelopeBuffer() {
    const ramp = Math.max(1, Math.min(SEAM_SECONDS * this.rate, (this.end - this.start) / 2));
    const buffer = new AudioBuffer({ length: this.end, numberOfChannels: 1, sampleRate: this.rate });
    const values = buffer.getChannelData(0);
    for (let place = this.start; place < this.end; place += 1) {
      values[place] = Math.min(1, (place - this.start) / ramp, (this.end - 1 - place) / ramp);
    }
    return buffer;
  }

  #run(buffer, at) {
    const source = new AudioBufferSourceNode(this.context, {
      buffer,
      loop: this.repeat,
      loopStart: this.start / this.rate,
      loopEnd: this.end / this.rate,
    });
    source.start(at / this.rate, this.positionAt(at) / this.rate);
    return source;
  }

  positionAt(sample) {
    const position = this.from + Math.max(0, sample - this.at);
    if (position < this.end) return position;
    return this.repeat ? this.start + ((position - this.start) % (this.end - this.start)) : this.end;
  }

  // Also while the pass runs: the voice then joins at the place where the others are.
  add(name, buffer, gain) {
    const soon = Math.ceil((this.context.currentTime + AHEAD_SECONDS / 2) * this.rate);
    const at = Math.max(this.at, soon);
    this.ready = Math.max(this.ready, at);
    const source = this.#run(buffer, at);
    const node = new GainNode(this.context, { gain });
    source.connect(node).connect(this.gate);
    this.voices.set(name, { source, node, fade: { from: gain, to: gain, time: 0 } });
  }

  // Every voice goes to its gain in a line, all in the same time; the sum of equal sounds stays as loud as they are.
  fade(gains) {
    const time = Math.max(this.context.currentTime + 0.01, this.ready / this.rate);
    for (const [name, voice] of this.voices) {
      const to = gains.get(name) ?? 0;
      const { from, to: before, time: since } = voice.fade;
      const share = Math.min(1, Math.max(0, (time - since) / FADE_SECONDS));
      const now = from + share * (before - from);
      voice.fade = { from: now, to, time };
      voice.node.gain.cancelScheduledValues(time);
      voice.node.gain.setValueAtTime(now, time);
      voice.node.gain.linearRampToValueAtTime(to, time + FADE_SECONDS);
    }
  }

  stop(at) {
    const time = at / this.rate;
    this.envelope.onended = null;
    this.gate.gain.setValueAtTime(1, time);
    this.gate.gain.linearRampToValueAtTime(0, time + SEAM_SECONDS);
    for (const source of [this.envelope, ...[...this.voices.values()].map((voice) => voice.source)]) {
      source.stop(time + 2 * SEAM_SECONDS);
    }
  }
}

// What is loaded, where the listener is, and the pass that plays, if one does. Times are in seconds.
class Engine {
  constructor(context, destination, seconds) {
    Object.assign(this, { context, destination, seconds });
    this.buffers = new Map();
    this.gains = new Map();
    this.region = null;
    this.repeat = true;
    this.pass = null;
    this.rest = 0;
    this.onended = () => {};
  }

  get playing() {
    return this.pass !== null;
  }

  get position() {
    if (!this.pass) return this.rest;
    const heard = this.context.currentTime - (this.context.outputLatency || 0);
    return this.pass.positionAt(heard * this.context.sampleRate) / this.context.sampleRate;
  }

  add(name, buffer) {
    if (this.buffers.has(name)) return;
    this.buffers.set(name, buffer);
    this.pass?.add(name, buffer, 0);
  }

  mix(gains) {
    this.gains = gains;
    this.pass?.fade(gains);
  }

  play() {
    if (!this.pass) this.#begin(this.rest);
  }

  pause() {
    if (!this.pass) return;
    this.rest = this.position;
    this.pass.stop(this.#soon());
    this.pass = null;
  }

  seek(seconds) {
    this.rest = Math.min(Math.max(0, seconds), this.seconds);
    if (this.pass) this.#begin(this.rest);
  }

  loop(region, repeat) {
    const position = this.position;
    Object.assign(this, { region, repeat });
    if (this.pass) this.#begin(position);
  }

  #soon() {
    return Math.ceil((this.context.currentTime + AHEAD_SECONDS) * this.context.sampleRate);
  }

  #begin(seconds) {
    const rate = this.context.sampleRate;
    const sample = (time) => Math.round(time * rate);
    const whole = { start: 0, end: this.seconds };
    const window = this.repeat && this.region ? this.region : whole;
    const [start, end] = [sample(window.start), Math.max(sample(window.end), sample(window.start) + 2)];
    const wanted = sample(seconds);
    const from = wanted >= start && wanted < end ? wanted : start;
    const at = this.#soon();
    this.pass?.stop(at);
    const pass = new Pass(this.context, this.destination, {
      at, from, start, end, repeat: this.repeat,
      ended: () => {
        if (this.pass !== pass) return;
        this.pass = null;
        this.rest = 0;
        this.onended();
      },
    });
    for (const [name, buffer] of this.buffers) pass.add(name, buffer, this.gains.get(name) ?? 0);
    this.pass = pass;
  }
}
