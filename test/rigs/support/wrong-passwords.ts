/** Passwords that are nearly right, and forms of the right one that differ in bytes alone. */

/** Signs that normalisation (NFKC) makes alike, so that both ways of typing one can be tried. */
export const RIGHT = 'Zürich ﬁve café Ångström ｄｏｏｒ ½ naïve 한국';

/** Different bytes, the same password: what other keyboards and systems send. */
export function equalForms(): string[] {
  const forms = (['NFC', 'NFD', 'NFKC', 'NFKD'] as const).map((form) => RIGHT.normalize(form));
  return [...new Set(forms)].filter((form) => form !== RIGHT);
}

const FIXED = [
  '',
  ' ',
  '\0',
  '\u200b',
  '\ufeff',
  'undefined',
  'null',
  '[object Object]',
  RIGHT + RIGHT,
  RIGHT.toUpperCase(),
  RIGHT.toLowerCase(),
  [...RIGHT].reverse().join(''),
  ` ${RIGHT}`,
  `${RIGHT} `,
  `${RIGHT}\n`,
  `${RIGHT}\0`,
  `\ufeff${RIGHT}`,
  RIGHT.replaceAll(' ', ''),
  RIGHT.replaceAll(' ', '\u200b'),
  // Bytes of UTF-8 taken for Latin-1, as a wrongly set keyboard or terminal does.
  Buffer.from(RIGHT, 'utf8').toString('latin1'),
  // Letters without their marks; letters of another script that look alike.
  RIGHT.normalize('NFD').replace(/\p{M}/gu, ''),
  RIGHT.replaceAll('a', '\u0430').replaceAll('o', '\u043e'),
  RIGHT.slice(0, -1).padEnd(100_000, 'x'),
] as const;

const OTHERS = [...'abcXYZ019 .-_éß\u0301\u200b\0'];

/** `count` wrong passwords: every truncation, the fixed ones, then random changes of one sign or two. */
export function wrongPasswords(count: number, random: () => number): string[] {
  const right = RIGHT.normalize('NFKC');
  const signs = [...RIGHT];
  const wrong = new Set<string>();
  const add = (candidate: string): void => {
    if (candidate.normalize('NFKC') !== right) wrong.add(candidate);
  };
  FIXED.forEach(add);
  for (let length = 1; length < signs.length; length += 1) {
    add(signs.slice(0, length).join(''));
    add(signs.slice(length).join(''));
  }
  while (wrong.size < count) add(changed(changed(signs, random), random).join(''));
  // Spread, so that a small number meets all kinds.
  const all = [...wrong];
  const step = all.length / count;
  return Array.from({ length: count }, (_, nth) => all[Math.floor(nth * step)]!);
}

function changed(signs: readonly string[], random: () => number): string[] {
  const at = Math.floor(random() * signs.length);
  const other = OTHERS[Math.floor(random() * OTHERS.length)]!;
  switch (Math.floor(random() * 5)) {
    case 0:
      return signs.toSpliced(at, 1);
    case 1:
      return signs.toSpliced(at, 0, other);
    case 2:
      return signs.toSpliced(at, 1, other);
    case 3:
      return signs.toSpliced(at, 2, signs[at + 1] ?? other, signs[at] ?? other);
    default:
      return [...signs];
  }
}
