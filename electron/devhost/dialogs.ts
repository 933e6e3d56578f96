/**
 * The development host's own dialogs. A browser has none that tells a path, so a second small
 * window at an origin of its own lists folders and lets the person choose. The app's page cannot
 * reach it; it learns of a choice only what the core tells it.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import type { Dialogs } from '#core/ports.ts';
import { createAnswer } from '#electron/hosting/answer.ts';
import { loadStaticFiles } from '#electron/hosting/static-files.ts';
import { isPlain } from '#shared/contract/plain.ts';
import { checkNewName, listFolder, startFolder } from './folders.ts';
import { fulfil, type DevHost } from './host.ts';

export const DIALOG_ORIGIN = 'https://dialog.custos.invalid';

/** What one dialog window asks the person for. */
interface Question {
  title: string;
  /** What is chosen: one folder, one file, several files, or a folder and a new name in it. */
  want: 'folder' | 'file' | 'files' | 'new';
  /** Label of the button that chooses. */
  act: string;
  /** First value of the name field; only with `new`. */
  name?: string;
  /** Label of a button that goes on without a choice. */
  skip?: string;
}

type Reply = { chosen: string[] } | { skipped: true } | null;

export interface PageDialogs extends Dialogs {
  /** Must be called once the host is open; dialogs asked for earlier answer "nothing chosen". */
  attach(host: DevHost): void;
}

export function createPageDialogs(from = startFolder()): PageDialogs {
  let host: DevHost | null = null;
  // Where the person was last, so that the next dialog starts there.
  let folder = from;
  const ask = async (question: Question): Promise<Reply> => {
    if (!host) return null;
    const reply = await askInWindow(host, question, folder);
    const first = reply && 'chosen' in reply ? reply.chosen[0] : undefined;
    if (first !== undefined) folder = path.dirname(first);
    return reply;
  };
  const one = (reply: Reply): string | null =>
    (reply && 'chosen' in reply ? reply.chosen[0] : undefined) ?? null;

  return {
    attach(opened) {
      host = opened;
    },
    async chooseWorkspace(purpose) {
      return one(
        await ask(
          purpose === 'open'
            ? { title: 'Open a workspace', want: 'folder', act: 'Open this folder' }
            : { title: 'Create a workspace', want: 'new', act: 'Create here', name: 'workspace' },
        ),
      );
    },
    async chooseSources(kind) {
      const reply = await ask(
        kind === 'files'
          ? { title: 'Choose files to import', want: 'files', act: 'Choose these files' }
          : { title: 'Choose a folder to import', want: 'folder', act: 'Choose this folder' },
      );
      return reply && 'chosen' in reply ? reply.chosen : null;
    },
    async chooseTarget(suggestedName) {
      return one(
        await ask({
          title: 'Save the bundle as',
          want: 'new',
          act: 'Save here',
          name: suggestedName,
        }),
      );
    },
    async chooseReceived() {
      const file = one(
        await ask({ title: 'Choose a received bundle', want: 'file', act: 'Choose this bundle' }),
      );
      if (file === null) return null;
      const identity = await ask({
        title: 'Choose the key file it was encrypted to',
        want: 'file',
        act: 'Use this key',
        skip: 'Go on without a key',
      });
      return identity === null ? null : { file, identity: one(identity) };
    },
  };
}

async function askInWindow(host: DevHost, question: Question, folder: string): Promise<Reply> {
  const page = await host.openWindow();
  try {
    return await converse(page, question, folder);
  } finally {
    // It may be closed already: that is how a person cancels.
    await page.close().catch(() => undefined);
    await host.page.bringToFront().catch(() => undefined);
  }
}

async function converse(page: Page, question: Question, folder: string): Promise<Reply> {
  const files = await loadStaticFiles(fileURLToPath(new URL('./dialog', import.meta.url)));
  const answer = createAnswer({
    origin: DIALOG_ORIGIN,
    files,
    picture: () => Promise.resolve({ status: 403, headers: {}, body: new Uint8Array() }),
  });
  await page.route('**/*', (route) => fulfil(route, answer));
  const reply = new Promise<Reply>((resolve) => {
    page.once('close', () => resolve(null));
    page
      .exposeBinding('dialogWire', async ({ frame }, message: unknown) => {
        // SECURITY: the file system answers to this window's own document only.
        if (frame !== page.mainFrame() || !frame.url().startsWith(`${DIALOG_ORIGIN}/`)) return null;
        return respond(message, question, folder, resolve);
      })
      .then(() => page.goto(`${DIALOG_ORIGIN}/`))
      // The window was closed before it was ready: nothing was chosen.
      .catch(() => resolve(null));
  });
  return reply;
}

/** One message of the dialog's page. Answers with plain data; an error is a sentence. */
async function respond(
  message: unknown,
  question: Question,
  folder: string,
  finish: (reply: Reply) => void,
): Promise<unknown> {
  if (!isPlain(message) || typeof message !== 'object' || message === null) return null;
  const { kind, where, names } = message as { kind?: unknown; where?: unknown; names?: unknown };
  if (kind === 'cancel') return finish(null);
  if (kind === 'skip') return question.skip === undefined ? null : finish({ skipped: true });
  if (kind === 'begin') return { question, listing: await listFolder(folder) };
  if (typeof where !== 'string' || !path.isAbsolute(where)) return null;
  if (kind === 'list') return { listing: await listFolder(where) };
  if (kind !== 'choose' || !Array.isArray(names)) return null;
  const picked = names.filter((name): name is string => typeof name === 'string');
  if (question.want === 'new') {
    const problem = await checkNewName(where, picked[0] ?? '');
    if (problem !== null) return { problem };
  }
  return finish({
    chosen: question.want === 'folder' ? [where] : picked.map((name) => path.join(where, name)),
  });
}
