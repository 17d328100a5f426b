/**
 * The first shape of a project file. A migration is never edited again: a change is the next file.
 * Keys are content keys (keys.ts). Times are milliseconds since 1970. Blobs are little-endian.
 */
export const first = /* sql */ `
-- One row. Every version reads this table before it migrates, so its shape never changes.
CREATE TABLE writer (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  token   TEXT NOT NULL,           -- random: this hold of the project, and no other
  pid     INTEGER NOT NULL,
  host    TEXT NOT NULL,
  started TEXT,                    -- start of the process, so that a recycled pid is not taken for it
  command TEXT NOT NULL,
  since   INTEGER NOT NULL
);

CREATE TABLE project (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  created    INTEGER NOT NULL,
  created_by TEXT NOT NULL
);

CREATE TABLE models (
  hash    TEXT PRIMARY KEY,        -- sha256 of the model file
  name    TEXT NOT NULL,
  file    TEXT NOT NULL,
  sidecar TEXT NOT NULL,           -- JSON
  layers  TEXT NOT NULL            -- JSON
);

CREATE TABLE folders (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  path TEXT UNIQUE                 -- NULL: known by name only, may be linked later
);

CREATE TABLE images (
  id       INTEGER PRIMARY KEY,
  folder   INTEGER NOT NULL REFERENCES folders (id),
  relative TEXT NOT NULL,
  hash     TEXT,                   -- sha256 of the file; NULL where it could not be read
  width    INTEGER,
  height   INTEGER,
  class    TEXT,                   -- hint of folder or file name
  status   TEXT NOT NULL CHECK (status IN ('ok', 'unreadable')),
  reason   TEXT CHECK ((reason IS NULL) = (status = 'ok')),
  UNIQUE (folder, relative)
);
CREATE INDEX images_by_hash ON images (hash);

CREATE TABLE sample_sets (
  id        INTEGER PRIMARY KEY,
  key       TEXT NOT NULL UNIQUE,
  model     TEXT NOT NULL REFERENCES models (hash),
  seed      INTEGER NOT NULL,
  per_image INTEGER NOT NULL,
  images    TEXT NOT NULL,         -- content key of the photographs, in order
  n         INTEGER NOT NULL DEFAULT 0,
  finished  INTEGER
);

CREATE TABLE samples (
  set_id INTEGER NOT NULL REFERENCES sample_sets (id) ON DELETE CASCADE,
  idx    INTEGER NOT NULL,
  image  INTEGER NOT NULL REFERENCES images (id),
  v      REAL NOT NULL,            -- position in the image, 0 top to 1 bottom
  u      REAL NOT NULL,            -- 0 left to 1 right
  PRIMARY KEY (set_id, idx)
) WITHOUT ROWID;
CREATE INDEX samples_by_image ON samples (image);

-- What is known of every sample at a layer: one row of 'width' values per sample.
CREATE TABLE matrices (
  id        INTEGER PRIMARY KEY,
  set_id    INTEGER NOT NULL REFERENCES sample_sets (id) ON DELETE CASCADE,
  layer     TEXT NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('activation', 'exact', 'relaxed-l2', 'relaxed-avg')),
  width     INTEGER NOT NULL,      -- channels or classes
  kept      INTEGER,               -- truncated to so many of each sign; NULL: complete
  row_bytes INTEGER NOT NULL,
  n         INTEGER NOT NULL DEFAULT 0,
  clipped   INTEGER NOT NULL DEFAULT 0, -- values that lay beyond float16
  UNIQUE (set_id, layer, kind)
);
CREATE TABLE matrix_pages (        -- 16,384 samples each
  matrix INTEGER NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
  page   INTEGER NOT NULL,
  data   BLOB NOT NULL,
  PRIMARY KEY (matrix, page)
);
CREATE TABLE matrix_tails (        -- batches after the last full page
  matrix INTEGER NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
  start  INTEGER NOT NULL,
  count  INTEGER NOT NULL,
  data   BLOB NOT NULL,
  PRIMARY KEY (matrix, start)
);

CREATE TABLE moments (
  set_id   INTEGER NOT NULL REFERENCES sample_sets (id) ON DELETE CASCADE,
  layer    TEXT NOT NULL,
  n        INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  data     BLOB NOT NULL,          -- float64 [channels, channels]: the sum of a·aᵀ
  fourth   REAL NOT NULL,          -- the sum of ‖a‖⁴
  PRIMARY KEY (set_id, layer)
);

CREATE TABLE layouts (
  id              INTEGER PRIMARY KEY,
  key             TEXT NOT NULL UNIQUE,
  set_id          INTEGER NOT NULL REFERENCES sample_sets (id) ON DELETE CASCADE,
  layer           TEXT NOT NULL,
  name            TEXT NOT NULL,
  params          TEXT NOT NULL,   -- JSON
  seed            INTEGER NOT NULL,
  n               INTEGER NOT NULL,
  trustworthiness REAL,
  notes           TEXT NOT NULL,   -- JSON
  xy              BLOB NOT NULL,   -- float32 [n, 2]
  UNIQUE (set_id, layer, name)
);

CREATE TABLE atlases (
  id          INTEGER PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  set_id      INTEGER NOT NULL REFERENCES sample_sets (id) ON DELETE CASCADE,
  layer       TEXT NOT NULL,
  layout      INTEGER NOT NULL REFERENCES layouts (id) ON DELETE CASCADE,
  attribution TEXT NOT NULL,
  whitening   TEXT NOT NULL,       -- JSON
  preset      TEXT NOT NULL,       -- JSON
  created     INTEGER NOT NULL,
  finished    INTEGER
);

CREATE TABLE cells (
  atlas     INTEGER NOT NULL REFERENCES atlases (id) ON DELETE CASCADE,
  grid      INTEGER NOT NULL,
  i         INTEGER NOT NULL,      -- row
  j         INTEGER NOT NULL,      -- column
  count     INTEGER NOT NULL,
  x         REAL NOT NULL,         -- mean position of its samples
  y         REAL NOT NULL,
  label     INTEGER,               -- class with the strongest mean attribution
  share     REAL,                  -- of its samples whose own strongest class is the label
  top       TEXT,                  -- JSON: classes for and against
  direction BLOB,                  -- float32 [channels]; NULL: hidden, only counted
  icon      TEXT,                  -- key of the icon, which may not have been made yet
  PRIMARY KEY (atlas, grid, i, j)
);
CREATE INDEX cells_by_icon ON cells (icon);

CREATE TABLE icons (
  key             TEXT PRIMARY KEY,
  status          TEXT NOT NULL CHECK (status IN ('ok', 'grey', 'non-finite')),
  attempts        INTEGER NOT NULL,
  size            INTEGER NOT NULL,
  fidelity        REAL,
  robust_fidelity REAL,
  objective       REAL,
  preset          TEXT NOT NULL,   -- JSON
  seed            INTEGER NOT NULL,
  runtime         TEXT NOT NULL,   -- device, provider and version that computed it
  batch           INTEGER NOT NULL, -- icons in the batch: results agree bit by bit only for the same shape
  webp            BLOB             -- lossless; NULL where no attempt gave a picture
);

CREATE TABLE jobs (
  id               INTEGER PRIMARY KEY,
  kind             TEXT NOT NULL,
  key              TEXT NOT NULL,
  params           TEXT NOT NULL,  -- JSON
  state            TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
  stage            TEXT,
  done             REAL NOT NULL DEFAULT 0,
  total            REAL NOT NULL DEFAULT 0,
  unit             TEXT NOT NULL DEFAULT '',
  stages           TEXT NOT NULL DEFAULT '[]', -- JSON: what became of each
  queued           INTEGER NOT NULL,
  started          INTEGER,
  updated          INTEGER NOT NULL,
  finished         INTEGER,
  error            TEXT,
  cancel_requested INTEGER         -- when, by any process
);
CREATE INDEX jobs_by_state ON jobs (state);

CREATE TABLE job_log (
  id    INTEGER PRIMARY KEY,
  job   INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  time  INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
  text  TEXT NOT NULL
);
CREATE INDEX job_log_by_job ON job_log (job);

-- What the window wants to find again: notes, bookmarks, views, by name.
CREATE TABLE keepsakes (
  kind    TEXT NOT NULL CHECK (kind IN ('note', 'bookmark', 'view')),
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,           -- JSON
  updated INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;
`
