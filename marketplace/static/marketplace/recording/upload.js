// A kept segment on its way to the house, by tus: it goes on from what is safe there, each part with its checksum.

import * as kept from "./kept.js";

const MOST_BYTES = 900_000; // of one request; the house takes a megabyte
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
// Nothing more of it is ever taken: it was withdrawn, given up, or is no recording.
const OVER = { 404: true, 410: true, 413: true, 422: true };

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

// What tus-js-client reads from: bytes that lie in the page's keeping, or are still to come while the device records.
class Source {
  constructor(upload) {
    this.upload = upload;
    this.size = null;
  }

  async slice(start, end) {
    const { segment } = this.upload;
    while (segment.size <= start && !segment.finished) await this.upload.more();
    const value = await kept.bytesOf(segment.key, start, Math.min(end, segment.size));
    this.checksum = value.size ? `sha256 ${base64(await crypto.subtle.digest("SHA-256", await value.arrayBuffer()))}` : "";
    const done = segment.finished && start + value.size >= segment.size;
    return { value: value.size ? value : null, done };
  }

  close() {}
}

export class Upload extends EventTarget {
  // Events: "moved" when more of it is safe, "opened" when the house has a name for it.
  constructor(segment, csrf) {
    super();
    this.segment = segment;
    this.csrf = csrf;
    this.safe = 0;
    this.waiting = [];
  }

  get id() {
    return this.segment.url?.split("/").at(-2) ?? "";
  }

  // More has been recorded, or the end of it.
  wake() {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  more() {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  // Until all of it is safe, however often the network is away; false where the house takes no more of it.
  async run() {
    for (let tries = 0; ; tries += 1) {
      const before = this.safe;
      try {
        await this.once();
        await kept.forget(this.segment.key);
        return true;
      } catch (error) {
        if (this.isOver(error)) {
          await kept.forget(this.segment.key);
          return false;
        }
        if (this.safe > before) tries = 0;
        await after(Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS));
      }
    }
  }

  isOver({ originalResponse: answer }) {
    const status = answer?.getStatus() ?? 0;
    return Boolean(OVER[status]) || (status === 403 && answer.getBody().includes("grant_withdrawn"));
  }

  once() {
    const { segment } = this;
    const source = new Source(this);
    return new Promise((resolve, reject) => {
      const upload = new tus.Upload({}, {
        endpoint: segment.url ? null : `/sessions/${segment.session}/uploads/`,
        uploadUrl: segment.url,
        uploadLengthDeferred: true,
        chunkSize: MOST_BYTES,
        retryDelays: null,
        storeFingerprintForResuming: false,
        headers: { "X-CSRFToken": this.csrf },
        metadata: {
          recording: segment.recording,
          key: segment.key,
          filetype: segment.mime,
          started: String(segment.started),
        },
        fileReader: { openFile: async () => source },
        onBeforeRequest: (request) => {
          if (request.getMethod() === "PATCH" && source.checksum) request.setHeader("Upload-Checksum", source.checksum);
        },
        onUploadUrlAvailable: () => this.isAt(upload.url),
        onChunkComplete: (_, accepted) => this.isSafe(accepted),
        onSuccess: () => resolve(),
        onError: reject,
      });
      upload.start();
    });
  }

  isAt(url) {
    if (this.segment.url === url) return;
    this.segment.url = url;
    kept.keep(this.segment);
    this.dispatchEvent(new Event("opened"));
  }

  isSafe(bytes) {
    this.safe = bytes;
    kept.letGo(this.segment.key, bytes);
    this.dispatchEvent(new Event("moved"));
  }
}
