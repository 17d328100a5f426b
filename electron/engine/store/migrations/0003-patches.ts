/** The patch lab: pictures to paste, what networks answered to photographs, experiments trial by trial, sweeps. */
export const patches = /* sql */ `
CREATE TABLE patches (
  id          INTEGER PRIMARY KEY,
  key         TEXT NOT NULL UNIQUE,    -- content key of the pixels
  name        TEXT NOT NULL,
  kind        TEXT NOT NULL,           -- file, bytes, region, icon, inversion, noise, mean, shuffled
  origin      TEXT NOT NULL,           -- what it was made from, for the reader
  width       INTEGER NOT NULL,
  height      INTEGER NOT NULL,
  transparent INTEGER NOT NULL,
  gallery     INTEGER NOT NULL,        -- 0: removed by the user, or a control of an experiment
  created     INTEGER NOT NULL,
  webp        BLOB NOT NULL            -- lossless, with transparency
);

-- The strongest classes of photographs, so that a population is found without asking the network again.
CREATE TABLE answers (
  classifier TEXT NOT NULL,            -- content key of model and preprocessing
  image      TEXT NOT NULL,            -- sha256 of the file
  top        TEXT NOT NULL,            -- JSON: class indices, the strongest first
  PRIMARY KEY (classifier, image)
) WITHOUT ROWID;

CREATE TABLE experiments (
  id       INTEGER PRIMARY KEY,
  key      TEXT NOT NULL UNIQUE,
  kind     TEXT NOT NULL CHECK (kind IN ('experiment', 'suggestion')),
  plan     TEXT NOT NULL,              -- JSON
  created  INTEGER NOT NULL,
  finished INTEGER,
  outcome  TEXT                        -- JSON: what a suggestion found
);
CREATE TABLE experiment_models (
  experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  ordinal    INTEGER NOT NULL,
  model      TEXT NOT NULL REFERENCES models (hash),
  source     INTEGER NOT NULL,         -- class indices of this model
  target     INTEGER NOT NULL,
  considered INTEGER,                  -- photographs looked at; NULL until the population is known
  unreadable INTEGER,
  population INTEGER,
  PRIMARY KEY (experiment, ordinal)
) WITHOUT ROWID;
CREATE TABLE experiment_patches (
  experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  ordinal    INTEGER NOT NULL,
  patch      INTEGER NOT NULL REFERENCES patches (id),
  grp        TEXT NOT NULL CHECK (grp IN ('real', 'noise', 'mean', 'shuffled')),
  note       TEXT,                     -- JSON: where a candidate of a suggestion comes from
  PRIMARY KEY (experiment, ordinal)
) WITHOUT ROWID;

-- One composition and the answer to it. variant −1: the photograph alone; else
-- (patch's ordinal · sizes + size) · positions + position.
CREATE TABLE trials (
  experiment         INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  model              INTEGER NOT NULL, -- ordinal
  image              INTEGER NOT NULL REFERENCES images (id),
  variant            INTEGER NOT NULL,
  winner             INTEGER NOT NULL,
  winner_probability REAL NOT NULL,
  source_probability REAL NOT NULL,
  target_probability REAL NOT NULL,
  source_logit       REAL NOT NULL,
  target_logit       REAL NOT NULL,
  PRIMARY KEY (experiment, model, image, variant)
) WITHOUT ROWID;

CREATE TABLE sweeps (
  id      INTEGER PRIMARY KEY,
  key     TEXT NOT NULL UNIQUE,
  plan    TEXT NOT NULL,               -- JSON
  created INTEGER NOT NULL
);
CREATE TABLE sweep_rows (
  sweep INTEGER NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
  size  INTEGER NOT NULL,              -- place in the plan; −1: the photograph alone
  data  BLOB NOT NULL,                 -- float64 [positions², 6]: winner, the probabilities and logits of a trial
  PRIMARY KEY (sweep, size)
) WITHOUT ROWID;
`
