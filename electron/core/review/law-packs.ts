/** The law packs that were delivered with this version, read and checked once. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { type LawPack, readLawPack } from '#shared/domain/law/pack.ts';
import type { Session } from '#core/access/types.ts';
import { getCase } from '#core/store/tables/cases.ts';

/** By the pack's id. */
export type LawPacks = ReadonlyMap<string, LawPack>;

/**
 * Reads every pack in `resourcesDir/law-packs`. Throws LAW_PACK_INVALID, with the file and the
 * place in it, for the first that cannot be used: a wrong rule must never be found out by a case.
 */
export function loadLawPacks(resourcesDir: string): LawPacks {
  const packs = new Map<string, LawPack>();
  for (const { name, text } of packFiles(path.join(resourcesDir, 'law-packs'))) {
    const pack = readLawPack(parseJson(name, text), name);
    if (packs.has(pack.file.id)) {
      throw new CustosError(
        'LAW_PACK_INVALID',
        `Two law packs call themselves "${pack.file.id}"; the second is ${name}. Remove one of them.`,
      );
    }
    packs.set(pack.file.id, pack);
  }
  return packs;
}

/** The pack a case is decided by. Throws NOT_FOUND, LAW_PACK_INVALID. */
export function lawPackOfCase(session: Session, packs: LawPacks, caseId: number): LawPack {
  const { lawPack } = getCase(session.catalogue, caseId);
  const pack = packs.get(lawPack);
  if (pack === undefined) {
    throw new CustosError(
      'LAW_PACK_INVALID',
      `This case is decided by the law pack "${lawPack}", which this version of Custos does not have. Put the pack back to decide or to read its categories.`,
    );
  }
  return pack;
}

function packFiles(dir: string): { name: string; text: string }[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => ({ name, text: readFileSync(path.join(dir, name), 'utf8') }));
  } catch (cause) {
    throw new CustosError(
      'LAW_PACK_INVALID',
      'The law packs that belong to Custos cannot be read. Install Custos again.',
      { cause },
    );
  }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CustosError(
      'LAW_PACK_INVALID',
      `The law pack ${name} cannot be used: it is not JSON. Put back the pack as it was delivered.`,
      { cause },
    );
  }
}
