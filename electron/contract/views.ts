/**
 * The views of a project, in the order of their tabs. Tabs, menu, shortcuts (Ctrl or Cmd and the key) and palette are
 * made from this table; the renderer gives each its icon and its component in `renderer/app/views.tsx`, and does not
 * compile while one is missing there. The keys follow the order.
 */
export const views = [
  { id: 'atlas', title: 'Atlas', key: '1' },
  { id: 'class', title: 'Class atlas', key: '2' },
  { id: 'compare', title: 'Comparison', key: '3' },
  { id: 'image', title: 'Image', key: '4' },
  { id: 'patch', title: 'Patch lab', key: '5' },
  { id: 'jobs', title: 'Jobs', key: '6' },
  { id: 'models', title: 'Models', key: '7' },
  { id: 'photographs', title: 'Photographs', key: '8' },
] as const
export type ViewId = (typeof views)[number]['id']
