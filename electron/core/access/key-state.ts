/** Which epochs of keys are in use, and which are still to come: a single value of the catalogue. */
import { getMeta, setMeta } from '#core/store/meta.ts';
import type { Reader, Writer } from '#core/store/types.ts';
import { type Fields, epochNumber, parseFields, readOrDamaged } from '#core/vault/fields.ts';
import type { EpochsInUse } from '#core/vault/grants.ts';
import { FIRST_EPOCH } from '#core/vault/keyring.ts';
import { readStoredEpochs, storedEpoch, type SignedEpoch } from './epochs.ts';

const KEY = 'key_epochs';

export interface KeyState {
  /** Of the catalogue's key and of the record's. */
  readonly catalogue: number;
  /** Of the keys of pictures. */
  readonly pictures: number;
  /** The epoch that originals are being sealed under anew, or null. */
  readonly next: number | null;
  /** Where all of them are to get to. */
  readonly due: number;
  /** Epochs of the record's keys after the first, oldest first. */
  readonly epochs: readonly SignedEpoch[];
  /** Their numbers, newest first; the first epoch included. */
  readonly recordEpochs: readonly [number, ...number[]];
}

/** Errors: WORKSPACE_DAMAGED. */
export function readKeyState(catalogue: Reader): KeyState {
  const stored = getMeta(catalogue, KEY);
  if (stored === null) {
    const first = FIRST_EPOCH;
    const epochs: SignedEpoch[] = [];
    return {
      catalogue: first,
      pictures: first,
      next: null,
      due: first,
      epochs,
      recordEpochs: [first],
    };
  }
  return readOrDamaged('The list of keys in use', () => {
    const fields = parseFields(stored);
    const epochs = readStoredEpochs(fields['epochs']);
    return {
      catalogue: epochNumber(fields, 'catalogue'),
      pictures: epochNumber(fields, 'pictures'),
      next: fields['next'] === null ? null : epochNumber(fields, 'next'),
      due: epochNumber(fields, 'due'),
      epochs,
      recordEpochs: recordEpochs(epochs),
    };
  });
}

export function writeKeyState(tx: Writer, state: Omit<KeyState, 'recordEpochs'>): void {
  const { catalogue, pictures, next, due } = state;
  const epochs = state.epochs.map(storedEpoch);
  setMeta(tx, KEY, JSON.stringify({ catalogue, pictures, next, due, epochs }));
}

/** What members have to hold, so that everything opens. */
export function keysInUse(state: KeyState): EpochsInUse {
  const { catalogue, pictures, next } = state;
  const ofPictures = next === null ? ([pictures] as const) : ([next, pictures] as const);
  return {
    db: [catalogue],
    content: ofPictures,
    name: ofPictures,
    recordPrivate: state.recordEpochs,
    checkpoint: [catalogue],
  };
}

/** The epoch after every one that was ever begun. */
export function nextEpoch({ catalogue, pictures, next }: KeyState): number {
  return Math.max(catalogue, pictures, next ?? 0) + 1;
}

/** How far new keys have come, in words; null where there is nothing to do. */
export function rotationWords({ catalogue, pictures, next, due }: KeyState): string | null {
  if (catalogue < due) {
    return 'A member was revoked or new keys were asked for, and the keys of catalogue and record are still the earlier ones: a supervisor changes them (rotate keys).';
  }
  if (next !== null) {
    return 'Originals are being sealed under new keys. Work goes on meanwhile; what is left is done whenever a member who holds the keys to pictures is unlocked.';
  }
  if (pictures < due) {
    return 'The keys of pictures are still the earlier ones: they are changed as soon as a member who holds them unlocks.';
  }
  return null;
}

function recordEpochs(epochs: readonly SignedEpoch[]): [number, ...number[]] {
  const numbers = epochs.map(({ statement }) =>
    epochNumber(parseFields(statement) as Fields, 'epoch'),
  );
  return withFirst(numbers.reverse());
}

function withFirst(numbers: readonly number[]): [number, ...number[]] {
  const [newest, ...others] = numbers;
  return newest === undefined ? [FIRST_EPOCH] : [newest, ...others, FIRST_EPOCH];
}
