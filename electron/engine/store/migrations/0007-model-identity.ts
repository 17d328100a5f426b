/**
 * Results are kept by what they depend on of a model: layers by their tensors, and what follows from the logits by the
 * classifier, which is the network with its preprocessing and its logits. Class names stand with the classifier.
 *
 * Earlier versions kept one description of a model, the last one that was given. It is carried over as what everything
 * was computed with; attributions and cells, which may be of logits that stood in an earlier description, are marked as
 * `assumed`: they are shown, and computed again by the next build. Experiments are kept to be read.
 * Models whose weights lie in files of their own were known by the .onnx file alone: those can't be told from their
 * retrained selves, and are not carried over.
 */
export const modelIdentity = /* sql */ `
ALTER TABLE models ADD COLUMN beside TEXT;                       -- path relative to the project's folder; NULL: none
ALTER TABLE models ADD COLUMN classifier TEXT NOT NULL DEFAULT ''; -- key of the classifier that it was last described as
ALTER TABLE models ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;   -- when it was last described

-- A path that was kept as it was typed, in a folder that nobody knows any more: jobs have it absolute.
UPDATE models SET file = coalesce((
  SELECT json_extract(jobs.params, '$.model') FROM jobs
  WHERE json_valid(jobs.params)
    AND json_type(jobs.params, '$.model') = 'text'
    AND replace(json_extract(jobs.params, '$.model'), char(92), '/') LIKE '%/' || ltrim(replace(models.file, char(92), '/'), './')
    AND substr(json_extract(jobs.params, '$.model'), 1, 1) = '/'
  ORDER BY jobs.id DESC LIMIT 1
), file) WHERE file NOT GLOB '/*' AND file NOT GLOB '[A-Za-z]:*' AND file NOT GLOB char(92) || '*';

CREATE TABLE classifiers (
  key    TEXT PRIMARY KEY,         -- content key of network, preprocessing and logits
  model  TEXT NOT NULL REFERENCES models (hash),
  input  TEXT NOT NULL,            -- JSON: the preprocessing
  logits TEXT NOT NULL,            -- tensor
  layers TEXT NOT NULL,            -- JSON
  probabilities TEXT,              -- softmax or sigmoid; NULL: the sidecar does not say
  labels TEXT                      -- JSON: names of the classes; NULL: not known
);
INSERT INTO classifiers (key, model, input, logits, layers, labels)
SELECT classifier_key(hash, coalesce(json_extract(sidecar, '$.input'), '{}'), coalesce(json_extract(sidecar, '$.logits'), ''), NULL),
  hash, coalesce(json_extract(sidecar, '$.input'), '{}'), coalesce(json_extract(sidecar, '$.logits'), ''),
  layers, json_extract(sidecar, '$.labels')
FROM models;
UPDATE models SET classifier = (SELECT key FROM classifiers WHERE model = hash);

ALTER TABLE sample_sets ADD COLUMN input TEXT;                   -- JSON: the preprocessing; NULL: not recorded

-- The tensor of a layer in a set of samples, by the name that it had.
CREATE TEMP TABLE tensors AS
SELECT sample_sets.id AS set_id, json_extract(each.value, '$.name') AS name, min(json_extract(each.value, '$.tensor')) AS tensor
FROM sample_sets JOIN models ON models.hash = sample_sets.model, json_each(models.layers) AS each
GROUP BY 1, 2;
-- A second name of the same tensor keeps to itself: its results are computed again.
DELETE FROM tensors WHERE EXISTS (
  SELECT 1 FROM tensors AS other
  WHERE other.set_id = tensors.set_id AND other.tensor = tensors.tensor AND other.name < tensors.name
);

CREATE TABLE new_matrices (
  id         INTEGER PRIMARY KEY,
  set_id     INTEGER NOT NULL REFERENCES sample_sets (id) ON DELETE CASCADE,
  tensor     TEXT NOT NULL,
  layer      TEXT NOT NULL,            -- what the tensor is called
  kind       TEXT NOT NULL CHECK (kind IN ('activation', 'exact', 'relaxed-l2', 'relaxed-avg')),
  classifier TEXT NOT NULL DEFAULT '', -- of attributions
  assumed    INTEGER NOT NULL DEFAULT 0, -- 1: of an earlier version, which did not record the classifier
  width      INTEGER NOT NULL,         -- channels or classes
  kept       INTEGER,                  -- truncated to so many of each sign; NULL: complete
  row_bytes  INTEGER NOT NULL,
  n          INTEGER NOT NULL DEFAULT 0,
  clipped    INTEGER NOT NULL DEFAULT 0, -- values that lay beyond float16
  UNIQUE (set_id, tensor, kind, classifier)
);
INSERT INTO new_matrices (id, set_id, tensor, layer, kind, classifier, assumed, width, kept, row_bytes, n, clipped)
SELECT matrices.id, matrices.set_id, coalesce(tensors.tensor, layer), layer, kind,
  iif(kind = 'activation', '', models.classifier), kind <> 'activation', width, kept, row_bytes, matrices.n, clipped
FROM matrices
JOIN sample_sets ON sample_sets.id = matrices.set_id JOIN models ON models.hash = sample_sets.model
LEFT JOIN tensors ON tensors.set_id = matrices.set_id AND tensors.name = matrices.layer;
DROP TABLE matrices;
ALTER TABLE new_matrices RENAME TO matrices;

ALTER TABLE moments RENAME COLUMN layer TO tensor;
UPDATE OR IGNORE moments SET tensor = coalesce(
  (SELECT tensor FROM tensors WHERE tensors.set_id = moments.set_id AND tensors.name = moments.tensor), tensor);

ALTER TABLE layouts RENAME COLUMN layer TO tensor;
ALTER TABLE layouts ADD COLUMN layer TEXT NOT NULL DEFAULT '';   -- what the tensor is called
UPDATE layouts SET layer = tensor;
UPDATE OR IGNORE layouts SET tensor = coalesce(
  (SELECT tensor FROM tensors WHERE tensors.set_id = layouts.set_id AND tensors.name = layouts.layer), tensor);

ALTER TABLE atlases ADD COLUMN tensor TEXT NOT NULL DEFAULT '';  -- 'layer' is what it is called
ALTER TABLE atlases ADD COLUMN classifier TEXT REFERENCES classifiers (key);
ALTER TABLE atlases ADD COLUMN assumed INTEGER NOT NULL DEFAULT 0; -- 1: of an earlier version, as in matrices
UPDATE atlases SET assumed = 1,
  tensor = coalesce((SELECT tensor FROM tensors WHERE tensors.set_id = atlases.set_id AND tensors.name = atlases.layer), layer),
  classifier = (SELECT models.classifier FROM sample_sets JOIN models ON models.hash = sample_sets.model WHERE sample_sets.id = atlases.set_id);
DROP TABLE tensors;

ALTER TABLE experiment_models ADD COLUMN classifier TEXT REFERENCES classifiers (key); -- NULL: not recorded
ALTER TABLE sweeps ADD COLUMN classifier TEXT REFERENCES classifiers (key);            -- NULL: not recorded
`
