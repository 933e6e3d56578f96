/** The window as the rest of main sees it: there is one, and it can be thrown away. */
import type { BrowserWindow, WebContents } from 'electron';
import type { CoreEvent } from '#shared/contract/contract.ts';
import { EVENT } from '#electron/preload/wire-names.ts';
import { createWindow, type WindowParts } from './hardening/window.ts';

export interface Screen {
  open(): Promise<void>;
  /** SECURITY: ends the renderer and every decoded picture in it, and opens an empty one. */
  purge(): Promise<void>;
  window(): BrowserWindow | null;
  contents(): WebContents | null;
  tell(event: CoreEvent): void;
  focus(): void;
}

export function createScreen(
  parts: Omit<WindowParts, 'bounds'> & { url: string; closed(): void; crashed(): void },
): Screen {
  let current: BrowserWindow | null = null;

  const show = async (bounds?: WindowParts['bounds']): Promise<void> => {
    const window = createWindow({ ...parts, bounds });
    current = window;
    window.once('closed', () => {
      if (current !== window) return;
      current = null;
      parts.closed();
    });
    window.webContents.on('render-process-gone', () => {
      if (current === window) parts.crashed();
    });
    await window.loadURL(parts.url);
  };

  return {
    open: () => show(),
    async purge() {
      const old = current;
      if (!old) return;
      old.hide();
      await show(old.getBounds());
      // After the new one is there: without any window the app would quit.
      old.destroy();
    },
    window: () => current,
    contents: () => current?.webContents ?? null,
    tell: (event) => current?.webContents.send(EVENT, event),
    focus() {
      if (current?.isMinimized()) current.restore();
      current?.focus();
    },
  };
}
