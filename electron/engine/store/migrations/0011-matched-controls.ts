/** Controls that are matched to their patches: three more groups, and in `note` what each control controls. */
export const matchedControls = /* sql */ `
CREATE TABLE experiment_patches_matched (
  experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  ordinal    INTEGER NOT NULL,
  patch      INTEGER NOT NULL REFERENCES patches (id),
  grp        TEXT NOT NULL CHECK (
    grp IN ('real', 'noise', 'mean', 'shuffled', 'spectrum', 'surroundings', 'natural')
  ),
  note       TEXT,                     -- JSON: where a candidate of a suggestion comes from; what a control controls
  PRIMARY KEY (experiment, ordinal)
) WITHOUT ROWID;
INSERT INTO experiment_patches_matched SELECT experiment, ordinal, patch, grp, note FROM experiment_patches;
DROP TABLE experiment_patches;
ALTER TABLE experiment_patches_matched RENAME TO experiment_patches;
`
