/** CSV by RFC 4180, safe to open in a spreadsheet; and a strict reader for checking our own. */

export type Cell = string | number | null;

/**
 * SECURITY: a cell that begins like a formula is run by spreadsheets, and names come from
 * suspects. A leading apostrophe makes it text; the exact value is in findings.json. Where commas
 * are decimal marks, spreadsheets end a cell at a semicolon, and quotation marks inside it do not
 * hold them back: what follows one may begin a cell as well, as may what follows a TAB.
 */
const FORMULA = /(^|[;\t])(?=["\r\n \u00a0]*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r])/g;

/** One row, ended by CRLF. `null` is an empty cell. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = cell.replaceAll(FORMULA, "$1'");
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Reads CSV piece by piece: `push` text, then `end`. `onRow` gets the cells of each row.
 * Throws a SyntaxError where the text is not RFC 4180 with CRLF, or a row passes `maxRow`
 * characters.
 */
export function csvReader(
  onRow: (cells: string[]) => void,
  maxRow = 16 * 1024 * 1024,
): { push(text: string): void; end(): void } {
  let cells: string[] = [];
  let cell = '';
  let length = 0;
  let row = 1;
  let state: 'start' | 'bare' | 'quoted' | 'quote' | 'cr' = 'start';

  const bad = (why: string): SyntaxError => new SyntaxError(`row ${String(row)} ${why}`);
  const endCell = (): void => {
    cells.push(cell);
    cell = '';
    state = 'start';
  };

  function take(char: string): void {
    if (state === 'cr') {
      if (char !== '\n') throw bad('has a line end that is not CRLF');
      onRow(cells);
      cells = [];
      length = 0;
      row += 1;
      state = 'start';
      return;
    }
    if (++length > maxRow) throw bad('is too long');
    if (state === 'quoted') {
      if (char === '"') state = 'quote';
      else cell += char;
    } else if (char === '"') {
      if (state === 'bare') throw bad('has a quotation mark inside an unquoted cell');
      if (state === 'quote') cell += char;
      state = 'quoted';
    } else if (char === ',') {
      endCell();
    } else if (char === '\r') {
      endCell();
      state = 'cr';
    } else if (char === '\n') {
      throw bad('has a line end that is not CRLF');
    } else if (state === 'quote') {
      throw bad('has text after a quoted cell');
    } else {
      cell += char;
      state = 'bare';
    }
  }

  return {
    push(text) {
      for (let index = 0; index < text.length; index++) take(text.charAt(index));
    },
    end() {
      if (state !== 'start' || cells.length > 0) throw bad('is cut short');
    },
  };
}
