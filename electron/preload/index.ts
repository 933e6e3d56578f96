/** Electron's preload: hangs the letter box into the sandboxed screen. Built to one CommonJS file. */
import { contextBridge, ipcRenderer } from 'electron';
import { createLetterbox } from './letterbox.ts';
import { CALL, EVENT } from './wire-names.ts';

// SECURITY: neither ipcRenderer nor anything made from it crosses the bridge; only these functions.
contextBridge.exposeInMainWorld(
  'custos',
  createLetterbox({
    invoke: (channel, input) => ipcRenderer.invoke(CALL, channel, input) as Promise<unknown>,
    subscribe(listener) {
      // The event object of Electron is dropped: it holds `sender` and ports.
      const forward = (_event: unknown, message: unknown): void => listener(message);
      ipcRenderer.on(EVENT, forward);
      return () => ipcRenderer.removeListener(EVENT, forward);
    },
  }),
);
