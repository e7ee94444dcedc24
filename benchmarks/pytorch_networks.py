"""The networks of `models/` in PyTorch, layer by layer, for `benchmarks/training_step.py`."""

import torch
from torch import nn


def build(name):
    """Build "airbench", "compact", "resnet18" or "wrn-D-W".

    It takes images `(B, 3, 32, 32)` in [0, 1] and gives logits `(B, 10)`.
    """
    if name == "airbench":
        return Airbench((64, 256, 256))
    if name == "compact":
        return Compact(48)
    if name == "resnet18":
        return ResNet((2, 2, 2, 2))
    depth, width = map(int, name.removeprefix("wrn-").split("-"))
    return WideResNet((depth - 4) // 6, width)


def convolution(inputs, outputs, kernel, stride=1):
    """Make a convolution without offset."""
    # Padding as TensorFlow's "same", which for even kernels and sizes is symmetric too.
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)


def norm(channels, scale=True):
    """Make a batch normalization."""
    layer = nn.BatchNorm2d(channels, eps=1e-3)
    layer.weight.requires_grad_(scale)
    return layer


class Network(nn.Module):
    """A network that ends in its layers' logits."""

    def forward(self, images):
        """Run it."""
        return self.logits(self.maps(4.0 * images - 2.0).mean((2, 3)))


class Residual(nn.Module):
    """A branch added to its input."""

    def __init__(self, branch, shortcut=None, last=None):
        super().__init__()
        self.branch, self.shortcut, self.last = (
            branch,
            shortcut or nn.Identity(),
            last or nn.Identity(),
        )

    def forward(self, x):
        """Run it."""
        return self.last(self.shortcut(x) + self.branch(x))


class Airbench(Network):
    """`models.airbench`, layer by layer."""

    def __init__(self, widths):
        super().__init__()
        layers, inputs = [convolution(3, 32, 2), norm(32, False), nn.ReLU(inplace=True)], 32
        for channels in widths:
            layers += [
                convolution(inputs, channels, 3),
                nn.MaxPool2d(2),
                norm(channels, False),
                nn.ReLU(inplace=True),
            ]
            layers += [
                convolution(channels, channels, 3),
                norm(channels, False),
                nn.ReLU(inplace=True),
            ]
            inputs = channels
        self.maps, self.logits = (
            nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten()),
            nn.Linear(inputs, 10, bias=False),
        )

    def forward(self, images):
        """Run it."""
        return self.logits(self.maps(4.0 * images - 2.0)) / 9


class Compact(Network):
    """`models.compact`, layer by layer."""

    def __init__(self, width):
        super().__init__()
        layers, inputs = [], 3
        for stage, kernel in enumerate((4, 3, 3)):
            channels = width * 2**stage
            layers += [
                convolution(inputs, channels, kernel, 2),
                norm(channels),
                nn.ReLU(inplace=True),
            ]
            layers.append(
                Residual(
                    nn.Sequential(
                        convolution(channels, channels, 3), norm(channels), nn.ReLU(inplace=True)
                    )
                )
            )
            inputs = channels
        self.maps, self.logits = nn.Sequential(*layers), nn.Linear(inputs, 10)


class ResNet(Network):
    """`models.resnet`, layer by layer."""

    def __init__(self, blocks):
        super().__init__()
        layers, inputs = [convolution(3, 64, 3), norm(64), nn.ReLU(inplace=True)], 64
        for stage, count in enumerate(blocks):
            for block in range(count):
                channels, stride = 64 * 2**stage, 2 if stage and not block else 1
                branch = nn.Sequential(
                    convolution(inputs, channels, 3, stride),
                    norm(channels),
                    nn.ReLU(inplace=True),
                    convolution(channels, channels, 3),
                    norm(channels),
                )
                same = stride == 1 and inputs == channels
                shortcut = (
                    None
                    if same
                    else nn.Sequential(convolution(inputs, channels, 1, stride), norm(channels))
                )
                layers.append(Residual(branch, shortcut, nn.ReLU(inplace=True)))
                inputs = channels
        self.maps, self.logits = nn.Sequential(*layers), nn.Linear(inputs, 10)


class PreActivation(nn.Module):
    """A block of `models.wide_resnet`."""

    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.first = nn.Sequential(norm(inputs), nn.ReLU(inplace=True))
        self.branch = nn.Sequential(
            convolution(inputs, channels, 3, stride),
            norm(channels),
            nn.ReLU(inplace=True),
            convolution(channels, channels, 3),
        )
        self.shortcut = (
            None if stride == 1 and inputs == channels else convolution(inputs, channels, 1, stride)
        )

    def forward(self, x):
        """Run it."""
        y = self.first(x)
        return self.branch(y) + (x if self.shortcut is None else self.shortcut(y))


class WideResNet(Network):
    """`models.wide_resnet`, layer by layer."""

    def __init__(self, blocks, width):
        super().__init__()
        layers, inputs = [convolution(3, 16, 3)], 16
        for stage in range(3):
            for block in range(blocks):
                channels = 16 * 2**stage * width
                layers.append(PreActivation(inputs, channels, 2 if stage and not block else 1))
                inputs = channels
        self.maps = nn.Sequential(*layers, norm(inputs), nn.ReLU(inplace=True))
        self.logits = nn.Linear(inputs, 10)


def trainer(name, images, labels, compiled):
    """Return a function that takes one training step, in bfloat16 and with the channels last.

    Args:
        name: as of `build`.
        images: `uint8` array `(B, 32, 32, 3)`.
        labels: integer array `(B,)`.
        compiled: whether `torch.compile` compiles the network.
    """
    torch.manual_seed(0)
    network = build(name).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(
        network.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    forward = torch.compile(network) if compiled else network
    images = (
        torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    )
    classes = torch.from_numpy(labels)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16):
            loss = nn.functional.cross_entropy(forward(images.float() / 255.0).float(), classes)
        loss.backward()
        optimizer.step()

    return step
