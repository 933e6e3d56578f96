/** Step 10 of the derived store: pictures made from originals, which can be made again. */
export const slug = 'renditions';
export const sql = `
CREATE TABLE renditions (
  item_sha256 BLOB NOT NULL CHECK (length(item_sha256) = 32),
  kind        TEXT NOT NULL,
  mime        TEXT NOT NULL,
  width       INTEGER NOT NULL CHECK (width > 0),
  height      INTEGER NOT NULL CHECK (height > 0),
  bytes       BLOB NOT NULL,
  PRIMARY KEY (item_sha256, kind)
) STRICT;
`;
