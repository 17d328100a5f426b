import { trialUnits } from '../patch/experiment/trial-units.ts'
import { iconUnits } from '../units/icons.ts'
import { type KindsOfUnits, kindOfUnits } from '../units/perform.ts'
import { sampleUnits } from '../units/samples.ts'

/** Every kind of unit, and how it is performed. */
export const UNITS: KindsOfUnits = {
  icons: kindOfUnits('icons', iconUnits),
  samples: kindOfUnits('samples', sampleUnits),
  trials: kindOfUnits('trials', trialUnits),
}
