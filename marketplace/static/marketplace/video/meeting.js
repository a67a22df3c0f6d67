// The others in the room, and oneself: who is here, seen and heard, and how good the line is.

import { Capture, Choice } from "./capture.js";
import { Connection } from "./connection.js";
import { inWords, look, reading, worst } from "./quality.js";
import { Signals } from "./signals.js";

const UP_BPS = 2_400_000;
const SOUND_BPS = 160_000;
const LOOK_MS = 3000;
const LISTEN_MS = 250;
const SPEAKS = 0.02;

export class Meeting {
  constructor(stage) {
    this.stage = stage;
    this.tiles = stage.querySelector(".meeting-tiles");
    this.connections = new Map();
    this.capture = new Capture({ camera: stage.dataset.camera, microphone: stage.dataset.microphone });
    this.self = this.tile(stage.dataset.name, { isSelf: true });
    this.self.figure.toggleAttribute("data-dark", true);
    this.capture.addEventListener("changed", () => this.mineChanged());
    this.presses();
  }

  async begins() {
    if ("asks" in this.stage.dataset) await this.capture.open();
    this.timers = [setInterval(() => this.looks(), LOOK_MS), setInterval(() => this.listens(), LISTEN_MS)];
    await this.enters();
  }

  async enters() {
    this.signals = new Signals(this.stage.dataset.peers, this.csrf);
    this.signals.addEventListener("meeting", ({ detail }) => this.meets(detail));
    this.signals.addEventListener("closed", ({ detail }) => this.ends(detail));
  }

  get csrf() {
    return document.querySelector('meta[name="csrf-token"]').content;
  }

  async meets({ rank, peers, signals, servers }) {
    const here = new Map(peers.map((peer) => [peer.page, peer]));
    for (const [page, connection] of this.connections) if (!here.has(page)) this.parts(page, connection);
    for (const peer of peers) if (!this.connections.has(peer.page)) this.joins(peer, rank, servers);
    this.shares();
    for (const { sender, body } of signals) {
      const connection = this.connections.get(sender);
      // Only the company deals: another page that said so over and over would use up one's requests, beats and all.
      if (body.dealt && connection?.isCompany) document.querySelector("#cards")?.dispatchEvent(new Event("refresh"));
      if (!body.dealt) await connection?.receives(body).catch((error) => console.warn("signal", error));
    }
  }

  joins(peer, rank, servers) {
    const send = (body) => this.signals.send(peer.page, body);
    const { stream } = this.capture;
    const connection = new Connection({ polite: rank > peer.rank, servers, send, stream, most: UP_BPS });
    connection.isCompany = peer.is_company;
    connection.tile = this.tile(peer.name, { isCompany: peer.is_company });
    connection.tile.video.srcObject = connection.remote;
    connection.addEventListener("changed", () => this.changed(connection));
    connection.tells(this.status());
    this.connections.set(peer.page, connection);
    this.changed(connection);
  }

  parts(page, connection) {
    connection.close();
    connection.tile.figure.remove();
    this.connections.delete(page);
    this.reaches();
    this.arranges();
  }

  changed(connection) {
    const { tile, status } = connection;
    tile.figure.toggleAttribute("data-dark", !status.camera || !connection.remote.getVideoTracks().length);
    tile.muted.hidden = !status.muted;
    this.words(connection, null);
    tile.video.play().catch(() => this.silence(tile.video.paused && !tile.figure.hasAttribute("data-dark")));
    this.reaches();
  }

  // Who went holds nobody up any more.
  reaches() {
    this.signals.cutOff = [...this.connections.values()].some(({ isCutOff }) => isCutOff);
    this.stage.querySelector(".meeting-cut-off").hidden = !this.signals.cutOff;
  }

  words(connection, now) {
    const { isConnected, isCutOff, status } = connection;
    const said = inWords(now ?? {}, now && connection.before, { isConnected, isCutOff, camera: status.camera });
    connection.tile.line.textContent = said.word;
    connection.tile.line.dataset.tone = said.tone;
  }

  async looks() {
    const reads = [];
    for (const connection of this.connections.values()) {
      if (!connection.isConnected) continue;
      const now = await look(connection.pc);
      this.words(connection, now);
      if (connection.before) reads.push(reading(now, connection.before, false));
      connection.before = now;
      this.soundOnly(connection, now);
    }
    this.keeps(reads);
  }

  // What explains a line of time later. Of several the best: what all of them lack is lost on one's own side.
  keeps(reads) {
    const [best] = reads.sort((one, other) => one.lostPermille - other.lostPermille || one.roundTripMs - other.roundTripMs);
    if (best) this.signals.connection = worst(this.signals.connection, best);
  }

  // Where the line carries no picture, it carries the voice.
  soundOnly(connection, { upBps }) {
    if (upBps === null) return;
    const isNarrow = upBps < (connection.isNarrow ? 2 * SOUND_BPS : SOUND_BPS);
    if (isNarrow === Boolean(connection.isNarrow)) return;
    connection.isNarrow = isNarrow;
    connection.plays("video", isNarrow ? null : this.capture.video, this.capture.stream);
    this.self.line.textContent = isNarrow ? "Sound only: your line is too slow for the picture" : "";
    connection.tells(this.status());
  }

  shares() {
    const most = Math.round(UP_BPS / Math.max(1, this.connections.size));
    for (const connection of this.connections.values()) connection.capsAt(most);
  }

  listens() {
    for (const { tile, level } of this.connections.values()) tile.speaks.hidden = level < SPEAKS;
  }

  status() {
    const { isMuted, isDark, video, audio } = this.capture;
    const isNarrow = [...this.connections.values()].some((each) => each.isNarrow);
    return { muted: isMuted || !audio, camera: !isDark && Boolean(video) && !isNarrow };
  }

  // A card was dealt: the others need not wait for their next look.
  deals() {
    for (const page of this.connections.keys()) this.signals.send(page, { dealt: true });
  }

  async mineChanged() {
    const { stream, audio, video, isMuted, isDark, refusal } = this.capture;
    this.self.video.srcObject = stream;
    this.self.figure.toggleAttribute("data-dark", isDark || !video);
    this.self.muted.hidden = !isMuted && Boolean(audio);
    this.press("mute", isMuted, !audio);
    this.press("dark", isDark, !video);
    const refused = this.stage.querySelector(".meeting-refused");
    refused.hidden = !refusal;
    refused.querySelector("span").textContent = refusal;
    this.stage.querySelector("[data-does=open]").hidden = Boolean(audio || video);
    for (const connection of this.connections.values()) {
      await connection.plays("audio", audio, stream);
      if (!connection.isNarrow) await connection.plays("video", video, stream);
      connection.tells(this.status());
    }
    await this.choice.fills();
  }

  press(name, isPressed, isOff) {
    const button = this.stage.querySelector(`[data-does=${name}]`);
    button.setAttribute("aria-pressed", isPressed);
    button.hidden = isOff;
  }

  presses() {
    const does = {
      mute: () => this.capture.mute(!this.capture.isMuted),
      dark: () => this.capture.darken(!this.capture.isDark),
      open: () => this.capture.open(),
      sound: () => this.sounds(),
    };
    this.stage.addEventListener("click", ({ target }) => does[target.closest("[data-does]")?.dataset.does]?.());
    this.choice = new Choice(this.stage, this.capture, 2);
    this.capture.addEventListener("devices", () => this.choice.fills());
  }

  // A browser may want a press before it plays a sound.
  silence(isSilent) {
    this.stage.querySelector("[data-does=sound]").hidden = !isSilent;
  }

  async sounds() {
    for (const { tile } of this.connections.values()) await tile.video.play().catch(() => {});
    this.silence(false);
  }

  tile(name, { isSelf = false, isCompany = false }) {
    const figure = this.stage.querySelector("template").content.firstElementChild.cloneNode(true);
    figure.querySelector(".tile-name").textContent = isSelf ? `${name} (you)` : name;
    figure.toggleAttribute("data-self", isSelf);
    figure.toggleAttribute("data-company", isCompany);
    const video = figure.querySelector("video");
    video.muted = isSelf;
    this.tiles.append(figure);
    this.arranges();
    const [line, muted, speaks] = [".tile-line", ".tile-muted", ".tile-speaks"].map((each) => figure.querySelector(each));
    return { figure, video, line, muted, speaks };
  }

  arranges() {
    this.tiles.dataset.count = this.tiles.children.length;
    this.stage.querySelector(".meeting-alone").hidden = this.tiles.children.length > 1;
  }

  ends(code) {
    this.timers.forEach(clearInterval);
    for (const [page, connection] of this.connections) this.parts(page, connection);
    this.capture.close();
    this.stage.dataset.ended = code;
    this.stage.querySelector(".meeting-replaced").hidden = code !== "page_replaced";
    if (code !== "page_replaced") this.stage.hidden = true;
  }
}
