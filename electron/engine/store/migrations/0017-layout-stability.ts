/** Layouts of the same samples and parameters by other seeds, and how far the samples keep their neighbours in them. */
export const layoutStability = /* sql */ `
CREATE TABLE layout_repeats (
  layout INTEGER NOT NULL REFERENCES layouts (id) ON DELETE CASCADE,
  seed   INTEGER NOT NULL,
  xy     BLOB NOT NULL, -- float32 [n, 2], as in layouts
  PRIMARY KEY (layout, seed)
);

CREATE TABLE layout_stability (
  layout INTEGER PRIMARY KEY REFERENCES layouts (id) ON DELETE CASCADE,
  key    TEXT NOT NULL, -- content key: of the layout, its positions and the seeds
  result TEXT NOT NULL, -- JSON: seeds, neighbours, their share that is kept, distances
  kept   BLOB NOT NULL  -- uint8 [n]: map neighbours of each sample that it keeps, over all other seeds
);
`
