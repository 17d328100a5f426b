"""Writes the test cases of ONNX's own suite for single operators into a folder: NAME.onnx, and NAME.values, a model
whose initializers are the inputs and outputs of the case, in order, under the names that the graph gives them.

    python cases.py FOLDER

Cases with values of other types than networks have (strings, sequences, int16, ...) are counted and left out.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

TYPES = {"float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool"}

warnings.simplefilter("ignore")
folder = Path(sys.argv[1])
written, omitted = 0, 0
for case in collect_testcases(None):
    inputs, outputs = case.data_sets[0]
    values = [*zip(case.model.graph.input, inputs), *zip(case.model.graph.output, outputs)]
    if not all(isinstance(value, np.ndarray | np.generic) and value.dtype.name in TYPES for _, value in values):
        omitted += 1
        continue
    tensors = [numpy_helper.from_array(np.asarray(value), info.name) for info, value in values]
    graph = helper.make_graph([], case.name, [], [], tensors)
    (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
    (folder / f"{case.name}.values").write_bytes(helper.make_model(graph).SerializeToString())
    written += 1
print(written, omitted)
