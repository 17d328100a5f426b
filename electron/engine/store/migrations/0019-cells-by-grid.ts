/** The progress of all grids is read whenever an icon is finished: without the directions, which are most of a cell. */
export const cellsByGrid = /* sql */ `
CREATE INDEX cells_by_grid ON cells (atlas, grid, icon, count);
`
