"""Exports networks of torchvision and timm, with random weights, by both exporters of torch, and writes what torch
itself computes for them.

    python export.py FOLDER [NETWORK…]

For each network NAME: NAME.legacy.onnx and NAME.dynamo.onnx (or a line in its JSON that says why not), and NAME.json with
the input size, the logits of two made-up images, and for every module whose output has height and width its name,
shape, some of its values, gradient × activation at one position for three classes, and how far that moves where torch
itself computes in single precision. NAME.bytes has the images, sRGB,
[2, edge, edge, 3], and NAME.gradient the gradient of one logit of the first by its input, [3, edge, edge].
"""

import copy
import hashlib
import json
import math
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

warnings.filterwarnings("ignore")

# Name (`tv/` is torchvision), edge of the image in pixels, further arguments.
NETWORKS = {
    network["name"]: (network["edge"], network.get("more", {}))
    for network in json.loads(Path(__file__).with_name("list.json").read_text())
}
CLASSES = [0, 3, 7]
# Of what rounding does: a unit that is tipped one time in five is tipped in one of eight five times in six.
DRAWS = 8
# What torchvision and timm expect.
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
OPSET = 17


def build(name, more):
    torch.manual_seed(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))
    if name.startswith("tv/"):
        return torchvision.models.get_model(name[3:], weights=None, num_classes=10, **more)
    return timm.create_model(name, pretrained=False, num_classes=10, **more)


def with_statistics(model, images):
    """Weights as those of a trained network: what passes a block is neither lost nor drowned."""
    for name, parameter in model.named_parameters():
        # Layer scale begins at 1e-6, and the last scale of a residual branch at 0: the branch would not be seen.
        if parameter.ndim <= 3 and parameter.abs().max() < 1e-3 and ("gamma" in name or "scale" in name or "weight" in name):
            # A head of equal weights would sum what a LayerNorm has made a sum of 0.
            if parameter.ndim == 2:
                torch.nn.init.normal_(parameter, std=0.02)
            else:
                torch.nn.init.constant_(parameter, 0.5)
    norms = [module for module in model.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)]
    model.eval()
    for module in norms:
        module.train()
        module.momentum = 1.0
    with torch.no_grad():
        model(images)
    return model.eval()


def units(value):
    """What a value of one image may be: channels, height and width, with the vector of the middle position. Channels are
    first or last; of tokens the last in a square are positions, after those of classes."""
    if value.ndim == 3:
        first, second, third = value.shape
        yield [first, second, third], lambda x: x[:, second // 2, third // 2]
        yield [third, first, second], lambda x: x[first // 2, second // 2]
    else:
        tokens, channels = value.shape
        edge = math.isqrt(tokens)
        if edge > 1:
            at = tokens - edge * edge + edge // 2 * edge + edge // 2
            yield [channels, edge, edge], lambda x: x[at]


def reference(model, images):
    """Logits, of every module with an output of height and width what can be compared, and the gradient of a logit."""
    outputs, handles = {}, []
    for name, module in model.named_modules():
        if hasattr(module, "inplace"):
            module.inplace = False

        def keep(_, __, output, name=name):
            if torch.is_tensor(output) and output.ndim in (3, 4) and name not in outputs:
                outputs[name] = output

        if name:
            handles.append(module.register_forward_hook(keep))
    images = images.clone().requires_grad_(True)
    logits = model(images)
    for handle in handles:
        handle.remove()
    values = list(outputs.items())
    (of_image,) = torch.autograd.grad(logits[0, CLASSES[1]], images, retain_graph=True)
    gradients = [
        torch.autograd.grad(logits[0, index], [value for _, value in values], retain_graph=True, allow_unused=True)
        for index in CLASSES
    ]
    modules = []
    for at, (name, value) in enumerate(values):
        if any(gradient[at] is None for gradient in gradients):
            continue
        for shape, unit in units(value[0]):
            activation = unit(value[0])
            modules.append(
                {
                    "name": name,
                    "shape": shape,
                    "at": [shape[1] // 2, shape[2] // 2],
                    "activation": activation.tolist()[:8],
                    "attribution": [(unit(gradient[at][0]) * activation).sum().item() for gradient in gradients],
                }
            )
    return logits.detach().tolist(), modules, of_image[0]


def farthest(actual, expected):
    """The largest difference as a share of the largest expected number; 0 where nothing differs, 1 where all are expected
    to be 0: behind a softmax that is 1 at one place in double precision."""
    difference = np.abs(np.array(actual) - np.array(expected)).max().item()
    most = np.abs(np.array(expected)).max().item()
    return difference and (difference / most if most else 1.0)


def rounded(model, images, modules, gradient):
    """How far single precision moves torch's own numbers: a unit within rounding of a kink is on either side by chance,
    and with it all derivatives through it. Weights and results of modules are moved by their last bit, in `DRAWS` draws.
    Adds `rounding` to every module; returns that of the gradient by the image."""

    def noise(value):
        return value * (1 + torch.randn_like(value) * 2**-24)

    def moved(_, __, output):
        return noise(output) if torch.is_tensor(output) and output.is_floating_point() else output

    of_image = 0
    for draw in range(DRAWS):
        torch.manual_seed(draw)
        other = copy.deepcopy(model)
        with torch.no_grad():
            for parameter in other.parameters():
                parameter.copy_(noise(parameter))
        for module in other.modules():
            if not list(module.children()):
                module.register_forward_hook(moved)
        _, found, by_image = reference(other, images)
        of_image = max(of_image, farthest(by_image, gradient))
        for module, again in zip(modules, found, strict=True):
            module["rounding"] = max(module.get("rounding", 0), farthest(again["attribution"], module["attribution"]))
    return of_image


def export(model, images, exporter, file):
    common = {"input_names": ["image"], "output_names": ["logits"]}
    if exporter == "legacy":
        torch.onnx.export(
            model, (images,), file, dynamo=False, opset_version=OPSET, dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}}, **common
        )
    else:
        # What the README tells users to do.
        torch.onnx.export(model, (images,), file, dynamo=True, verbose=False, dynamic_shapes=({0: "batch"},), external_data=False, **common)


def sentence(error):
    line = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return f"{type(error).__name__}: {line}"[:200]


def normalised(pixels):
    scaled = (pixels / 255 - np.array(MEAN)) / np.array(STD)
    # Contiguous: the exporter by torch.export writes the strides of its example into the graph.
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32))


def write(name, folder):
    edge, more = NETWORKS[name]
    path = folder / name.replace("/", "-")
    generator = np.random.default_rng(7)
    pixels = generator.integers(0, 256, (2, edge, edge, 3), np.uint8)
    images = normalised(pixels)
    # Others, so that normalisation is not exact on these; of the same kind, so that it is near.
    model = with_statistics(build(name, more), normalised(generator.integers(0, 256, (8, edge, edge, 3), np.uint8)))
    about = {"name": name, "edge": edge, "exports": {}, "errors": {}, "classes": CLASSES}
    for exporter in ["legacy", "dynamo"]:
        file = path.with_name(f"{path.name}.{exporter}.onnx")
        try:
            # From an earlier run that was stopped: weights do not depend on chance.
            if not file.exists():
                export(copy.deepcopy(model), images, exporter, str(file))
            about["exports"][exporter] = file.name
        except Exception as error:  # noqa: BLE001
            about["exports"][exporter] = None
            about["errors"][exporter] = sentence(error)
            file.unlink(missing_ok=True)
    about["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    pixels.tofile(path.with_name(f"{path.name}.bytes"))
    logits, modules, gradient = reference(copy.deepcopy(model).double(), images.double())
    gradient.float().numpy().tofile(path.with_name(f"{path.name}.gradient"))
    rounding = rounded(model, images[:1], modules, gradient)
    about.update(logits=logits, modules=modules, rounding=rounding)
    path.with_name(f"{path.name}.json").write_text(json.dumps(about))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    for name in sys.argv[2:] or NETWORKS:
        if (folder / f"{name.replace('/', '-')}.json").exists():
            continue
        start = time.time()
        try:
            write(name, folder)
            print(f"{name}: {time.time() - start:.0f} s", flush=True)
        except Exception as error:  # noqa: BLE001
            # The others are compared all the same.
            failed = True
            print(f"{name}: {sentence(error)}", flush=True)
    sys.exit(1 if failed else 0)


main()
