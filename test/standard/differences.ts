import type { CheckName } from './results.ts'

const RESULTS_OF_RUNTIMES: readonly CheckName[] = ['results in ONNX Runtime', 'results in TensorFlow']
const BOTH_MODES: readonly CheckName[] = [
  'both modes against central differences',
  'both modes in ONNX Runtime',
  'both modes in TensorFlow',
]

/** Cases whose outcome differs from the standard's, and why that is right, or does not concern networks. */
export const DIFFERENCES: readonly {
  readonly reason: string
  readonly checks: readonly CheckName[]
  readonly cases: readonly string[]
}[] = [
  {
    reason: 'random: training is switched on by an input of the graph, which no network has',
    checks: [...RESULTS_OF_RUNTIMES, 'results of the referee'],
    cases: [
      'test_training_dropout',
      'test_training_dropout_default',
      'test_training_dropout_default_mask',
      'test_training_dropout_mask',
    ],
  },
  {
    reason: 'a quotient by an infinite divisor; the remainder is written as a − ⌊a/b⌋·b',
    checks: [...RESULTS_OF_RUNTIMES, 'results of the referee', ...BOTH_MODES],
    cases: ['test_mod_float_edge_cases_fmod_0_float16', 'test_mod_float_edge_cases_fmod_0_float32'],
  },
  {
    reason: 'derivatives by values without elements are NaN, here or in the differences',
    checks: BOTH_MODES,
    cases: [
      'test_reduce_l2_empty_set',
      'test_reduce_log_sum_empty_set_expanded',
      'test_reduce_max_empty_set',
      'test_reduce_min_empty_set',
      'test_slice_start_out_of_bounds',
      'test_split_zero_size_splits_opset13',
      'test_split_zero_size_splits_opset18',
    ],
  },
  {
    reason: 'the referee computes with numbers of one kind: integers are divided as real numbers, booleans are 0 and 1',
    checks: ['results of the referee'],
    cases: ['test_div_int32_trunc', 'test_div_int8', 'test_div_uint8', 'test_reduce_max_empty_set_bool'],
  },
  {
    reason: 'the referee has no second outputs (masks, places of maxima)',
    checks: ['results of the referee'],
    cases: [
      'test_dropout_default_mask',
      'test_dropout_default_mask_ratio',
      'test_maxpool_with_argmax_2d_precomputed_pads',
      'test_maxpool_with_argmax_2d_precomputed_strides',
      'test_training_dropout_zero_ratio_mask',
    ],
  },
  {
    reason: 'the referee pads with a constant: other modes are rewritten where the pads are constant',
    checks: ['results of the referee'],
    cases: ['test_edge_pad', 'test_reflect_pad'],
  },
]
