// The same meeting at LiveKit: its client carries pictures and sound, reconnects, and says who is there.

import { replaces } from "./connection.js";
import { Meeting } from "./meeting.js";

const AGAIN_MS = 3000;
const CLOSED = ["ROOM_DELETED", "PARTICIPANT_REMOVED"];

// One of the others, as a meeting sees a connection.
class Line {
  constructor(participant) {
    this.participant = participant;
    this.remote = new MediaStream();
    this.isCutOff = false;
  }

  get tracks() {
    return [...this.participant.trackPublications.values()];
  }

  get status() {
    const { isCameraEnabled, isMicrophoneEnabled } = this.participant;
    return { camera: isCameraEnabled, muted: !isMicrophoneEnabled };
  }

  get isConnected() {
    return this.tracks.some(({ isSubscribed }) => isSubscribed);
  }

  get level() {
    return this.participant.audioLevel;
  }

  // What a look at the line asks, of all that comes from them.
  get pc() {
    return { getStats: async () => new Map((await Promise.all(this.tracks.map(({ track }) => track?.getRTCStatsReport()))).flatMap((report) => [...(report ?? [])])) };
  }

  plays() {}

  tells() {}

  capsAt() {}

  close() {}
}

export class LiveKitMeeting extends Meeting {
  constructor(stage) {
    super(stage);
    this.signals = { hurry: () => {} }; // LiveKit hurries by itself
    addEventListener("pagehide", () => this.room?.disconnect());
  }

  // With a ticket of this moment; where that or the way to LiveKit is lost, again, without a press.
  async enters() {
    try {
      const { url, token } = await this.ticket();
      this.room = this.opens(globalThis.LivekitClient);
      await this.room.connect(url, token);
      for (const participant of this.room.remoteParticipants.values()) this.comes(participant);
      await this.mineChanged();
    } catch (error) {
      console.warn("livekit", error);
      this.again();
    }
  }

  again() {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.enters(), AGAIN_MS);
  }

  async ticket() {
    const answer = await fetch(this.stage.dataset.enter, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      body: JSON.stringify({ event: "joined" }),
    });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }

  opens({ Room, RoomEvent, DisconnectReason }) {
    const room = new Room({ adaptiveStream: true, dynacast: true, disconnectOnPageLeave: false });
    room.on(RoomEvent.ParticipantConnected, (participant) => this.comes(participant));
    room.on(RoomEvent.ParticipantDisconnected, ({ identity }) => this.goes(identity));
    room.on(RoomEvent.TrackSubscribed, (track, _, { identity }) => this.gets(identity, track.mediaStreamTrack));
    for (const each of [RoomEvent.TrackMuted, RoomEvent.TrackUnmuted, RoomEvent.TrackUnsubscribed]) {
      room.on(each, (_, { identity }) => this.isOther(identity) && this.changed(this.connections.get(identity)));
    }
    room.on(RoomEvent.Disconnected, (reason) => this.left(DisconnectReason[reason]));
    return room;
  }

  isOther(identity) {
    return this.connections.has(identity);
  }

  comes(participant) {
    const known = this.connections.get(participant.identity);
    if (known) return void (known.participant = participant);
    const line = new Line(participant);
    line.isCompany = participant.identity.startsWith(this.stage.dataset.company);
    line.tile = this.tile(participant.name, { isCompany: line.isCompany });
    line.tile.video.srcObject = line.remote;
    this.connections.set(participant.identity, line);
    this.changed(line);
  }

  goes(identity) {
    if (this.isOther(identity)) this.parts(identity, this.connections.get(identity));
  }

  gets(identity, track) {
    const line = this.connections.get(identity);
    if (!line) return;
    replaces(line.remote, track);
    this.changed(line);
  }

  left(reason) {
    for (const identity of [...this.connections.keys()]) this.goes(identity);
    if (reason === "DUPLICATE_IDENTITY") this.ends("page_replaced");
    else if (CLOSED.includes(reason)) this.ends("closed");
    else if (reason !== "CLIENT_INITIATED") this.again();
  }

  // LiveKit's own line says whether it carries the picture.
  soundOnly() {}

  deals() {}

  async mineChanged() {
    await super.mineChanged();
    if (this.room?.state !== "connected") return;
    const { Track } = globalThis.LivekitClient;
    await this.publishes(this.capture.audio, Track.Source.Microphone, this.capture.isMuted);
    await this.publishes(this.capture.video, Track.Source.Camera, this.capture.isDark);
  }

  async publishes(track, source, isOff) {
    const me = this.room.localParticipant;
    const published = me.getTrackPublication(source);
    if (!track) return published?.mute();
    if (!published) await me.publishTrack(track, { source });
    else if (published.track.mediaStreamTrack !== track) await published.track.replaceTrack(track, true);
    const mine = me.getTrackPublication(source);
    if (mine && mine.isMuted !== isOff) await (isOff ? mine.mute() : mine.unmute());
  }
}
