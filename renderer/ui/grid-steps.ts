/** Where a key leads in a grid, apart from drawing it. */

interface Place {
  active: number;
  columns: number;
  total: number;
  /** Rows in one window. */
  page: number;
}

/** The index a key leads to, or null where it leads nowhere. */
export function stepInGrid(key: string, { active, columns, total, page }: Place): number | null {
  const last = total - 1;
  const step = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: page * columns,
    PageUp: -page * columns,
    Home: -active,
    End: last - active,
  }[key];
  if (step === undefined || total === 0) return null;
  const next = active + step;
  if (next < 0) return key === 'PageUp' ? active % columns : null;
  if (next <= last) return next;
  // Down from a full row onto a shorter last one lands on its end.
  const rowsBelow = Math.floor(last / columns) > Math.floor(active / columns);
  return (key === 'ArrowDown' || key === 'PageDown') && rowsBelow ? last : null;
}
