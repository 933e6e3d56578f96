/**
 * The types of entry the record may hold. A type's code is on disk for ever: append, never renumber.
 * `done` closes an earlier entry once its effect is in the catalogue.
 */
export const ENTRY_CODES = {
  done: 1,
  'workspace.created': 2,
  'workspace.opened': 3,
  'workspace.closed': 4,
  'workspace.locked': 5,
  'workspace.recovered': 6,
  /** The recovery words were typed again, as a check. */
  'recovery.confirmed': 7,
  /** New recovery words; the earlier ones open nothing any more. */
  'recovery.renewed': 8,
  'unlock.succeeded': 10,
  'unlock.failed': 11,
  'member.added': 12,
  'member.granted': 13,
  'call.refused': 14,
  'member.password': 15,
  'member.revoked': 16,
  /** New keys were asked for. */
  'keys.rotation': 17,
  /** They are in use: of the catalogue and the record, or of pictures. */
  'keys.rotated': 18,
  /** On the way there: begun, kept back, the earlier ones destroyed. */
  'keys.advanced': 19,
  'case.created': 20,
  'import.begun': 30,
  'import.batch': 31,
  'import.refused': 32,
  'import.ended': 33,
  'stack.formed': 34,
  'look.granted': 40,
  'look.covered': 41,
  'fact.recorded': 50,
  'decision.made': 51,
  'decision.undone': 52,
  'stack.skipped': 53,
  'decode.failed': 54,
  'search.made': 55,
  'bundle.requested': 60,
  'bundle.approved': 61,
  'bundle.begun': 62,
  'bundle.built': 63,
  'bundle.failed': 64,
  'bundle.verified': 65,
  'record.read': 70,
  'record.checked': 71,
  'checkpoint.made': 72,
  'clock.backwards': 73,
  /** First entry of every session: holds the key the session's entries are encrypted with. */
  'session.started': 74,
  /** The last entry had been cut off by a crash; its bytes were set aside. */
  'record.torn': 75,
  'record.exported': 76,
  /** A co-signature of a witness was put beside the checkpoints. */
  'witness.accepted': 77,
  'derivative.made': 80,
  'scrub.begun': 90,
  /** How far a scrub has come, so that it can go on from there. */
  'scrub.advanced': 91,
  'scrub.ended': 92,
  /** An original was found missing or damaged. */
  'item.damaged': 93,
  'item.mended': 94,
  'backup.begun': 95,
  'backup.ended': 96,
  /** The first opening after a restore from a backup. */
  'workspace.restored': 97,
} as const;

export type EntryType = keyof typeof ENTRY_CODES;
export const ENTRY_TYPES = Object.keys(ENTRY_CODES) as [EntryType, ...EntryType[]];
