/** What made a bundle, as its report and its tag files say it. */
import manifest from '../../../package.json' with { type: 'json' };

export const TOOL = { name: 'Custos', version: manifest.version } as const;
