/** One item as findings.json tells it: hashes, places, decisions, looks, and its payload file. */
import { isUtf8 } from 'node:buffer';
import type {
  ExportDecision,
  ExportItem,
  ExportLook,
  ExportOccurrence,
} from '#core/store/tables/export.ts';

export interface ItemFinding {
  number: number;
  file: string;
  itemId: number;
  stackId: number | null;
  sha256: string;
  sha1: string;
  md5: string;
  bytes: number;
  mime: string;
  width: number | null;
  height: number | null;
  frames: number | null;
  pdq: string | null;
  pdqQuality: number | null;
  state: string;
  unreadable: { code: string | null; reason: string | null } | null;
  link: { itemId: number; distance: number | null; orientation: string | null } | null;
  importId: number;
  importedAt: string;
  occurrences: Record<string, unknown>[];
  decision: DecisionFinding | null;
  earlierDecisions: DecisionFinding[];
  looks: Record<string, unknown>[];
}

interface DecisionFinding {
  category: string;
  categoryTitle: string;
  rule: string | null;
  lawPack: string;
  lawPackVersion: string;
  overridden: boolean;
  basis: string;
  reason: string;
  facts: unknown;
  by: string;
  at: string;
  undoneAt?: string;
}

export function itemFinding(
  number: number,
  item: ExportItem,
  occurrences: ExportOccurrence[],
  decisions: ExportDecision[],
  looks: ExportLook[],
): ItemFinding {
  const sha256 = item.sha256.toString('hex');
  const inForce = decisions.find((one) => one.id === item.decisionId);
  return {
    number,
    file: payloadPath(number, sha256, item.ext),
    itemId: item.id,
    stackId: item.stackId,
    sha256,
    sha1: item.sha1.toString('hex'),
    md5: item.md5.toString('hex'),
    bytes: item.bytes,
    mime: item.mime,
    width: item.width,
    height: item.height,
    frames: item.frames,
    pdq: item.pdq?.toString('hex') ?? null,
    pdqQuality: item.pdqQuality,
    state: item.state,
    unreadable:
      item.state === 'unreadable'
        ? { code: item.unreadableCode, reason: item.unreadableReason }
        : null,
    link:
      item.linkTo === null
        ? null
        : {
            itemId: item.linkTo,
            distance: item.linkDistance,
            orientation: item.linkOrientation,
          },
    importId: item.importId,
    importedAt: item.createdAt,
    occurrences: occurrences.map((one) => ({
      ...exactPath(one),
      source: one.source,
      exhibit: one.exhibit,
      importId: one.importId,
      modifiedAt: one.modifiedAt,
      seenAt: one.seenAt,
    })),
    decision: inForce ? decisionFinding(inForce) : null,
    earlierDecisions: decisions.filter((one) => one !== inForce).map(decisionFinding),
    looks: looks.map((look) => ({
      by: look.by,
      at: look.at,
      rung: look.rung,
      seconds: look.seconds,
      purpose: look.purpose,
      reason: look.reason,
      relook: look.relook === 1,
    })),
  };
}

/**
 * ASCII and made of the hash: a name from a suspect's disk never becomes a name on the
 * recipient's, and a percent sign in a name breaks `sha512sum -c`.
 */
export function payloadPath(number: number, sha256: string, ext: string): string {
  const safe = /^[a-z0-9]{1,8}$/.test(ext) ? ext : 'bin';
  return `data/items/${String(number).padStart(6, '0')}_${sha256.slice(0, 16)}.${safe}`;
}

/** `path` exactly as found; where it is not UTF-8, its bytes in base64 beside a readable form. */
export function exactPath(place: { pathRaw: Buffer; pathDisplay: string }): Record<string, string> {
  if (!isUtf8(place.pathRaw)) {
    return { path: place.pathDisplay, pathBase64: place.pathRaw.toString('base64') };
  }
  const path = place.pathRaw.toString('utf8');
  return path === place.pathDisplay ? { path } : { path, pathShown: place.pathDisplay };
}

function decisionFinding(decision: ExportDecision): DecisionFinding {
  const { undoneAt } = decision;
  return {
    category: decision.category,
    categoryTitle: decision.categoryTitle,
    rule: decision.rule,
    lawPack: decision.lawPack,
    lawPackVersion: decision.lawPackVersion,
    overridden: decision.overridden === 1,
    basis: decision.basis,
    reason: decision.reason,
    facts: JSON.parse(decision.facts) as unknown,
    by: decision.by,
    at: decision.at,
    ...(undoneAt === null ? {} : { undoneAt }),
  };
}
