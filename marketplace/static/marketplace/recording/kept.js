// What a device recorded and the house has not acknowledged yet: the one thing that a page keeps, so that a closed tab, a dead
// laptop and a lost network lose no more than the last slice. Gone as soon as it is safe; the browser forgets it at a log-out.

const NAME = "recordings";
let opened = null;

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });

const database = () => {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.addEventListener("upgradeneeded", () => {
      asked.result.createObjectStore("segments", { keyPath: "key" });
      asked.result.createObjectStore("slices", { keyPath: ["key", "at"] });
    });
    asked.addEventListener("success", () => resolve(asked.result));
    asked.addEventListener("error", () => reject(asked.error));
  });
  return opened;
};

// One transaction: `work` says what to do in it; it is on the disk when this answers.
const within = async (mode, work) => {
  const transaction = (await database()).transaction(["segments", "slices"], mode, { durability: "strict" });
  const found = work(transaction.objectStore("segments"), transaction.objectStore("slices"));
  await new Promise((resolve, reject) => {
    transaction.addEventListener("complete", resolve);
    transaction.addEventListener("abort", () => reject(transaction.error));
  });
  return found && (await found);
};

const of = (key, from = 0, until = Infinity) => IDBKeyRange.bound([key, from], [key, until], false, true);

export const all = () => within("readonly", (segments) => answered(segments.getAll()));

export const keep = (segment) => within("readwrite", (segments) => void segments.put(segment));

// The segment's next bytes, and how many they are now, together or not at all.
export const addSlice = (segment, bytes) =>
  within("readwrite", (segments, slices) => {
    slices.put({ key: segment.key, at: segment.size, bytes });
    segments.put({ ...segment, size: segment.size + bytes.byteLength });
  });

// From `from` on, at most to `until`, as far as they lie here in a row.
export const bytesOf = async (key, from, until) => {
  const slices = await within("readonly", (_, store) => answered(store.getAll(of(key, 0, until))));
  const parts = [];
  let at = from;
  for (const slice of slices) {
    const ends = slice.at + slice.bytes.byteLength;
    if (ends <= at || slice.at > at) continue;
    parts.push(slice.bytes.slice(at - slice.at, Math.min(ends, until) - slice.at));
    at = Math.min(ends, until);
  }
  return new Blob(parts);
};

// What lies wholly before `safe` is on the house's disk.
export const letGo = (key, safe) =>
  within("readwrite", (_, slices) => {
    slices.openCursor(of(key, 0, safe)).addEventListener("success", ({ target }) => {
      const cursor = target.result;
      if (!cursor) return;
      if (cursor.value.at + cursor.value.bytes.byteLength <= safe) cursor.delete();
      cursor.continue();
    });
  });

export const forget = (key) =>
  within("readwrite", (segments, slices) => {
    segments.delete(key);
    slices.delete(of(key));
  });
