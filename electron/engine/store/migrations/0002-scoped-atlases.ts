/**
 * Atlases of a part of a layer's samples: those that matter to one class, or to either of two. Their layouts keep which
 * samples they hold, the atlases what they are of.
 */
export const classAtlases = /* sql */ `
ALTER TABLE layouts ADD COLUMN samples BLOB; -- uint32 [n], rising: the samples laid out; NULL: the first n of the set
ALTER TABLE atlases ADD COLUMN scope TEXT;   -- JSON: classes, filter, counts; NULL: all samples
ALTER TABLE atlases ADD COLUMN plan TEXT;    -- key of what was asked for; NULL: all samples
ALTER TABLE atlases ADD COLUMN base INTEGER REFERENCES atlases (id) ON DELETE SET NULL; -- the whole atlas it is a part of
CREATE UNIQUE INDEX atlases_by_plan ON atlases (plan);
`
