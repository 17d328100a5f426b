/** Who took a photograph, as a list beside it says: see images/credits.ts. A photograph without a row has no such line. */
export const credits = /* sql */ `
CREATE TABLE credits (
  image   TEXT PRIMARY KEY,        -- sha256 of the photograph's file
  title   TEXT NOT NULL,
  author  TEXT NOT NULL,
  source  TEXT NOT NULL,
  license TEXT NOT NULL,           -- address or name
  changes TEXT NOT NULL            -- what was done to the original
);
`
