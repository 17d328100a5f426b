/** How many columns panes stand in: up to three beside each other, then two rows. */
export const columnsFor = (panes: number): number => (panes <= 3 ? panes : panes === 4 ? 2 : 3)
