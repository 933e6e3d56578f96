/**
 * Made-up pictures: landscapes, shapes and faceless posters, drawn as SVG from seeded numbers.
 * Nobody and nothing real is in them.
 */
import { createRandom, type Random } from './random.ts';

export const WIDTH = 1200;
export const HEIGHT = 900;

const hsl = (h: number, s: number, l: number): string =>
  `hsl(${h.toFixed(0)} ${s.toFixed(0)}% ${l.toFixed(0)}%)`;

export const KINDS = ['landscape', 'shapes', 'poster'] as const;
export type PictureKind = (typeof KINDS)[number];

/** What picture number `index` shows. */
export function kindOf(index: number): PictureKind {
  return KINDS[index % KINDS.length]!;
}

/** The SVG of made-up picture number `index`. */
export function drawPicture(index: number): string {
  const random = createRandom(7919 * (index + 1));
  const draw = { landscape, shapes, poster }[kindOf(index)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${draw(random)}</svg>`;
}

/** Sky, a sun, ranges of hills one before the other, and some trees. */
function landscape(random: Random): string {
  const hue = random.between(0, 360);
  const parts = [
    `<defs><linearGradient id="sky" x1="0" y1="0" x2="${random.next().toFixed(2)}" y2="1"><stop offset="0" stop-color="${hsl(hue, 55, random.between(15, 60))}"/><stop offset="1" stop-color="${hsl(hue + 40, 60, random.between(60, 92))}"/></linearGradient></defs>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)"/>`,
    circle(
      random.between(100, 1100),
      random.between(60, 400),
      random.between(40, 130),
      hsl(hue + 60, 80, 85),
    ),
  ];
  for (let cloud = random.whole(1, 5); cloud > 0; cloud--)
    parts.push(
      `<ellipse cx="${random.whole(0, WIDTH)}" cy="${random.whole(40, 360)}" rx="${random.whole(60, 220)}" ry="${random.whole(15, 50)}" fill="white" opacity="0.6"/>`,
    );
  const ranges = random.whole(3, 5);
  for (let range = 0; range < ranges; range++) {
    const base = HEIGHT * (0.4 + (0.5 * range) / ranges);
    parts.push(
      ridge(random, base, 170 - range * 22, hsl(hue + 120 + range * 12, 35, 62 - range * 12)),
    );
  }
  for (let tree = random.whole(2, 14); tree > 0; tree--) {
    const x = random.between(0, WIDTH);
    const y = random.between(620, 880);
    const size = random.between(40, 150);
    parts.push(
      `<polygon points="${x},${y - size} ${x - size / 3},${y} ${x + size / 3},${y}" fill="${hsl(hue + 150, 40, random.between(12, 30))}"/>`,
    );
  }
  return parts.join('');
}

function ridge(random: Random, base: number, height: number, fill: string): string {
  const steps = 24;
  const waves = [1, 2, 5].map((n) => ({ n, phase: random.between(0, 7), size: random.next() / n }));
  const points = [`0,${HEIGHT}`];
  for (let step = 0; step <= steps; step++) {
    const x = (WIDTH * step) / steps;
    const lift = waves.reduce(
      (sum, w) => sum + w.size * Math.sin(w.phase + (w.n * 6 * step) / steps),
      0,
    );
    points.push(`${x.toFixed(0)},${(base - height * lift + random.between(-8, 8)).toFixed(0)}`);
  }
  points.push(`${WIDTH},${HEIGHT}`);
  return `<polygon points="${points.join(' ')}" fill="${fill}"/>`;
}

/** Circles, boxes and triangles over a slanted ground. */
function shapes(random: Random): string {
  const hue = random.between(0, 360);
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${hsl(hue, 30, random.between(20, 85))}"/>`,
    `<polygon points="0,${random.whole(0, HEIGHT)} ${WIDTH},${random.whole(0, HEIGHT)} ${WIDTH},${HEIGHT} 0,${HEIGHT}" fill="${hsl(hue + 30, 40, random.between(15, 80))}"/>`,
  ];
  for (let count = random.whole(9, 22); count > 0; count--) {
    const x = random.between(0, WIDTH);
    const y = random.between(0, HEIGHT);
    const size = random.between(40, 260);
    const fill = hsl(hue + random.between(-90, 200), random.between(20, 80), random.between(8, 92));
    const kind = random.whole(0, 2);
    if (kind === 0) parts.push(circle(x, y, size / 1.6, fill));
    else if (kind === 1)
      parts.push(
        `<rect x="${x - size / 2}" y="${y - size / 2}" width="${size}" height="${size * random.between(0.3, 1.8)}" fill="${fill}" transform="rotate(${random.whole(0, 89)} ${x} ${y})"/>`,
      );
    else
      parts.push(
        `<polygon points="${x},${y - size} ${x - size},${y + size * random.next()} ${x + size * random.next()},${y + size}" fill="${fill}"/>`,
      );
  }
  return parts.join('');
}

/** A poster: blocks, stripes, lines instead of words, and a figure of plain shapes without a face. */
function poster(random: Random): string {
  const hue = random.between(0, 360);
  const paper = hsl(hue, 25, random.between(70, 95));
  const ink = hsl(hue + 180, 45, random.between(8, 40));
  const parts = [`<rect width="${WIDTH}" height="${HEIGHT}" fill="${paper}"/>`];
  for (let band = random.whole(2, 6); band > 0; band--)
    parts.push(
      `<rect x="${random.whole(-200, WIDTH)}" y="${random.whole(-100, HEIGHT)}" width="${random.whole(120, 700)}" height="${random.whole(40, 420)}" fill="${hsl(hue + random.between(20, 260), 50, random.between(25, 80))}" opacity="0.85"/>`,
    );
  const x = random.between(200, 1000);
  const y = random.between(260, 480);
  const size = random.between(70, 150);
  const lean = random.between(-14, 14);
  parts.push(
    `<g transform="rotate(${lean.toFixed(0)} ${x} ${y})">${circle(x, y - size, size * 0.55, ink)}<rect x="${x - size * 0.6}" y="${y - size * 0.4}" width="${size * 1.2}" height="${size * random.between(1.8, 2.8)}" rx="${size * 0.35}" fill="${ink}"/></g>`,
  );
  for (let line = random.whole(3, 8); line > 0; line--)
    parts.push(
      `<rect x="${random.whole(40, 700)}" y="${random.whole(40, 860)}" width="${random.whole(120, 520)}" height="${random.whole(8, 34)}" fill="${ink}"/>`,
    );
  return parts.join('');
}

function circle(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" r="${radius.toFixed(0)}" fill="${fill}"/>`;
}
