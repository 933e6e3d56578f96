/**
 * Step 10: single values, members, cases, imports, items, occurrences, stacks, facts, decisions,
 * looks, bundles.
 * Instants are ISO 8601 UTC text; hashes are raw bytes; `seq` is the entry of the record that a
 * row belongs to. Frozen once shipped: a change is a new step.
 */
export const slug = 'spine';
export const sql = `
-- Single values: "last_seq", the newest entry of the record whose effect is in this file.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE members (
  id            TEXT PRIMARY KEY,               -- 32 hex characters, also the name of the grant file
  name          TEXT NOT NULL UNIQUE,
  roles         TEXT NOT NULL,                  -- JSON array, sorted
  state         TEXT NOT NULL CHECK (state IN ('active','waiting','revoked')),
  encryption_key BLOB NOT NULL CHECK (length(encryption_key) = 32),   -- X25519 public
  signing_key   BLOB NOT NULL CHECK (length(signing_key) = 32),       -- Ed25519 public
  statement     TEXT NOT NULL,                  -- canonical JSON that was signed
  signature     BLOB NOT NULL CHECK (length(signature) = 64),
  signed_by     TEXT NOT NULL,                  -- member id; own id for the founder
  added_at      TEXT NOT NULL,
  seq           INTEGER NOT NULL
) STRICT;

CREATE TABLE cases (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  title      TEXT NOT NULL,
  service    TEXT NOT NULL DEFAULT '',
  law_pack   TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES members(id),
  seq        INTEGER NOT NULL
) STRICT;

CREATE TABLE imports (
  id         INTEGER PRIMARY KEY,
  case_id    INTEGER NOT NULL REFERENCES cases(id),
  source     TEXT NOT NULL,
  exhibit    TEXT NOT NULL,
  acquirer   TEXT NOT NULL REFERENCES members(id),
  state      TEXT NOT NULL CHECK (state IN ('running','done','cancelled','interrupted','failed')),
  started_at TEXT NOT NULL,
  ended_at   TEXT,
  offered    INTEGER NOT NULL DEFAULT 0,
  added      INTEGER NOT NULL DEFAULT 0,        -- "new" of the ledger
  duplicate  INTEGER NOT NULL DEFAULT 0,
  unreadable INTEGER NOT NULL DEFAULT 0,
  refused    INTEGER NOT NULL DEFAULT 0,
  bytes      INTEGER NOT NULL DEFAULT 0,
  message    TEXT,
  seq        INTEGER NOT NULL,
  -- Nothing offered is ever unaccounted for.
  CHECK (offered = added + duplicate + unreadable + refused)
) STRICT;
CREATE INDEX imports_case ON imports(case_id, id);

CREATE TABLE stacks (
  id                INTEGER PRIMARY KEY,
  case_id           INTEGER NOT NULL REFERENCES cases(id),
  representative_id INTEGER REFERENCES items(id) DEFERRABLE INITIALLY DEFERRED,
  items             INTEGER NOT NULL DEFAULT 1,
  undecided         INTEGER NOT NULL DEFAULT 1,  -- members without a decision in force
  skipped_at        TEXT,
  created_at        TEXT NOT NULL
) STRICT;
CREATE INDEX stacks_queue ON stacks(case_id, undecided, skipped_at, items DESC, id);

CREATE TABLE items (
  id            INTEGER PRIMARY KEY,
  case_id       INTEGER NOT NULL REFERENCES cases(id),
  import_id     INTEGER NOT NULL REFERENCES imports(id),
  stack_id      INTEGER REFERENCES stacks(id),   -- NULL for an unreadable item
  sha256        BLOB NOT NULL CHECK (length(sha256) = 32),
  sha1          BLOB NOT NULL CHECK (length(sha1) = 20),
  md5           BLOB NOT NULL CHECK (length(md5) = 16),
  bytes         INTEGER NOT NULL,
  mime          TEXT NOT NULL,                   -- by content
  ext           TEXT NOT NULL,                   -- by content, without the dot
  width         INTEGER,
  height        INTEGER,
  frames        INTEGER,
  pdq           BLOB CHECK (pdq IS NULL OR length(pdq) = 32),
  pdq_quality   INTEGER,
  state         TEXT NOT NULL CHECK (state IN ('undecided','decided','unreadable')),
  unreadable_code   TEXT,
  unreadable_reason TEXT,
  category      TEXT,                            -- of the decision in force
  basis         TEXT,
  decision_id   INTEGER REFERENCES decisions(id) DEFERRABLE INITIALLY DEFERRED,
  looks         INTEGER NOT NULL DEFAULT 0,
  occurrences   INTEGER NOT NULL DEFAULT 0,
  sources       INTEGER NOT NULL DEFAULT 0,      -- distinct source labels
  link_to       INTEGER REFERENCES items(id),    -- how it is tied to its stack
  link_distance INTEGER,
  link_orientation TEXT,
  created_at    TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  UNIQUE (case_id, sha256)
) STRICT;
CREATE INDEX items_case ON items(case_id, id);
CREATE INDEX items_state ON items(case_id, state, id);
CREATE INDEX items_category ON items(case_id, category, id);
CREATE INDEX items_stack ON items(stack_id, id);
-- A stack's founders: what decides who may join it.
CREATE INDEX items_founders ON items(stack_id) WHERE stack_id IS NOT NULL AND link_to IS NULL;

CREATE TABLE occurrences (
  id           INTEGER PRIMARY KEY,
  item_id      INTEGER NOT NULL REFERENCES items(id),
  import_id    INTEGER NOT NULL REFERENCES imports(id),
  path_raw     BLOB NOT NULL,                    -- bytes as the file system gave them
  path_display TEXT NOT NULL,                    -- bidi and control characters made visible
  source       TEXT NOT NULL,
  exhibit      TEXT NOT NULL,
  modified_at  TEXT,
  seen_at      TEXT NOT NULL
) STRICT;
CREATE INDEX occurrences_item ON occurrences(item_id, id);
CREATE INDEX occurrences_import ON occurrences(import_id, id);

CREATE TABLE refusals (
  id           INTEGER PRIMARY KEY,
  import_id    INTEGER NOT NULL REFERENCES imports(id),
  path_raw     BLOB NOT NULL,
  path_display TEXT NOT NULL,
  code         TEXT NOT NULL,
  reason       TEXT NOT NULL
) STRICT;
CREATE INDEX refusals_import ON refusals(import_id, id);

CREATE TABLE facts (
  id         INTEGER PRIMARY KEY,
  stack_id   INTEGER NOT NULL REFERENCES stacks(id),
  key        TEXT NOT NULL,
  value      TEXT,                               -- NULL: taken back
  certainty  TEXT NOT NULL CHECK (certainty IN ('certain','likely','unsure')),
  basis      TEXT NOT NULL,
  by         TEXT NOT NULL REFERENCES members(id),
  at         TEXT NOT NULL,
  seq        INTEGER NOT NULL
) STRICT;
CREATE INDEX facts_stack ON facts(stack_id, key, id);  -- the highest id of a key is in force

-- One act of deciding; undone as a whole.
CREATE TABLE acts (
  id         INTEGER PRIMARY KEY,
  case_id    INTEGER NOT NULL REFERENCES cases(id),
  stack_id   INTEGER REFERENCES stacks(id),
  kind       TEXT NOT NULL CHECK (kind IN ('decide','fact','skip')),
  by         TEXT NOT NULL REFERENCES members(id),
  at         TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  undone_at  TEXT,
  undone_seq INTEGER
) STRICT;
CREATE INDEX acts_undo ON acts(case_id, by, undone_at, id);
CREATE INDEX acts_stack ON acts(stack_id);

CREATE TABLE decisions (
  id               INTEGER PRIMARY KEY,
  act_id           INTEGER NOT NULL REFERENCES acts(id),
  item_id          INTEGER NOT NULL REFERENCES items(id),
  previous_id      INTEGER REFERENCES decisions(id),   -- what an undo puts back
  category         TEXT NOT NULL,
  category_title   TEXT NOT NULL,
  rule             TEXT,
  law_pack         TEXT NOT NULL,
  law_pack_version TEXT NOT NULL,
  overridden       INTEGER NOT NULL CHECK (overridden IN (0,1)),
  basis            TEXT NOT NULL CHECK (basis IN ('looked','inherited','known','carried','described')),
  reason           TEXT NOT NULL,
  facts            TEXT NOT NULL,                -- JSON, as they stood
  by               TEXT NOT NULL REFERENCES members(id),
  at               TEXT NOT NULL,
  seq              INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_item ON decisions(item_id, id);
CREATE INDEX decisions_act ON decisions(act_id);

CREATE TABLE looks (
  id       INTEGER PRIMARY KEY,
  case_id  INTEGER NOT NULL REFERENCES cases(id),
  item_id  INTEGER NOT NULL REFERENCES items(id),
  stack_id INTEGER REFERENCES stacks(id),
  by       TEXT NOT NULL REFERENCES members(id),
  at       TEXT NOT NULL,
  rung     INTEGER NOT NULL CHECK (rung BETWEEN 1 AND 4),
  purpose  TEXT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  relook   INTEGER NOT NULL CHECK (relook IN (0,1)),
  seconds  REAL,
  seq      INTEGER NOT NULL
) STRICT;
CREATE INDEX looks_item ON looks(item_id, id);
CREATE INDEX looks_case ON looks(case_id, id);
CREATE INDEX looks_stack ON looks(stack_id);

CREATE TABLE bundles (
  id           INTEGER PRIMARY KEY,
  case_id      INTEGER NOT NULL REFERENCES cases(id),
  edition      TEXT NOT NULL,
  recipients   TEXT NOT NULL,                    -- JSON array of age recipients
  state        TEXT NOT NULL CHECK (state IN ('requested','approved','built','failed')),
  needs_approval INTEGER NOT NULL CHECK (needs_approval IN (0,1)),
  requested_by TEXT NOT NULL REFERENCES members(id),
  requested_at TEXT NOT NULL,
  approved_by  TEXT REFERENCES members(id),
  approved_at  TEXT,
  built_by     TEXT REFERENCES members(id),
  built_at     TEXT,
  items        INTEGER NOT NULL DEFAULT 0,
  bytes        INTEGER,
  sha256       BLOB,
  message      TEXT,
  seq          INTEGER NOT NULL,
  CHECK (approved_by IS NULL OR approved_by <> requested_by)
) STRICT;
CREATE INDEX bundles_case ON bundles(case_id, id);
`;
