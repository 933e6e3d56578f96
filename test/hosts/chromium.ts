/** A Chromium to test with: installed, or the one a development package carries. */
import { findChromium, type Chromium } from '#electron/devhost/chromium.ts';

export async function anyChromium(): Promise<Chromium> {
  const chromium = await findChromium({ withWindows: false });
  if (!chromium) throw new Error('No Chromium found: install one, or name it in CUSTOS_CHROMIUM.');
  return chromium;
}
