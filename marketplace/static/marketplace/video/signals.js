// One page's way to the others of its room: by POST and short poll, one request at a time, in order.

const SOON_MS = 250;
const STEADY_MS = 4000;
const HURRY_MS = 15000;
const READ_MS = 12000;
const MOST_AT_ONCE = 60;
const PATIENCE_MS = 8000;

const pageId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");

export class Signals extends EventTarget {
  // Events: "meeting" with what the house answered, "lost" when nothing gets through, "closed" with the refusal's code.
  constructor(url, csrf) {
    super();
    this.url = url;
    this.csrf = csrf;
    this.page = pageId();
    this.seen = 0;
    this.cutOff = false;
    this.waiting = [];
    this.connection = null;
    this.readFrom = 0;
    this.isClosed = false;
    this.hurry();
    addEventListener("online", () => this.hurry());
    addEventListener("pagehide", () => this.leave());
  }

  send(to, body) {
    this.waiting.push({ to, body });
    this.hurry();
  }

  hurry() {
    this.hurryUntil = performance.now() + HURRY_MS;
    if (!this.isBusy) this.next(0);
  }

  next(ms) {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => this.turn(), ms);
  }

  async turn() {
    this.isBusy = true;
    const sent = this.waiting.splice(0, MOST_AT_ONCE);
    const connection = this.read();
    try {
      const answer = await this.post({ signals: sent, ...connection }, AbortSignal.timeout(PATIENCE_MS));
      if (answer.status === 409 || answer.status === 404) return this.close((await answer.json()).code);
      if (!answer.ok) throw new Error(`${answer.status}`);
      await this.heard(await answer.json());
    } catch {
      this.waiting.unshift(...sent);
      this.dispatchEvent(new Event("lost"));
    } finally {
      this.isBusy = false;
    }
    const hurries = this.waiting.length || performance.now() < this.hurryUntil;
    this.next(hurries ? SOON_MS : STEADY_MS);
  }

  // How good the line was, now and then; what is lost with a request is no loss.
  read() {
    const { connection } = this;
    if (!connection || performance.now() < this.readFrom) return {};
    this.connection = null;
    this.readFrom = performance.now() + READ_MS;
    return { connection };
  }

  async heard(meeting) {
    this.seen = meeting.signals.at(-1)?.id ?? this.seen;
    if (meeting.signals.length) this.hurryUntil = performance.now() + HURRY_MS;
    this.dispatchEvent(new CustomEvent("meeting", { detail: meeting }));
  }

  post(body, signal) {
    return fetch(this.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      body: JSON.stringify({ page: this.page, seen: this.seen, cut_off: this.cutOff, ...body }),
      keepalive: "leaves" in body,
      signal,
    });
  }

  leave() {
    this.close("left");
    this.post({ leaves: true }).catch(() => {});
  }

  close(code) {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.timer);
    this.dispatchEvent(new CustomEvent("closed", { detail: code }));
  }
}
