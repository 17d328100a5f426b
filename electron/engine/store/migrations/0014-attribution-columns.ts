/** Full pages of attributions by class, so that one class is read without the others. */
export const attributionColumns = /* sql */ `
CREATE TABLE attribution_columns (
  matrix INTEGER NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
  page   INTEGER NOT NULL,
  class  INTEGER NOT NULL,
  data   BLOB NOT NULL,
  PRIMARY KEY (matrix, page, class)
);
`
