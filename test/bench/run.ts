/** Runs the benchmarks one after the other and prints one table, or JSON lines with `--json`. */
import { openCaseBench } from './open-case.ts';
import { importBench } from './import.ts';
import type { Figure } from './figure.ts';
import { recordBench } from './record.ts';
import { revealBench } from './reveal.ts';

const BENCHES: Record<string, () => Promise<Figure[]>> = {
  import: importBench,
  'open-case': openCaseBench,
  record: recordBench,
  reveal: revealBench,
};

export async function runBenches(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  for (const name of wanted)
    if (!Object.hasOwn(BENCHES, name)) {
      console.error(`There is no benchmark "${name}". Known: ${Object.keys(BENCHES).join(', ')}.`);
      return 2;
    }
  let allMet = true;
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (!json) console.log(`\n${name}`);
    for (const figure of await bench()) {
      allMet &&= figure.met;
      console.log(json ? JSON.stringify({ bench: name, ...figure }) : line(figure));
    }
  }
  return allMet ? 0 : 1;
}

function line(figure: Figure): string {
  const ratio = figure.ratio === null ? '' : `  ratio ${figure.ratio.toFixed(2)}`;
  const verdict = figure.met ? 'met' : 'NOT met';
  return `  ${figure.name}: ${figure.value}  (${figure.against})${ratio}  target ${figure.target}: ${verdict}`;
}
