/** One sentence for each term that the window uses without explaining it where it stands. */
export const TERMS = {
  icon: 'An image to which the network responds with about the mean activation of a cell: optimised, not cut from a photograph.',
  cell: 'A square of the grid over the layout; it holds the samples that the layer responds to alike. Cells with too few samples are counted, not drawn.',
  sample:
    'One position in one photograph, the same in every layer: so a cell of one layer can be followed into another.',
  spread:
    'Mean cosine distance between the activations of the samples of a cell and their mean: 0 if the layer responds to all of them alike.',
  density: 'Icons are larger where more samples lie: the side of an icon grows with the root of its number of samples.',
  fidelity:
    'Cosine between the mean activation of a cell and the activation of its icon: 1 if the network responds to the icon exactly as to the samples. Compare it with chance.',
  robustFidelity: 'Mean fidelity over 16 shifts, rotations and scalings that the icon was not optimised for.',
  chance: 'Mean cosine between the activation of an icon and the directions of all other shown cells of the grid.',
  attribution:
    'What the activation adds to the logit of a class, to first order: gradient × activation. Positive supports the class, negative opposes it.',
  logit:
    'The output of the network for a class before the softmax; a difference of 1 makes the odds e ≈ 2.7 times as large.',
  label:
    'The class with the largest mean attribution, or a group of classes, where random halves of the photographs of a cell agree on it. The card of a cell gives the agreement.',
  trustworthiness: 'How far neighbours on the map are neighbours in the layer too: 1 if all of them are.',
  stability:
    'Share of the 15 nearest neighbours on the map that samples keep when they are laid out again by other seeds: what is stable does not hang on chance in the layout.',
  whitening:
    'Icons are made for directions that are freed of what all samples have in common, by the inverse of the second moment of the layer.',
  logOdds: 'The logit of a class less the log-sum-exp of all other logits: the outcome of a patch.',
  static: 'One size and position of a patch for all photographs, chosen on one half of them and reported on the other.',
  dynamic: 'The best size and position for each photograph by itself: how well an attacker does who may choose.',
  control:
    'What is placed instead of a patch, at the same size and position: noise, a mean colour, regions of unrelated photographs, or the surroundings filled in.',
} as const
