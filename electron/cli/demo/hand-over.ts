/** Lin asks, Sam approves, Lin builds; then the file is checked as its recipient would. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { CustosError } from '#shared/domain/errors.ts';
import type { BundleVerification } from '#shared/contract/bundles.ts';
import type { Client } from '../client.ts';
import { unwatched } from '../terminal.ts';
import type { Team } from './people.ts';

export interface HandedOver {
  file: string;
  items: number;
  bytes: number;
  sha256: string;
  verdict: BundleVerification;
}

export async function handOver(
  client: Client,
  team: Team,
  caseId: number,
  folder: string,
): Promise<HandedOver> {
  const identity = await generateIdentity();
  const identityFile = path.join(folder, 'recipient-key.txt');
  await writeFile(identityFile, `${identity}\n`, { mode: 0o600, flag: 'wx' });

  await team.unlock('Lin');
  const requested = await client.call('bundles.request', {
    caseId,
    edition: 'sealed',
    recipients: [await identityToRecipient(identity)],
  });
  await team.unlock('Sam');
  await client.call('bundles.approve', { bundleId: requested.id });
  await team.unlock('Lin');
  const file = path.join(folder, 'DEMO-1.tar.age');
  const { jobId } = await client.call('bundles.build', {
    bundleId: requested.id,
    target: client.keep(file),
  });
  const job = await client.follow(jobId, unwatched);
  if (job.state !== 'done')
    throw new CustosError(job.code ?? 'CANCELLED', job.message ?? 'The bundle was not built.');
  const built = (await client.call('bundles.list', {})).find((b) => b.id === requested.id)!;
  const verdict = await client.call('bundles.verify', {
    file: client.keep(file),
    identity: client.keep(identityFile),
  });
  return { file, items: built.items, bytes: built.bytes!, sha256: built.sha256!, verdict };
}
