// One's own camera and microphone: one capture a page, for a second one mutes the first on iOS.

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const WORDS = {
  NotAllowedError: "The browser was not allowed to use them. Allow camera and microphone for this page, then try again.",
  NotFoundError: "No camera or microphone was found. Plug one in, then try again.",
  NotReadableError: "Another program is using them. Close it, then try again.",
};

export class Capture extends EventTarget {
  // Events: "changed" when a track was opened, closed or replaced.
  constructor(chosen = {}) {
    super();
    this.stream = new MediaStream();
    this.chosen = chosen;
    this.isMuted = false;
    this.isDark = false;
    this.refusal = "";
    navigator.mediaDevices?.addEventListener("devicechange", () => this.devicesChanged());
  }

  get audio() {
    return this.stream.getAudioTracks()[0] ?? null;
  }

  get video() {
    return this.stream.getVideoTracks()[0] ?? null;
  }

  // Both, or the sound alone where there is no camera. Says why in `refusal` where neither can be had.
  async open() {
    this.refusal = "";
    try {
      await this.opens({ audio: true, video: true });
    } catch (error) {
      try {
        await this.opens({ audio: true, video: false });
      } catch {
        this.refusal = WORDS[error.name] ?? "They could not be opened. Try again, or another browser.";
      }
    }
    this.dispatchEvent(new Event("changed"));
  }

  async opens({ audio, video }) {
    this.close();
    const { camera, microphone } = this.chosen;
    const found = await navigator.mediaDevices.getUserMedia({
      audio: audio && { ...SOUND, ...(microphone && { deviceId: { ideal: microphone } }) },
      video: video && { ...PICTURE, ...(camera && { deviceId: { ideal: camera } }) },
    });
    for (const track of found.getTracks()) {
      this.stream.addTrack(track);
      track.addEventListener("ended", () => this.ended(track));
    }
    this.applies();
  }

  // Unplugged in the middle of a scene: the next best takes its place.
  async ended(track) {
    if (!this.stream.getTracks().includes(track)) return;
    await this.open();
  }

  async devicesChanged() {
    this.dispatchEvent(new Event("devices"));
  }

  async devices() {
    return (await navigator.mediaDevices.enumerateDevices()).filter(({ deviceId }) => deviceId);
  }

  async choose(chosen) {
    this.chosen = { ...this.chosen, ...chosen };
    await this.open();
  }

  mute(isMuted) {
    this.isMuted = isMuted;
    this.applies();
  }

  darken(isDark) {
    this.isDark = isDark;
    this.applies();
  }

  applies() {
    if (this.audio) this.audio.enabled = !this.isMuted;
    if (this.video) this.video.enabled = !this.isDark;
    this.dispatchEvent(new Event("changed"));
  }

  close() {
    for (const track of this.stream.getTracks()) {
      this.stream.removeTrack(track);
      track.stop();
    }
  }
}

const KINDS = { camera: "videoinput", microphone: "audioinput" };

// Which camera and microphone: each `select[data-device]` within `root` names what there is, and the capture takes what is
// chosen. Fewer than `least` of a kind leave nothing to choose.
export class Choice {
  constructor(root, capture, least) {
    this.capture = capture;
    this.least = least;
    this.selects = [...root.querySelectorAll("select[data-device]")];
    for (const select of this.selects) {
      select.addEventListener("change", () => capture.choose({ [select.dataset.device]: select.value }));
    }
  }

  async fills() {
    const devices = await this.capture.devices();
    const tracks = { camera: this.capture.video, microphone: this.capture.audio };
    for (const select of this.selects) {
      const name = select.dataset.device;
      const own = devices.filter(({ kind }) => kind === KINDS[name]);
      select.replaceChildren(...own.map(({ deviceId, label }, n) => new Option(label || `${n + 1}`, deviceId)));
      select.value = tracks[name]?.getSettings().deviceId ?? "";
      select.closest("label").hidden = own.length < this.least;
    }
  }
}

// How loud one is, ten times a second, between 0 and 1; returns what stops it. Needs a press before.
export const meter = (stream, show) => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    show(Math.min(1, Math.sqrt(power) * 4));
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
};
