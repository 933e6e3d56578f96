/**
 * report.html: the findings for a person. One file without pictures, script, links or anything
 * fetched; readable on a screen and on A4.
 */
import { createHash } from 'node:crypto';
import type { CaseFigures } from '#shared/contract/values.ts';
import { countWords, sizeWords } from '#shared/util/words.ts';
import { html, Html } from './html.ts';
import { howToVerify, limitations } from './report-closing.ts';
import { REPORT_STYLE } from './report-style.ts';
import type { ListedItem } from './findings.ts';

export interface ReportInput {
  tool: { name: string; version: string };
  bundle: {
    id: number;
    purpose: string;
    edition: string;
    fileName: string;
    requestedBy: string;
    approvedBy: string | null;
    builtBy: string;
    /** ISO 8601 UTC. */
    builtAt: string;
  };
  workspace: { name: string; fingerprint: string };
  case: { ref: string; title: string; service: string; createdBy: string; createdAt: string };
  record: { size: number; root: string };
  signer: { name: string; principal: string; fingerprint: string };
  lawPacks: string[];
  imports: ReportImport[];
  figures: CaseFigures;
  categoryTitles: ReadonlyMap<string, string>;
  items: { total: number; bytes: number; listed: ListedItem[] };
}

export interface ReportImport {
  source: string;
  exhibit: string;
  acquirer: string;
  startedAt: string;
  state: string;
  offered: number;
  new: number;
  duplicate: number;
  unreadable: number;
  refused: number;
}

const BASIS_WORDS: Record<string, string> = {
  looked: 'Somebody looked at the picture',
  inherited: 'The decision of its stack of near-duplicates',
  known: 'A hash set names it',
  carried: 'An earlier decision on the same item',
  described: 'Metadata or another’s description only',
};

export function renderReport(input: ReportInput): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src '${styleHash()}'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>Report of findings, case ${input.case.ref}</title>
        ${new Html(`<style>${REPORT_STYLE}</style>`)}
      </head>
      <body>
        <header>
          <p class="over">Report of findings</p>
          <h1><bdi>${input.case.ref}</bdi>: <bdi>${input.case.title}</bdi></h1>
          <p class="quiet">
            Bundle ${input.bundle.id}, built ${when(input.bundle.builtAt)} by
            <bdi>${input.bundle.builtBy}</bdi> with ${input.tool.name} ${input.tool.version}.
          </p>
          <p class="notice">${input.bundle.purpose} This report itself holds no picture.</p>
        </header>
        <main>
          ${headline(input)} ${caseSection(input)} ${importSection(input.imports)}
          ${categorySection(input)} ${decisionSection(input.figures)} ${exhibitSection(input)}
          ${limitations()} ${howToVerify(input.bundle.fileName, input.signer)}
        </main>
        <footer>
          ${input.tool.name} ${input.tool.version} · case <bdi>${input.case.ref}</bdi> · bundle
          ${input.bundle.id} · times are UTC
        </footer>
      </body>
    </html> `;
  return page.text;
}

/** SECURITY: the page runs nothing and fetches nothing; only this very style sheet is allowed. */
function styleHash(): string {
  return `sha256-${createHash('sha256').update(REPORT_STYLE).digest('base64')}`;
}

function headline({ figures, items }: ReportInput): Html {
  const perPicture = figures.looksPerDistinctPicture;
  return html`<section class="figures" aria-label="Key figures">
    <div>
      <b>${countWords(items.total)}</b><span>distinct files, ${sizeWords(items.bytes)}</span>
    </div>
    <div>
      <b>${countWords(figures.distinctPictures)}</b
      ><span>distinct pictures (stacks of near-duplicates)</span>
    </div>
    <div>
      <b>${countWords(figures.decided)}</b
      ><span>files decided, ${countWords(figures.undecided)} not yet</span>
    </div>
    <div>
      <b>${perPicture === null ? 'none' : perPicture.toFixed(2)}</b
      ><span>looks per distinct picture, in colour at full size</span>
    </div>
  </section>`;
}

function caseSection(input: ReportInput): Html {
  const { bundle, workspace, record, signer } = input;
  const law = input.lawPacks.length > 0 ? input.lawPacks.join('; ') : 'none: nothing is decided';
  const service = input.case.service === '' ? 'not recorded' : input.case.service;
  return html`<h2>Case and method</h2>
    <table class="facts">
      ${fact('Case', `${input.case.ref}: ${input.case.title}`)}
      ${fact('Service under investigation', service)}
      ${fact('Opened', `${when(input.case.createdAt)} by ${input.case.createdBy}`)}
      ${fact('Bundle requested by', bundle.requestedBy)}
      ${fact('Approved by', bundle.approvedBy ?? 'no second person was required')}
      ${fact('Signed by', `${signer.name}, key ${signer.fingerprint}`)}
      ${fact('Workspace', `${workspace.name}, ${workspace.fingerprint}`)}
      ${fact('Law packs applied', law)}
      ${fact('Record', `${countWords(record.size)} entries, tree head ${record.root}`)}
    </table>
    <p>
      Every file offered was read once from its source, its SHA-256, SHA-1 and MD5 computed, and its
      bytes kept unchanged under encryption. Files with the same SHA-256 are one item; every place
      an item was found is kept. Pictures are tied into stacks of near-duplicates by the perceptual
      hash PDQ (distance of at most 31 of 256 bits, in any of eight orientations, quality of at
      least 50). Facts are recorded once for a stack; the law pack derives the category from them,
      and the rule that fired is kept with the decision. Every showing of a picture was entered in
      the record before the picture appeared.
    </p>`;
}

function importSection(imports: ReportImport[]): Html {
  return html`<h2>What was brought in</h2>
    <p>
      Nothing offered is unaccounted for: offered = new + duplicate + unreadable + refused.
      Unreadable files are kept as evidence; refused ones are named in findings.json with the
      reason.
    </p>
    <table>
      <thead>
        <tr>
          <th>Source</th>
          <th>Exhibit</th>
          <th>Acquired by</th>
          <th>Begun</th>
          <th class="n">Offered</th>
          <th class="n">New</th>
          <th class="n">Duplicate</th>
          <th class="n">Unreadable</th>
          <th class="n">Refused</th>
        </tr>
      </thead>
      <tbody>
        ${imports.map(
          (one) =>
            html` <tr>
              <td><bdi>${one.source}</bdi></td>
              <td><bdi>${one.exhibit}</bdi></td>
              <td><bdi>${one.acquirer}</bdi></td>
              <td>
                ${when(one.startedAt)}${one.state === 'done' ? null : html` <span class="quiet">(${one.state})</span>`}
              </td>
              <td class="n">${countWords(one.offered)}</td>
              <td class="n">${countWords(one.new)}</td>
              <td class="n">${countWords(one.duplicate)}</td>
              <td class="n">${countWords(one.unreadable)}</td>
              <td class="n">${countWords(one.refused)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function categorySection({ figures, categoryTitles, items }: ReportInput): Html {
  const rows = Object.entries(figures.byCategory)
    .map(([id, n]) => ({ title: categoryTitles.get(id) ?? id, n }))
    .sort((a, b) => b.n - a.n || a.title.localeCompare(b.title));
  if (figures.undecided > 0) rows.push({ title: 'Not yet decided', n: figures.undecided });
  if (figures.unreadable > 0)
    rows.push({ title: 'Unreadable as a picture', n: figures.unreadable });
  return html`<h2>Findings by category</h2>
    <table>
      <thead>
        <tr>
          <th>Category</th>
          <th class="n">Files</th>
          <th class="n">Share</th>
          <th class="bar"></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ title, n }) =>
            html` <tr>
              <td>${title}</td>
              <td class="n">${countWords(n)}</td>
              <td class="n">${share(n, items.total)}</td>
              <td class="bar">${bar(n, items.total)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function decisionSection(figures: CaseFigures): Html {
  const basis = Object.entries(figures.byBasis).sort((a, b) => b[1] - a[1]);
  return html`<h2>How decisions were reached</h2>
    <table>
      <thead>
        <tr>
          <th>Basis</th>
          <th>What it means</th>
          <th class="n">Files</th>
        </tr>
      </thead>
      <tbody>
        ${basis.map(
          ([name, n]) =>
            html` <tr>
              <td>${name}</td>
              <td>${BASIS_WORDS[name] ?? ''}</td>
              <td class="n">${countWords(n)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <table class="facts">
      ${fact('Looks in all', countWords(figures.looks))}
      ${fact('Looks in colour at full size', countWords(figures.colourLooks))}
      ${fact('Looks again at a decided item', `${countWords(figures.relooks)}, each with a reason on the record`)}
      ${fact('Pictures decided without a look', countWords(figures.decidedWithoutLook))}
      ${fact('Pictures decided with one look', countWords(figures.decidedWithOneLook))}
      ${fact('Pictures decided with more looks', countWords(figures.decidedWithMoreLooks))}
    </table>`;
}

function exhibitSection({ items }: ReportInput): Html {
  const all = items.listed.length === items.total;
  return html`<h2>Exhibits</h2>
    <p>
      ${all ? `All ${countWords(items.total)} items.` : `The first ${countWords(items.listed.length)} of ${countWords(items.total)} items; all of them are in items.csv and findings.json.`}
      Each file lies in data/items under the name given here.
    </p>
    <table>
      <thead>
        <tr>
          <th class="n">No.</th>
          <th>File and SHA-256</th>
          <th class="n">Size</th>
          <th>Category</th>
          <th>Basis</th>
          <th class="n">Looks</th>
        </tr>
      </thead>
      <tbody>
        ${items.listed.map(
          (item) =>
            html` <tr>
              <td class="n">${item.number}</td>
              <td class="mono">
                ${item.file}<br />${item.sha256.slice(0, 32)}<wbr />${item.sha256.slice(32)}
              </td>
              <td class="n">${sizeWords(item.bytes)}</td>
              <td>${item.category}</td>
              <td>${item.basis}</td>
              <td class="n">${countWords(item.looks)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function fact(name: string, value: string): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    <td><bdi>${value}</bdi></td>
  </tr>`;
}

function bar(n: number, total: number): Html {
  const width = total === 0 ? 0 : Math.max(0.5, (100 * n) / total);
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${width.toFixed(2)}" height="8"></rect>
  </svg>`;
}

function share(n: number, total: number): string {
  return total === 0 ? '' : `${((100 * n) / total).toFixed(1)} %`;
}

function when(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
