/** Checksums of what is stored (checksums.ts), so that damage is found by reading the file and not by chance. */
export const checksums = /* sql */ `
CREATE TABLE checksums (
  relation TEXT NOT NULL,             -- name of the table
  part     TEXT NOT NULL,             -- its key, or what a few rows have in common
  rows     INTEGER NOT NULL,
  sum      INTEGER,                   -- of all rows of the part; NULL: they were damaged when an update looked at them
  adopted  INTEGER NOT NULL DEFAULT 0, -- 1: computed by an update, from the data as it was found
  PRIMARY KEY (relation, part)
) WITHOUT ROWID;
`
