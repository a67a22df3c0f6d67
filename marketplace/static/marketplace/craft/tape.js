// A self-tape or a reel: chosen from the device, or recorded here and looked at first. It goes out by tus, and on after a break.

import { FORMS } from "../recording/forms.js";
import { Capture } from "../video/capture.js";

const MOST_BYTES = 900_000; // of one request; the house takes a megabyte
const WAITS_MS = [0, 1_000, 3_000, 8_000, 15_000, 30_000];
const LONGEST_MS = 10 * 60_000;
const QUALITY = { videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 128_000 };
const SLICE_MS = 1_000;

const hex = (buffer) => [...new Uint8Array(buffer)].map((n) => n.toString(16).padStart(2, "0")).join("");
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const sha256 = (bytes) => crypto.subtle.digest("SHA-256", bytes);

// The same file chosen again goes on where it was; a new take is another.
const keyOf = async (file, endpoint) => {
  const said = [endpoint, file.name ?? "", file.size, file.lastModified ?? Math.random()].join("|");
  return hex(await sha256(new TextEncoder().encode(said))).slice(0, 32);
};

class Sending {
  constructor(root) {
    this.root = root;
    this.csrf = document.querySelector('meta[name="csrf-token"]').content;
    this.progress = root.querySelector("progress");
    this.says = root.querySelector(".tape-says");
    root.querySelector("input[type=file]").addEventListener("change", ({ target }) => {
      if (target.files[0]) this.sends(target.files[0]);
      target.value = "";
    });
  }

  say(text, isWrong = false) {
    this.says.textContent = text;
    this.says.classList.toggle("held", isWrong);
  }

  async sends(file) {
    const most = Number(this.root.dataset.most) * 1e6;
    if (!file.size) return this.say("The file is empty. Choose another.", true);
    if (file.size > most) {
      return this.say(`It is larger than ${this.root.dataset.most} MB. Save it smaller, as in full HD.`, true);
    }
    const { endpoint } = this.root.dataset;
    const key = await keyOf(file, endpoint);
    this.root.dataset.sending = "";
    this.progress.hidden = false;
    this.say("On its way. Leave the page open; if it breaks off, choose the same file and it goes on.");
    const upload = new tus.Upload(file, {
      endpoint,
      chunkSize: MOST_BYTES,
      retryDelays: WAITS_MS,
      storeFingerprintForResuming: false,
      headers: { "X-CSRFToken": this.csrf },
      metadata: { key },
      onBeforeRequest: async (request) => {
        if (request.getMethod() !== "PATCH") return;
        const at = Number(request.getHeader("Upload-Offset"));
        const part = await file.slice(at, at + MOST_BYTES).arrayBuffer();
        if (part.byteLength) request.setHeader("Upload-Checksum", `sha256 ${base64(await sha256(part))}`);
      },
      onShouldRetry: (error) => ![403, 404, 409, 410, 413, 422].includes(error.originalResponse?.getStatus() ?? 0),
      onProgress: (sent, all) => { this.progress.value = sent / all; },
      onSuccess: () => this.arrived(),
      onError: (error) => this.fails(error),
    });
    upload.start();
    return undefined;
  }

  arrived() {
    delete this.root.dataset.sending;
    this.progress.hidden = true;
    this.say("It is there, and looked at now.");
    document.body.dispatchEvent(new Event("tape"));
  }

  fails(error) {
    delete this.root.dataset.sending;
    this.progress.hidden = true;
    let said = "It broke off. Choose the same file, and it goes on where it was.";
    try {
      const problem = JSON.parse(error.originalResponse.getBody());
      said = `${problem.title}. ${problem.errors?.[0]?.detail ?? problem.detail}`;
    } catch { /* no answer came: what stands above */ }
    this.say(said, true);
  }
}

class Booth {
  // Recorded here: as many takes as one likes, seen by nobody, until one of them is sent.
  constructor(root, sending) {
    this.root = root;
    this.sending = sending;
    this.capture = new Capture();
    this.capture.addEventListener("changed", () => this.shows());
    this.picture = root.querySelector(".booth-picture");
    this.take = root.querySelector(".booth-take");
    for (const name of ["open", "record", "stop", "send"]) {
      this[name] = root.querySelector(`[data-does=${name}]`);
    }
    this.open.addEventListener("click", () => this.capture.open());
    this.record.addEventListener("click", () => this.begins());
    this.stop.addEventListener("click", () => this.recorder?.stop());
    this.send.addEventListener("click", () => this.sends());
  }

  shows() {
    const { stream, video, refusal } = this.capture;
    this.picture.srcObject = stream;
    this.picture.hidden = !video;
    this.open.hidden = Boolean(video);
    this.record.hidden = !video;
    const said = refusal || (stream.getTracks().length && !video ? "No camera was found, and a tape shows a picture." : "");
    this.root.querySelector(".booth-refused").hidden = !said;
    this.root.querySelector(".booth-refused span").textContent = said;
  }

  begins() {
    const mimeType = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
    const parts = [];
    this.recorder = new MediaRecorder(this.capture.stream, { mimeType, ...QUALITY });
    this.recorder.addEventListener("dataavailable", ({ data }) => { if (data.size) parts.push(data); });
    this.recorder.addEventListener("stop", () => this.ends(new Blob(parts, { type: mimeType })), { once: true });
    this.recorder.start(SLICE_MS);
    this.timer = setTimeout(() => this.recorder.stop(), LONGEST_MS);
    this.record.hidden = true;
    this.stop.hidden = false;
    this.stop.focus();
    this.take.hidden = true;
    this.send.hidden = true;
    this.sending.say("Recording.");
  }

  ends(blob) {
    clearTimeout(this.timer);
    this.blob = blob;
    if (this.take.src) URL.revokeObjectURL(this.take.src);
    this.take.src = URL.createObjectURL(blob);
    this.take.hidden = false;
    this.stop.hidden = true;
    this.record.hidden = false;
    this.record.querySelector("span").textContent = "Record another take";
    this.send.hidden = false;
    this.send.focus();
    this.sending.say("Nobody has seen this take. Look at it, then send it or record another.");
  }

  sends() {
    this.capture.close();
    this.shows();
    this.sending.sends(this.blob);
  }
}

const root = document.querySelector("#tape-sends");
if (root) {
  const sending = new Sending(root);
  const booth = root.querySelector(".booth");
  if (booth && navigator.mediaDevices && "MediaRecorder" in globalThis) {
    booth.hidden = false;
    root.booth = new Booth(booth, sending);
  }
  globalThis.addEventListener("beforeunload", (event) => { if ("sending" in root.dataset) event.preventDefault(); });
}
