/** The report's one style sheet: paper and ink, system fonts, A4, no colour that carries meaning. */
export const REPORT_STYLE = `
:root { color-scheme: light; --ink: #1d2126; --quiet: #59616b; --line: #d9dde2; --tint: #f3f5f7; --accent: #1f6f78; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 48px 32px 64px; max-width: 1000px; background: #fff; color: var(--ink);
  font: 15px/23px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
h1 { font-size: 30px; line-height: 38px; font-weight: 600; letter-spacing: -0.01em; margin: 4px 0 8px; }
h2 { font-size: 19px; line-height: 26px; font-weight: 600; margin: 44px 0 12px; break-after: avoid; }
p { margin: 0 0 12px; max-width: 68ch; }
.over { color: var(--accent); font-weight: 600; margin: 0; }
.quiet { color: var(--quiet); }
.notice { border-left: 3px solid var(--accent); padding: 2px 0 2px 14px; margin: 20px 0 0; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; margin: 32px 0 8px; }
.figures div { background: var(--tint); border-radius: 6px; padding: 16px; break-inside: avoid; }
.figures b { display: block; font-size: 26px; line-height: 34px; font-weight: 600; }
.figures span { color: var(--quiet); font-size: 13px; line-height: 18px; display: block; }
table { border-collapse: collapse; width: 100%; font-size: 13px; line-height: 19px; margin: 8px 0 12px; }
th { text-align: left; font-weight: 600; color: var(--quiet); border-bottom: 1px solid var(--ink); }
th, td { padding: 6px 12px 6px 0; vertical-align: top; }
td { border-bottom: 1px solid var(--line); }
tr { break-inside: avoid; }
thead { display: table-header-group; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; white-space: nowrap; }
.facts th { width: 26%; border-bottom: 1px solid var(--line); font-weight: 400; }
.bar { width: 30%; padding-left: 12px; }
.bar svg { display: block; width: 100%; height: 8px; margin-top: 6px; }
.bar rect { fill: var(--accent); }
code, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: 12px; overflow-wrap: anywhere; }
pre { background: var(--tint); border-radius: 6px; padding: 14px 16px; margin: 8px 0 14px; white-space: pre-wrap;
  break-inside: avoid; }
ol, ul { padding-left: 20px; margin: 0 0 12px; max-width: 68ch; }
li { margin-bottom: 6px; }
footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px; }
@media (max-width: 720px) { .figures { grid-template-columns: repeat(2, 1fr); } }
@page { size: A4; margin: 18mm 16mm 20mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; line-height: 14.5pt; }
  h1 { font-size: 20pt; line-height: 26pt; }
  h2 { font-size: 13pt; line-height: 18pt; margin-top: 24pt; }
  table { font-size: 8.5pt; line-height: 12pt; }
  code, .mono { font-size: 8pt; }
  .figures div, pre { background: none; border: 1px solid var(--line); }
}
`;
