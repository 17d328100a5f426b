/** What is checked of each case. */
export type CheckName =
  | 'results in ONNX Runtime'
  | 'results in TensorFlow'
  | 'results of the referee'
  | 'inferred shapes'
  | 'both modes against central differences'
  | 'both modes in ONNX Runtime'
  | 'both modes in TensorFlow'

export interface Counts {
  readonly right: number
  /** Refused with a reason when the model is read, or when it is differentiated. */
  readonly refused: number
  /** No rule, kernel or referee for one of the operators, the type or the number of axes. */
  readonly unsupported: number
}

/** Outcomes of the suite's cases, each with operands as inputs and as constants. `docs/extending.md` prints them. */
export const RESULTS: Readonly<Record<CheckName, Counts>> = {
  'results in ONNX Runtime': { right: 1538, refused: 415, unsupported: 1125 },
  'results in TensorFlow': { right: 1224, refused: 415, unsupported: 1441 },
  'results of the referee': { right: 1296, refused: 415, unsupported: 1348 },
  'inferred shapes': { right: 1456, refused: 415, unsupported: 1215 },
  'both modes against central differences': { right: 843, refused: 447, unsupported: 1788 },
  'both modes in ONNX Runtime': { right: 847, refused: 447, unsupported: 1788 },
  'both modes in TensorFlow': { right: 811, refused: 447, unsupported: 1821 },
}
