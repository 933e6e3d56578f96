/** HTML without accidents: whatever is put into a template is escaped, unless it is Html already. */

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[] | null;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function html(literals: TemplateStringsArray, ...parts: Part[]): Html {
  const pieces = literals.map((literal, index) => literal + render(parts[index] ?? null));
  return new Html(pieces.join(''));
}

/** SECURITY: names, reasons and sources are other people's words; nothing in them becomes markup. */
function render(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map((one) => one.text).join('');
  return String(part).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
