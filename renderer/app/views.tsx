import {
  ArrowLeftRight,
  Boxes,
  CircleDot,
  FlaskConical,
  Grid3x3,
  Image,
  Images,
  ListChecks,
  type LucideIcon,
} from 'lucide-react'
import type { ComponentType } from 'react'
import type { ViewId } from '../../electron/contract/views.ts'
import { AtlasView } from '../atlas/AtlasView.tsx'
import { ClassView } from '../compare/ClassView.tsx'
import { CompareView } from '../compare/CompareView.tsx'
import { ImagePage } from '../image/ImagePage.tsx'
import { JobsPage } from '../jobs/JobsPage.tsx'
import { ModelsPage } from '../models/ModelsPage.tsx'
import { PatchLab } from '../patch/PatchLab.tsx'
import { PhotographsPage } from '../photographs/PhotographsPage.tsx'

interface View {
  readonly icon: LucideIcon
  /** Gets its project from `useProject`. */
  readonly Component: ComponentType
}

/** Icon and component of each view of `electron/contract/views.ts`: a new view is a line there and a line here. */
export const VIEWS: Readonly<Record<ViewId, View>> = {
  atlas: { icon: Grid3x3, Component: AtlasView },
  class: { icon: CircleDot, Component: ClassView },
  compare: { icon: ArrowLeftRight, Component: CompareView },
  image: { icon: Image, Component: ImagePage },
  patch: { icon: FlaskConical, Component: PatchLab },
  jobs: { icon: ListChecks, Component: JobsPage },
  models: { icon: Boxes, Component: ModelsPage },
  photographs: { icon: Images, Component: PhotographsPage },
}
