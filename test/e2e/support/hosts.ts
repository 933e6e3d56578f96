/** Runs the same specs in every host that this machine has. */
import { describe } from 'vitest';
import type { OpenApp } from '../../hosts/app.ts';
import { openInBrowser } from '../../hosts/browser-host.ts';
import { electronBinary, openInElectron } from '../../hosts/electron-host.ts';

let said = false;

export function onEveryHost(name: string, specs: (open: OpenApp) => void): void {
  describe(`${name} (browser host)`, () => specs(openInBrowser));
  if (electronBinary()) {
    describe(`${name} (Electron)`, () => specs(openInElectron));
  } else if (!said) {
    said = true;
    console.warn('Electron binary absent: the same specs did not run under Electron');
  }
}
