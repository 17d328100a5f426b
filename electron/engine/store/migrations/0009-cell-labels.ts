/** The reliable labels of a grid's cells: classes or groups of classes, with the agreement of halves of the photographs. */
export const cellLabels = /* sql */ `
CREATE TABLE cell_labels (
  atlas  INTEGER NOT NULL REFERENCES atlases (id) ON DELETE CASCADE,
  grid   INTEGER NOT NULL,
  key    TEXT NOT NULL, -- content key: of the cells, the classes and their groups
  labels TEXT NOT NULL, -- JSON: groups, and a label of each shown cell, by row and column
  PRIMARY KEY (atlas, grid)
);
`
