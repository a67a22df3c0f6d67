// In which form a browser records: MP4 where it can, as it plays everywhere; what no browser can is left out.

export const FORMS = [
  "video/mp4;codecs=avc1.640028,mp4a.40.2",
  "video/mp4;codecs=vp9,opus",
  "video/mp4",
  "video/webm;codecs=vp9,opus",
  "video/webm",
];
