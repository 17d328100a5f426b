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
  'results in ONNX Runtime': { right: 1570, refused: 463, unsupported: 1045 },
  'results in TensorFlow': { right: 1256, refused: 463, unsupported: 1361 },
  'results of the referee': { right: 1356, refused: 435, unsupported: 1268 },
  'inferred shapes': { right: 1516, refused: 435, unsupported: 1135 },
  'both modes against central differences': { right: 875, refused: 485, unsupported: 1718 },
  'both modes in ONNX Runtime': { right: 879, refused: 485, unsupported: 1718 },
  'both modes in TensorFlow': { right: 843, refused: 485, unsupported: 1751 },
}
