import './virtual-grid.css';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { stepInGrid } from './grid-steps.ts';

interface VirtualGridProps {
  label: string;
  /** Known before anything is loaded: the scroll height is true from the first moment. */
  total: number;
  /** Index of the chosen cell; it alone can be reached with Tab. */
  active: number;
  onActive: (index: number) => void;
  /** First and last index near the window, whenever they change. */
  onRange: (first: number, last: number) => void;
  cell: (index: number) => ReactNode;
  /** Which item it is: read out before what the cell itself says. */
  cellName: (index: number) => string;
  /** While true the keys do not move in the grid. */
  still: boolean;
  /** The cell was pressed twice. */
  onOpen: (index: number) => void;
}

const CELL_WIDTH = 168;
const CELL_HEIGHT = 112;
const GAP = 12;

/** A grid of a million cells of which only those near the window exist. */
export function VirtualGrid(props: VirtualGridProps): ReactNode {
  const { label, total, active, onActive, onRange, cell, cellName, still, onOpen } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(1);
  const rows = Math.ceil(total / columns);
  // Nothing here is memoised by a compiler, which is what the rule guards against.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scroll.current,
    estimateSize: () => CELL_HEIGHT + GAP,
    overscan: 3,
  });

  useLayoutEffect(() => {
    const element = scroll.current;
    if (element === null) return;
    const measure = (): void =>
      setColumns(Math.max(1, Math.floor((element.clientWidth + GAP - 8) / (CELL_WIDTH + GAP))));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // The arrow keys work from the first moment and after a panel closed, but never take the keyboard
  // away from a field that has it.
  const drawn = virtual.getVirtualItems().length > 0;
  useEffect(() => {
    const holder = document.activeElement;
    if (!drawn || still || (holder !== document.body && holder?.tagName !== 'MAIN')) return;
    scroll.current
      ?.querySelector<HTMLElement>('[role="gridcell"][tabindex="0"]')
      ?.focus({ preventScroll: true });
  });

  const visible = virtual.getVirtualItems();
  const first = (visible[0]?.index ?? 0) * columns;
  const last = Math.min(total - 1, ((visible.at(-1)?.index ?? 0) + 1) * columns - 1);
  useEffect(() => {
    onRange(first, last);
  }, [first, last, onRange]);

  function onKeyDown(event: KeyboardEvent): void {
    if (still) return;
    const height = scroll.current?.clientHeight ?? 0;
    const page = Math.max(1, Math.floor(height / (CELL_HEIGHT + GAP)));
    const next = stepInGrid(event.key, { active, columns, total, page });
    if (next === null) return;
    event.preventDefault();
    onActive(next);
    virtual.scrollToIndex(Math.floor(next / columns));
    // The cell may have to be drawn before it can be focused.
    requestAnimationFrame(() =>
      scroll.current?.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus(),
    );
  }

  return (
    <div
      ref={scroll}
      className="grid-scroll"
      role="grid"
      aria-label={label}
      aria-rowcount={rows}
      aria-colcount={columns}
      onKeyDown={onKeyDown}
    >
      <div className="grid-rows" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {visible.map((row) => (
          <div
            key={row.key}
            className="grid-row"
            role="row"
            aria-rowindex={row.index + 1}
            style={{
              height: row.size,
              transform: `translateY(${row.start}px)`,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            }}
          >
            {indexes(row.index * columns, Math.min(total, (row.index + 1) * columns)).map(
              (index) => (
                <div
                  key={index}
                  className="grid-cell"
                  role="gridcell"
                  data-cell={index}
                  aria-colindex={(index % columns) + 1}
                  aria-selected={index === active}
                  tabIndex={index === active ? 0 : -1}
                  onClick={() => onActive(index)}
                  onDoubleClick={() => onOpen(index)}
                  onFocus={() => onActive(index)}
                >
                  <span className="unseen">{cellName(index)}</span>
                  {cell(index)}
                </div>
              ),
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function indexes(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, step) => from + step);
}
