/** The system's own dialogs. Paths go from here to the core and never to the window. */
import {
  dialog,
  type BrowserWindow,
  type OpenDialogOptions,
  type SaveDialogOptions,
} from 'electron';
import type { Dialogs } from '#core/ports.ts';

// SECURITY: nothing that is chosen may appear among the system's recent documents.
const QUIET = 'dontAddToRecent' as const;

export function createDialogs(window: () => BrowserWindow | null): Dialogs {
  const open = async (options: OpenDialogOptions): Promise<string[] | null> => {
    const parent = window();
    if (!parent) return null;
    const { canceled, filePaths } = await dialog.showOpenDialog(parent, options);
    return canceled || filePaths.length === 0 ? null : filePaths;
  };
  const save = async (options: SaveDialogOptions): Promise<string | null> => {
    const parent = window();
    if (!parent) return null;
    const { canceled, filePath } = await dialog.showSaveDialog(parent, {
      ...options,
      properties: ['createDirectory', 'showOverwriteConfirmation', QUIET],
    });
    return canceled || filePath === '' ? null : filePath;
  };
  const openOne = async (options: OpenDialogOptions): Promise<string | null> =>
    (await open(options))?.[0] ?? null;

  return {
    chooseWorkspace: (purpose) =>
      purpose === 'open'
        ? openOne({ title: 'Open a workspace', properties: ['openDirectory', QUIET] })
        : save({
            title: 'Create a workspace',
            buttonLabel: 'Create here',
            defaultPath: 'workspace',
          }),
    chooseSources: (kind) =>
      kind === 'files'
        ? open({
            title: 'Choose files to import',
            properties: ['openFile', 'multiSelections', QUIET],
          })
        : open({ title: 'Choose a folder to import', properties: ['openDirectory', QUIET] }),
    chooseTarget: (suggestedName) =>
      save({ title: 'Save the bundle as', defaultPath: suggestedName }),
    async chooseReceived() {
      const file = await openOne({
        title: 'Choose a received bundle',
        properties: ['openFile', QUIET],
      });
      if (file === null) return null;
      const identity = await openOne({
        title: 'Choose the key file it was encrypted to (cancel to go on without)',
        properties: ['openFile', 'showHiddenFiles', QUIET],
      });
      return { file, identity };
    },
  };
}
