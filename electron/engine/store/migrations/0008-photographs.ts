/**
 * A photograph is its bytes. Where a file was replaced, the row of what lay there before stays, for the samples and
 * trials that are of it, and the new picture gets a row of its own.
 */
export const photographs = /* sql */ `
CREATE TABLE images_by_bytes (
  id       INTEGER PRIMARY KEY,
  folder   INTEGER NOT NULL REFERENCES folders (id),
  relative TEXT NOT NULL,
  hash     TEXT,                   -- sha256 of the file; NULL where it could never be read
  width    INTEGER,
  height   INTEGER,
  class    TEXT,                   -- hint of folder or file name
  status   TEXT NOT NULL CHECK (status IN ('ok', 'unreadable')),
  reason   TEXT CHECK ((reason IS NULL) = (status = 'ok')),
  current  INTEGER NOT NULL CHECK (current IN (0, 1)) -- 0: when last looked at, another picture lay there
);
-- What was recorded as unreadable may have been away for a moment, or have been another file's damage: all of it is
-- tried again. Where no hash is known, a build reads the file anyway.
INSERT INTO images_by_bytes (id, folder, relative, hash, width, height, class, status, reason, current)
  SELECT id, folder, relative, hash, width, height, class,
    CASE WHEN hash IS NULL THEN status ELSE 'ok' END, CASE WHEN hash IS NULL THEN reason END, 1
  FROM images;
DROP TABLE images;
ALTER TABLE images_by_bytes RENAME TO images;
CREATE UNIQUE INDEX images_by_place ON images (folder, relative) WHERE current = 1;
CREATE UNIQUE INDEX images_once ON images (folder, relative, hash);
CREATE INDEX images_by_hash ON images (hash);

-- The folder's path relative to that of the project, for when both have moved; NULL: not known.
ALTER TABLE folders ADD COLUMN beside TEXT;
`
