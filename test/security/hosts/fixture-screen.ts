/** A small screen of the test's own, laid out as the build lays out the real one. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildLetterbox } from '#electron/devhost/build-letterbox.ts';
import { REPOSITORY } from '../../hosts/app.ts';

/** The inline script marks the window; under the policy it must not have run. */
const HTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Custos</title>
<script>window.inlineRan = true</script>
<script type="module" src="./assets/screen.js"></script>
</head><body><p id="state">loading</p></body></html>`;

const SCRIPT = `
window.heard = [];
if (window.custos) window.custos.on((event) => window.heard.push(event));
document.getElementById('state').textContent = 'ready';
`;

export async function writeFixtureScreen(built: string): Promise<void> {
  await mkdir(path.join(built, 'renderer', 'assets'), { recursive: true });
  await writeFile(path.join(built, 'renderer', 'index.html'), HTML);
  await writeFile(path.join(built, 'renderer', 'assets', 'screen.js'), SCRIPT);
  await buildLetterbox(REPOSITORY, path.join(built, 'devhost'));
}

export { HTML as FIXTURE_HTML };
