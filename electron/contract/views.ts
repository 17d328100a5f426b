/**
 * The views of a project, in the order of their tabs. Tabs, menu, shortcuts (Ctrl or Cmd and the key) and palette are
 * made from this table; the renderer gives each its icon and its component in `renderer/app/views.tsx`, and does not
 * compile while one is missing there. Keys do not follow the order, so that a new view moves no old one's.
 */
export const views = [
  { id: 'atlas', title: 'Atlas', key: '1' },
  { id: 'class', title: 'Class atlas', key: '2' },
  { id: 'compare', title: 'Comparison', key: '4' },
  { id: 'image', title: 'Image', key: '3' },
  { id: 'patch', title: 'Patch lab', key: '8' },
  { id: 'jobs', title: 'Jobs', key: '5' },
  { id: 'models', title: 'Models', key: '6' },
  { id: 'data', title: 'Photographs', key: '7' },
] as const
export type ViewId = (typeof views)[number]['id']
