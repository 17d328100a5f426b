/** Notes, bookmarks and views are saved items, as everywhere else; their table was called `keepsakes`. */
export const savedItems = /* sql */ `
ALTER TABLE keepsakes RENAME TO saved_items;
UPDATE checksums SET relation = 'saved_items' WHERE relation = 'keepsakes';
`
