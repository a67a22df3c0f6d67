// One's own camera and microphone, recorded on one's own device while the house says so: sliced, kept until it is safe there.

import * as kept from "./kept.js";
import { Upload } from "./upload.js";
import { FORMS } from "./forms.js";
import "./bring.js";

const SLICE_MS = 1000;
const CLOCK_MS = 10_000;
const FIRST_READINGS = 5;
const QUALITY = { videoBitsPerSecond: 5_000_000, audioBitsPerSecond: 160_000, videoKeyFrameIntervalDuration: 2000 };

const now = () => performance.timeOrigin + performance.now();
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

// What one set of tracks gives without a break; a device that changes begins the next one.
class Part {
  constructor({ tracks, recording, session, csrf }) {
    this.tracks = tracks;
    const mime = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
    this.segment = { key: newKey(), session, recording, mime, started: null, size: 0, finished: false, url: null };
    this.upload = new Upload(this.segment, csrf);
    this.recorder = new MediaRecorder(new MediaStream(tracks), { mimeType: mime, ...QUALITY });
    this.recorder.addEventListener("start", () => { this.segment.started = Math.round(now()); });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.keeps(data));
    this.recorder.addEventListener("stop", () => this.ends());
    this.kept = Promise.resolve();
    // Held while it lives, so that no other page brings it on.
    navigator.locks.request(`recording:${this.segment.key}`, () => new Promise((resolve) => { this.unlocks = resolve; }));
    this.recorder.start(SLICE_MS);
  }

  is(tracks) {
    return tracks.length === this.tracks.length && tracks.every((track) => this.tracks.includes(track));
  }

  keeps(data) {
    this.kept = this.kept.then(async () => {
      const bytes = await data.arrayBuffer();
      if (!bytes.byteLength) return;
      await kept.addSlice({ ...this.segment }, bytes);
      this.segment.size += bytes.byteLength;
      this.sends();
    });
  }

  ends() {
    this.kept = this.kept.then(async () => {
      this.segment.finished = true;
      if (this.segment.size) await kept.keep({ ...this.segment });
      this.sends();
    });
  }

  async sends() {
    if (this.isSending) return this.upload.wake();
    if (!this.segment.size) return this.unlocks?.();
    this.isSending = true;
    const has = await this.upload.run();
    if (!has) this.stop();
    this.unlocks?.();
  }

  stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }
}

class Recorder {
  constructor(stage, light) {
    this.stage = stage;
    this.light = light;
    this.capture = stage.meeting.capture;
    this.csrf = document.querySelector('meta[name="csrf-token"]').content;
    this.recording = "";
    this.part = null;
    this.parts = [];
    this.capture.addEventListener("changed", () => this.follows());
    light.addEventListener("htmx:afterSwap", () => this.hears());
    setInterval(() => this.reads(), CLOCK_MS);
  }

  // What the house says; while it cannot be heard, it stays as it was.
  hears() {
    this.recording = this.light.querySelector(".room-light")?.dataset.recording ?? "";
    this.follows();
  }

  follows() {
    const tracks = this.capture.stream.getTracks();
    const wanted = this.recording && !this.stage.dataset.ended && tracks.length;
    const { part } = this;
    if (part && (!wanted || part.segment.recording !== this.recording || !part.is(tracks))) {
      part.stop();
      this.part = null;
    }
    if (wanted && !this.part) this.begins(tracks);
  }

  begins(tracks) {
    const { session } = this.light.dataset;
    this.part = new Part({ tracks, recording: this.recording, session, csrf: this.csrf });
    this.parts.push(this.part);
    this.part.upload.addEventListener("opened", () => this.readsFirst());
  }

  async readsFirst() {
    for (let n = 0; n < FIRST_READINGS; n += 1) await this.reads();
  }

  // How far the house's clock is ahead: true to half of the time that the way took, there and back. What the house took to answer
  // is no part of it.
  async reads() {
    const id = this.part?.upload.id;
    if (!id) return;
    const asked = now();
    const answer = await fetch(`/api/v1/sessions/${this.light.dataset.session}/recording`).catch(() => null);
    const heard = now();
    if (!answer?.ok) return;
    const { came_ms, now_ms } = await answer.json();
    const reading = {
      device_ms: Math.round(asked),
      ahead_ms: Math.round((came_ms - asked + now_ms - heard) / 2),
      round_trip_ms: Math.max(0, Math.round(heard - asked - (now_ms - came_ms))),
    };
    await fetch(`/api/v1/segments/${id}/clock`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      body: JSON.stringify(reading),
    }).catch(() => null);
  }
}

const stage = document.querySelector("#meeting[data-asks]");
const light = document.querySelector("#light");
if (stage?.meeting && light && "MediaRecorder" in globalThis) {
  stage.recorder = new Recorder(stage, light); // for whoever looks at it from the console
}
