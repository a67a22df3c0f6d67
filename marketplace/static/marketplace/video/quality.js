// What getStats says, in words a performer can use.

const reports = (stats, type, kind) => [...stats.values()].filter((each) => each.type === type && (!kind || each.kind === kind));

// What is compared from one look to the next.
export const look = async (pc) => {
  const stats = await pc.getStats();
  const inbound = reports(stats, "inbound-rtp");
  const pair = reports(stats, "candidate-pair").find((each) => each.nominated && each.state === "succeeded");
  const video = inbound.find((each) => each.kind === "video");
  return {
    at: performance.now(),
    lost: inbound.reduce((sum, each) => sum + (each.packetsLost ?? 0), 0),
    received: inbound.reduce((sum, each) => sum + (each.packetsReceived ?? 0), 0),
    bytes: inbound.reduce((sum, each) => sum + (each.bytesReceived ?? 0), 0),
    frames: video?.framesDecoded ?? 0,
    roundTripMs: Math.round((pair?.currentRoundTripTime ?? 0) * 1000),
    upBps: pair?.availableOutgoingBitrate ?? null,
  };
};

const rate = (now, before, name) => now[name] - (before?.[name] ?? 0);

const GOOD = { name: "good", tone: "settled", word: "Good line" };
const WEAK = { name: "weak", tone: "waiting", word: "Weak line" };
const BAD = { name: "bad", tone: "held", word: "Bad line: sound may drop" };

// Between two looks: how much of what was sent never came, per thousand, and what to call that.
export const reading = (now, before, camera) => {
  const lost = Math.max(0, rate(now, before, "lost"));
  const lostPermille = Math.min(1000, Math.round((1000 * lost) / Math.max(1, lost + rate(now, before, "received"))));
  const frames = rate(now, before, "frames") / ((now.at - before.at) / 1000);
  const { roundTripMs } = now;
  if (lostPermille > 80 || roundTripMs > 600) return { lostPermille, roundTripMs, is: BAD };
  if (lostPermille > 20 || roundTripMs > 300 || (camera && frames < 8)) return { lostPermille, roundTripMs, is: WEAK };
  return { lostPermille, roundTripMs, is: GOOD };
};

export const inWords = (now, before, { isConnected, isCutOff, camera }) => {
  if (isCutOff) return { tone: "held", word: "Cannot be reached" };
  if (!isConnected) return { tone: "waiting", word: "Connecting" };
  if (!before) return { tone: "settled", word: "Connected" };
  return reading(now, before, camera).is;
};

// The worst of two readings, as the house keeps it.
export const worst = (kept, { lostPermille, roundTripMs, is }) => {
  const [word] = [BAD.name, WEAK.name, GOOD.name].filter((each) => each === is.name || each === kept?.word);
  return {
    word,
    lost_permille: Math.max(lostPermille, kept?.lost_permille ?? 0),
    round_trip_ms: Math.min(60_000, Math.max(roundTripMs, kept?.round_trip_ms ?? 0)),
  };
};
