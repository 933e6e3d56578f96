/**
 * Step 20: originals that were found damaged, and the scrubs that look for them.
 * Frozen once shipped: a change is a new step.
 */
export const slug = 'upkeep';
export const sql = `
-- Damage is a state of an item: it says since when and what, and goes once good bytes are there.
ALTER TABLE items ADD COLUMN damaged_at TEXT;
ALTER TABLE items ADD COLUMN damaged_reason TEXT;
CREATE INDEX items_damaged ON items(case_id, id) WHERE damaged_at IS NOT NULL;
-- One original may belong to items of several cases.
CREATE INDEX items_sha256 ON items(sha256, id);

CREATE TABLE scrubs (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('quick','full')),
  state      TEXT NOT NULL CHECK (state IN ('running','done','cancelled','interrupted','failed')),
  by         TEXT NOT NULL REFERENCES members(id),
  started_at TEXT NOT NULL,
  ended_at   TEXT,
  after_item INTEGER NOT NULL DEFAULT 0,   -- originals up to this item have been checked
  checked    INTEGER NOT NULL DEFAULT 0,
  bytes      INTEGER NOT NULL DEFAULT 0,
  damaged    INTEGER NOT NULL DEFAULT 0,
  mended     INTEGER NOT NULL DEFAULT 0,
  report     TEXT,                          -- JSON, of a scrub that came to its end
  seq        INTEGER NOT NULL
) STRICT;
`;
