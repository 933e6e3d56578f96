/** SECURITY: the only user of `ipcMain`. Every message of a window passes the shared gate here. */
import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import { createGate, throughGate, type Sender } from '#electron/hosting/gate.ts';
import type { HostedCore } from '#electron/hosting/workstation.ts';
import { CALL } from '#electron/preload/wire-names.ts';

export interface GateParts {
  origin: string;
  core: Pick<HostedCore, 'call'>;
  /** The contents of the one window there is, or null while there is none. */
  contents: () => WebContents | null;
}

export function openGate({ origin, core, contents }: GateParts): void {
  const gate = createGate({ origin, now: () => performance.now() });
  ipcMain.handle(CALL, (event, channel: unknown, input: unknown) =>
    throughGate(gate, senderOf(event, contents()), { channel, input }, (name, plain) =>
      core.call(name, plain),
    ),
  );
}

/** As Electron knows it. A frame that has gone, or another window, is nobody. */
function senderOf(event: IpcMainInvokeEvent, ours: WebContents | null): Sender {
  const frame = event.senderFrame;
  if (!frame || !ours || event.sender !== ours) return { mainFrame: false, origin: '' };
  return { mainFrame: frame === ours.mainFrame, origin: frame.origin };
}
