/**
 * One line in words for every type of entry, from what its detail happens to hold. A detail may be
 * older or newer than this file, or damaged: what is missing is left out of the sentence.
 */
import type { EntryType } from '#shared/contract/entry-types.ts';
import { RUNG_WORDS, type Rung } from '#shared/domain/words.ts';

type Detail = Record<string, unknown>;
type Teller = (detail: Detail) => string;

const PURPOSE_WORDS: Record<string, string> = {
  decide: 'to decide',
  compare: 'to compare',
  'second-opinion': 'for a second opinion',
  relook: 'to look again',
  legal: 'for legal work',
};

const TELLERS: Record<EntryType, Teller> = {
  done: (d) => join(`Finished entry${number(d, 'closes')}`),
  'workspace.created': () => 'Created the workspace',
  'workspace.opened': () => 'Opened the workspace',
  'workspace.closed': (d) => join('Closed the workspace', because(d, 'why')),
  'workspace.locked': (d) => join('Locked the workspace', because(d, 'why')),
  'workspace.recovered': (d) => join('Recovered the workspace', because(d, 'what')),
  'recovery.confirmed': () => 'Typed the recovery words again, as a check',
  'recovery.renewed': (d) => join('Made new recovery words for', called(d, 'name')),
  'unlock.succeeded': (d) => join('Unlocked', failures(d)),
  'unlock.failed': (d) => join('An unlock failed', because(d, 'reason')),
  'member.added': (d) => join('Added a member', called(d, 'name'), roles(d)),
  'member.granted': (d) => join('Granted keys to a member', called(d, 'name')),
  'call.refused': (d) => join('Refused a call', called(d, 'channel'), because(d, 'code')),
  'member.password': (d) => join('Changed a password', called(d, 'name')),
  'member.revoked': (d) => join('Revoked a membership', called(d, 'name'), roles(d)),
  'keys.rotation': (d) => join('Asked for new keys of', text(d, 'what')),
  'keys.advanced': (d) =>
    join('Change of the keys of', text(d, 'what'), epoch(d), because(d, 'step')),
  'keys.rotated': (d) => join('Changed the keys of', text(d, 'what'), epoch(d)),
  'case.created': (d) => join('Created the case', text(d, 'ref'), called(d, 'title')),
  'import.begun': (d) => join('Began an import', into(d), from(d)),
  'import.batch': (d) => join(`Stored ${counted(d, 'files', 'offered file')}`, ofImport(d)),
  'import.refused': (d) => join('Refused to import a file', ofImport(d), because(d, 'code')),
  'import.ended': (d) =>
    join(`Ended import${number(d, 'importId')}`, because(d, 'state'), ledger(d)),
  'stack.formed': (d) => join(`Formed stack${number(d, 'stackId')}`, items(d)),
  'look.granted': (d) =>
    join(`Looked at item${number(d, 'itemId')},`, rung(d), purpose(d), reason(d)),
  'look.covered': (d) => join(`Covered item${number(d, 'itemId')}`, seconds(d)),
  'fact.recorded': (d) => join('Recorded', facts(d), about(d)),
  'decision.made': (d) => join('Decided', about(d), category(d), items(d), reason(d)),
  'decision.undone': (d) => join('Undid', text(d, 'what') || about(d)),
  'stack.skipped': (d) => join(`Skipped stack${number(d, 'stackId')}`),
  'decode.failed': (d) => join(`Item${number(d, 'itemId')} could not be shown`, because(d, 'code')),
  'search.made': (d) => join('Searched', inCase(d)),
  'bundle.requested': (d) => join('Asked for a bundle', bundle(d)),
  'bundle.approved': (d) => join('Approved a bundle', bundle(d)),
  'bundle.begun': (d) => join('Began to build a bundle', bundle(d)),
  'bundle.built': (d) => join('Built a bundle', bundle(d)),
  'bundle.failed': (d) => join('A bundle could not be built', bundle(d), because(d, 'message')),
  'bundle.verified': (d) => join('Verified a bundle', outcome(d)),
  'record.read': () => 'Read the record',
  'record.checked': (d) => join('Verified the record', outcome(d)),
  'record.exported': (d) =>
    join('Handed out a copy of the record', inCase(d), number(d, 'itemId') && `about ${about(d)}`),
  'witness.accepted': (d) =>
    join('Kept a co-signature', called(d, 'witness'), `under${number(d, 'size')} entries`),
  'checkpoint.made': (d) => join(`Signed a checkpoint of${number(d, 'size')} entries`),
  'clock.backwards': (d) => join('The clock went backwards', fromTo(d)),
  'session.started': (d) => join('A session began', member(d)),
  'record.torn': (d) => join('A torn last entry was set aside', because(d, 'file')),
  'scrub.begun': (d) => join(`Began a ${text(d, 'kind')} scrub`),
  'scrub.advanced': (d) => join(`Scrubbed ${counted(d, 'checked', 'original')}`),
  'scrub.ended': (d) => join(`Ended a ${text(d, 'kind')} scrub`, because(d, 'state'), outcome(d)),
  'item.damaged': (d) =>
    join(`The original of item${number(d, 'itemId')} is damaged`, because(d, 'reason')),
  'item.mended': (d) => join(`The original of item${number(d, 'itemId')} is good again`),
  'backup.begun': () => 'Began a backup',
  'backup.ended': (d) => join('Ended a backup', because(d, 'outcome')),
  'workspace.restored': (d) =>
    join(`Restored from a backup that ends at entry${number(d, 'entries')}`, newerSeen(d)),
  'derivative.made': (d) =>
    join(`Made a rendition of item${number(d, 'itemId')}`, because(d, 'tool')),
};

/** One line, without a full stop. Never throws, whatever `detail` holds. */
export function summary(type: EntryType, detail: Detail): string {
  return 'entryUnreadable' in detail
    ? 'This entry cannot be read: it was changed'
    : TELLERS[type](detail);
}

/** Puts the parts that are there together; a trailing comma of a lone first part goes. */
function join(...parts: string[]): string {
  return parts.filter(Boolean).join(' ').replace(/,$/, '');
}

/** " 12", or nothing. */
function number(detail: Detail, key: string): string {
  const value = detail[key];
  return typeof value === 'number' ? ` ${value}` : '';
}

/** The text as typed, shortened, on one line; or nothing. */
function text(detail: Detail, key: string): string {
  const value = detail[key];
  if (typeof value !== 'string') return '';
  const line = value.replaceAll(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function because(detail: Detail, key: string): string {
  const words = text(detail, key);
  return words && `(${words})`;
}

function called(detail: Detail, key: string): string {
  const words = text(detail, key);
  return words && `“${words}”`;
}

function reason(detail: Detail): string {
  const words = text(detail, 'reason');
  return words && `— ${words}`;
}

function counted(detail: Detail, key: string, one: string): string {
  const value = detail[key];
  const count = Array.isArray(value) ? value.length : value;
  if (typeof count !== 'number') return `${one}s`;
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function rung(detail: Detail): string {
  const value = detail['rung'];
  const words = typeof value === 'number' ? RUNG_WORDS[value as Rung] : undefined;
  return words ? `rung ${String(value)} (${words}),` : '';
}

function purpose(detail: Detail): string {
  const words = text(detail, 'purpose');
  return PURPOSE_WORDS[words] ?? words;
}

function seconds(detail: Detail): string {
  const value = detail['seconds'];
  return typeof value === 'number' ? `after ${Math.round(value * 10) / 10} s` : '';
}

function about(detail: Detail): string {
  if (number(detail, 'itemId')) return `item${number(detail, 'itemId')}`;
  return number(detail, 'stackId') && `stack${number(detail, 'stackId')}`;
}

function category(detail: Detail): string {
  const words = text(detail, 'categoryTitle') || text(detail, 'category');
  return words && `as “${words}”`;
}

function items(detail: Detail): string {
  return 'items' in detail ? `(${counted(detail, 'items', 'item')})` : '';
}

/** Facts come as a list of `{ key, value }` or as an object of values. */
function facts(detail: Detail): string {
  const value = detail['facts'];
  if (typeof value !== 'object' || value === null) return 'facts';
  const pairs: [unknown, unknown][] = Array.isArray(value)
    ? value.map((fact: { key?: unknown; value?: unknown } | null) => [fact?.key, fact?.value])
    : Object.entries(value);
  const words = pairs
    .filter(([key]) => typeof key === 'string')
    .map(([key, said]) => `${String(key)}: ${typeof said === 'string' ? said : 'taken back'}`);
  return words.length > 0 ? `${words.join(', ')} for` : 'facts';
}

function ledger(detail: Detail): string {
  const words = ['offered', 'new', 'duplicate', 'unreadable', 'refused']
    .filter((key) => typeof detail[key] === 'number')
    .map((key) => `${String(detail[key])} ${key}`);
  return words.length > 0 ? `— ${words.join(', ')}` : '';
}

function inCase(detail: Detail): string {
  return number(detail, 'caseId') && `in case${number(detail, 'caseId')}`;
}

function into(detail: Detail): string {
  return number(detail, 'caseId') && `into case${number(detail, 'caseId')}`;
}

function from(detail: Detail): string {
  return text(detail, 'source') && `from ${called(detail, 'source')}`;
}

function ofImport(detail: Detail): string {
  return number(detail, 'importId') && `of import${number(detail, 'importId')}`;
}

function bundle(detail: Detail): string {
  const edition = text(detail, 'edition');
  return join(number(detail, 'bundleId').trim(), edition && `(${edition} edition)`, inCase(detail));
}

function outcome(detail: Detail): string {
  if (typeof detail['good'] !== 'boolean') return '';
  return detail['good'] ? '(good)' : '(something does not hold)';
}

function fromTo(detail: Detail): string {
  const [before, after] = [text(detail, 'from'), text(detail, 'to')];
  return before && after && `from ${before} to ${after}`;
}

function newerSeen(detail: Detail): string {
  return number(detail, 'seen') && `(this machine had seen${number(detail, 'seen')})`;
}

function epoch(detail: Detail): string {
  return number(detail, 'epoch') && `(epoch${number(detail, 'epoch')})`;
}

function roles(detail: Detail): string {
  const value = detail['roles'];
  const words = Array.isArray(value) ? value.filter((role) => typeof role === 'string') : [];
  return words.length > 0 ? `(${words.join(', ')})` : '';
}

function failures(detail: Detail): string {
  const value = detail['failedBefore'];
  return typeof value === 'number' && value > 0 ? `after ${value} failed attempts` : '';
}

function member(detail: Detail): string {
  const value = detail['member'];
  if (value === null) return 'before anybody was let in';
  const words = typeof value === 'object' ? text(value as Detail, 'name') : '';
  return words && `for “${words}”`;
}
