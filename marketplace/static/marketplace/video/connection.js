// Two pages connected: perfect negotiation as the W3C describes it (WebRTC 1.0, 10.7), with implicit rollback.

const LONG_MS = 5000;
const TRY_AGAIN_MS = 10000;
const GIVEN_UP_AFTER = 2;

// Of each kind a stream has one track: the newest.
export const replaces = (stream, track) => {
  for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
  stream.addTrack(track);
};

export class Connection extends EventTarget {
  // Events: "changed" when its state, its streams or the other's status differ.
  constructor({ polite, servers, send, stream, most }) {
    super();
    this.polite = polite;
    this.sends = send;
    this.most = most;
    this.failures = 0;
    this.status = { muted: false, camera: true };
    this.remote = new MediaStream();
    this.pc = new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" });
    this.pc.onnegotiationneeded = () => this.offers();
    this.pc.onicecandidate = ({ candidate }) => this.sends({ candidate: candidate ? candidate.toJSON() : null });
    this.pc.ontrack = ({ track }) => this.gets(track);
    this.pc.oniceconnectionstatechange = () => this.moves();
    this.channel = this.pc.createDataChannel("status", { negotiated: true, id: 0 });
    this.channel.onopen = () => this.tells(this.mine ?? {});
    this.channel.addEventListener("message", ({ data }) => this.told(JSON.parse(data)));
    for (const track of stream.getTracks()) this.pc.addTrack(track, stream);
    this.online = () => this.restarts();
    addEventListener("online", this.online);
  }

  get state() {
    return this.pc.iceConnectionState;
  }

  get isConnected() {
    return this.state === "connected" || this.state === "completed";
  }

  get isCutOff() {
    return !this.isConnected && this.failures >= GIVEN_UP_AFTER;
  }

  async offers() {
    try {
      this.isOffering = true;
      await this.pc.setLocalDescription();
      this.sends({ description: this.pc.localDescription.toJSON() });
    } finally {
      this.isOffering = false;
    }
  }

  async receives({ description, candidate }) {
    if (description) return this.described(description);
    try {
      await this.pc.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      if (!this.isIgnoring) throw error; // of an offer that was let go
    }
  }

  async described(description) {
    const isReady =
      !this.isOffering && (this.pc.signalingState === "stable" || this.isAnswerPending);
    this.isIgnoring = !this.polite && description.type === "offer" && !isReady;
    if (this.isIgnoring) return;
    this.isAnswerPending = description.type === "answer";
    await this.pc.setRemoteDescription(description);
    this.isAnswerPending = false;
    if (description.type !== "offer") return;
    await this.pc.setLocalDescription();
    this.sends({ description: this.pc.localDescription.toJSON() });
  }

  gets(track) {
    replaces(this.remote, track);
    this.dispatchEvent(new Event("changed"));
  }

  moves() {
    clearTimeout(this.patience);
    if (this.state === "failed") {
      this.failures += 1;
      this.restarts();
      this.patience = setInterval(() => this.restarts(), TRY_AGAIN_MS);
    } else if (this.state === "disconnected") {
      this.patience = setTimeout(() => this.restarts(), LONG_MS);
    } else if (this.isConnected) {
      this.failures = 0;
      this.caps();
    }
    this.dispatchEvent(new Event("changed"));
  }

  restarts() {
    if (!this.isConnected && this.pc.signalingState !== "closed") this.pc.restartIce();
  }

  // Every sender has its part of what the line carries up.
  async caps() {
    for (const sender of this.pc.getSenders()) {
      if (sender.track?.kind !== "video") continue;
      const set = sender.getParameters();
      if (!set.encodings?.length) continue;
      for (const encoding of set.encodings) encoding.maxBitrate = this.most;
      await sender.setParameters(set).catch(() => {});
    }
  }

  capsAt(most) {
    if (this.most === most) return;
    this.most = most;
    this.caps();
  }

  // A track of the same kind takes the other's place without a new negotiation; null sends nothing.
  async plays(kind, track, stream) {
    const sender = this.pc.getSenders().find((each) => (each.track?.kind ?? each.kindBefore) === kind);
    if (sender) {
      sender.kindBefore = kind;
      await sender.replaceTrack(track);
    } else if (track) {
      this.pc.addTrack(track, stream);
    }
  }

  tells(status) {
    this.mine = status;
    if (this.channel.readyState === "open") this.channel.send(JSON.stringify(status));
  }

  told(status) {
    this.status = status;
    this.dispatchEvent(new Event("changed"));
  }

  // Between 0 and 1, from the sound that was heard last.
  get level() {
    const audio = this.pc.getReceivers().find(({ track }) => track.kind === "audio");
    return audio?.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  close() {
    clearTimeout(this.patience);
    removeEventListener("online", this.online);
    this.pc.close();
  }
}
