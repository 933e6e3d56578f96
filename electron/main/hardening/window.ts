/** The one window: how it is made and what it may never do. */
import { BrowserWindow, type App, type Rectangle, type Session, type WebContents } from 'electron';
import { windowOptions } from './window-options.ts';

export interface WindowParts {
  session: Session;
  preload: string;
  packaged: boolean;
  /** Where the window before this one was, after a lock. */
  bounds?: Rectangle | undefined;
}

export function createWindow({ bounds, ...parts }: WindowParts): BrowserWindow {
  const window = new BrowserWindow({ ...windowOptions(parts), ...bounds });
  // SECURITY: keeps the window out of screenshots and recordings where the system honours it.
  window.setContentProtection(true);
  // The title never follows the page: no word about the content may stand in a title bar.
  window.on('page-title-updated', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  return window;
}

/** Holds for every page anything in this process ever creates. */
export function hardenContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => refuseToLeave(contents));
}

function refuseToLeave(contents: WebContents): void {
  // SECURITY: the page that was loaded is the only one there will ever be. Loading by the host
  // itself raises none of these events.
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('select-bluetooth-device', (event) => event.preventDefault());
}
