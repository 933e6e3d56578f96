/** Intake: choose, preview, import, ledger; and the jobs that follow long work. */
import { requireRecoveryConfirmed } from '#core/access/recovery-state.ts';
import type { Session } from '#core/access/types.ts';
import { beginImport } from '#core/intake/import.ts';
import { previewSources } from '#core/intake/preview.ts';
import { importSummaries } from '#core/intake/summaries.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { getImport, listFailures } from '#core/store/tables/imports.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'intake.choose'
  | 'intake.preview'
  | 'intake.start'
  | 'intake.imports'
  | 'intake.failures'
  | 'jobs.list'
  | 'jobs.cancel';

export function intakeHandlers(desk: Desk): Pick<Handlers, Rooms> {
  return {
    'intake.choose': async ({ kind }) => {
      const paths = await desk.ports.dialogs.chooseSources(kind);
      if (!paths || paths.length === 0) return null;
      return { choice: desk.choices.keep(paths), label: labelOf(paths), count: paths.length };
    },
    'intake.preview': ({ caseId, choices }, session) => {
      getCase(session.catalogue, caseId);
      return previewSources(session, pathsOf(desk, choices));
    },
    'intake.start': (input, session) => start(desk, session, input),
    'intake.imports': ({ caseId }, session) => importSummaries(session, caseId),
    'intake.failures': ({ importId, offset, limit }, session) => {
      getImport(session.catalogue, importId);
      return listFailures(session.catalogue, importId, { offset, limit });
    },
    'jobs.list': () => desk.jobs().list(),
    'jobs.cancel': ({ jobId }) => {
      desk.jobs().cancel(jobId);
      return null;
    },
  };
}

function pathsOf(desk: Desk, choices: readonly string[]): string[] {
  return choices.flatMap((choice) => desk.choices.paths(choice));
}

/** The folder's or file's own name; how many more there are. Never a path. */
function labelOf(paths: readonly string[]): string {
  const first = paths[0]!.split(/[\\/]/).filter(Boolean).at(-1) ?? paths[0]!;
  return paths.length === 1 ? first : `${first} and ${paths.length - 1} more`;
}

async function start(
  desk: Desk,
  session: Session,
  input: { caseId: number; choices: string[]; source: string; exhibit: string },
): Promise<{ jobId: number; importId: number }> {
  // The command line says so on stderr instead: it may be working through the night alone.
  if (desk.ports.host !== 'command-line') requireRecoveryConfirmed(session.catalogue);
  const { caseId, source, exhibit } = input;
  const paths = pathsOf(desk, input.choices);
  const deps = {
    session,
    media: desk.media(),
    clock: desk.ports.clock,
    // Two more than decoders: while those are busy, others read, hash and seal.
    slots: desk.ports.decoders + 2,
  };
  const { importId, run } = await beginImport(deps, { caseId, paths, source, exhibit });
  const what = { kind: 'import' as const, caseId, label: source || labelOf(paths) };
  const { jobId, finished } = desk.jobs().start(what, (job) => {
    job.setResult(importId);
    return run(job);
  });
  const told = (): void => desk.emit({ type: 'case-changed', caseId });
  // The job itself carries the failure to whoever watches; here only the counts are refreshed.
  finished.then(told, told);
  return { jobId, importId };
}
