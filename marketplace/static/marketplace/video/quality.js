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

export const inWords = (now, before, { isConnected, isCutOff, camera }) => {
  if (isCutOff) return { tone: "held", word: "Cannot be reached" };
  if (!isConnected) return { tone: "waiting", word: "Connecting" };
  if (!before) return { tone: "settled", word: "Connected" };
  const lost = Math.max(0, rate(now, before, "lost"));
  const share = lost / Math.max(1, lost + rate(now, before, "received"));
  const frames = rate(now, before, "frames") / ((now.at - before.at) / 1000);
  if (share > 0.08 || now.roundTripMs > 600) return { tone: "held", word: "Bad line: sound may drop" };
  if (share > 0.02 || now.roundTripMs > 300 || (camera && frames < 8)) return { tone: "waiting", word: "Weak line" };
  return { tone: "settled", word: "Good line" };
};
