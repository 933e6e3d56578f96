/** Where every entry lies and of what type it is: ten bytes of memory for each. */

export interface EntryPlace {
  segment: number;
  offset: number;
}

export interface EntryIndex {
  readonly size: number;
  /** `startsSession`: false for a `session.started` too short to hold a key. */
  push(place: EntryPlace, code: number, startsSession: boolean): void;
  at(entry: number): EntryPlace;
  codeOf(entry: number): number;
  /** The entry that started the session which entry `entry` belongs to; -1 where there is none. */
  sessionStart(entry: number): number;
}

/** A segment stays far below this size, so number and offset fit one exact double together. */
const SEGMENT_SPAN = 2 ** 32;

export function createIndex(): EntryIndex {
  let places = new Float64Array(1024);
  let codes = new Uint16Array(1024);
  let size = 0;
  const starts: number[] = [];

  return {
    get size() {
      return size;
    },
    push(place, code, startsSession) {
      if (size === places.length) {
        const [larger, longer] = [new Float64Array(size * 2), new Uint16Array(size * 2)];
        larger.set(places);
        longer.set(codes);
        places = larger;
        codes = longer;
      }
      places[size] = place.segment * SEGMENT_SPAN + place.offset;
      codes[size] = code;
      if (startsSession) starts.push(size);
      size += 1;
    },
    at(entry) {
      const place = places[entry];
      if (place === undefined || entry >= size) throw new RangeError('no such entry');
      return { segment: Math.floor(place / SEGMENT_SPAN), offset: place % SEGMENT_SPAN };
    },
    codeOf: (entry) => codes[entry] ?? 0,
    sessionStart(entry) {
      let low = 0;
      let high = starts.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((starts[middle] as number) <= entry) low = middle + 1;
        else high = middle;
      }
      return starts[low - 1] ?? -1;
    },
  };
}
