"""Golden data of elementwise, shape, norm and picture ops, from PyTorch.

Run `python3 make_golden.py` here; one function an op. The versions used are
written into each file.
"""

import pathlib

import torch
import torch.nn.functional as F

from golden_file import case, operand, randn, write

GENERATORS = {}


def generator(op):
    """The same numbers for an op whichever others are made."""
    return torch.Generator().manual_seed(sum(map(ord, op)))


def op(make):
    """Registers a function that makes the cases of the op of its name."""
    GENERATORS[make.__name__] = make
    return make


def unary(g, function, attrs=None, wide=30.0):
    """Usual values, large ones, and those around zero."""
    xs = [
        ("usual", randn(g, 2, 3, 4)),
        ("large", operand(torch.linspace(-wide, wide, 25, dtype=torch.float64))),
        ("small", operand(torch.linspace(-1e-3, 1e-3, 7, dtype=torch.float64))),
    ]
    return [case(name, [x], function(x), attrs) for name, x in xs]


def slope(g, function, attrs=None, wide=30.0):
    """As `unary`, for a derivative that autograd finds."""

    def derivative(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(function(x).sum(), x)[0]

    return unary(g, derivative, attrs, wide)


def binary(g, function):
    """Equal shapes and all kinds of broadcasting."""
    pairs = [
        ((2, 3, 4), (2, 3, 4)),
        ((2, 3, 4), (4,)),
        ((3, 1), (2, 1, 5)),
        ((2, 3), ()),
    ]
    cases = []
    for a_shape, b_shape in pairs:
        a, b = randn(g, *a_shape), randn(g, *b_shape)
        cases.append(case(f"{a_shape} {b_shape}", [a, b], function(a, b)))
    return cases


@op
def add(g):
    return binary(g, torch.add)


@op
def mul(g):
    return binary(g, torch.mul)


@op
def silu(g):
    return unary(g, F.silu)


@op
def silu_slope(g):
    return slope(g, F.silu)


@op
def quick_gelu(g):
    return unary(g, lambda x: x * torch.sigmoid(1.702 * x))


@op
def gelu(g):
    return [
        one
        for form in ("none", "tanh")
        for one in unary(g, lambda x: F.gelu(x, approximate=form), {"approximate": form})
    ]


@op
def gelu_slope(g):
    return [
        one
        for form in ("none", "tanh")
        for one in slope(g, lambda x: F.gelu(x, approximate=form), {"approximate": form})
    ]


@op
def relu(g):
    return unary(g, F.relu)


@op
def relu6(g):
    return unary(g, F.relu6)


@op
def squared_relu(g):
    return unary(g, lambda x: F.relu(x) ** 2)


@op
def tanh(g):
    return unary(g, torch.tanh)


@op
def clamp(g):
    attrs = {"low": -0.75, "high": 1.25}
    return unary(g, lambda x: torch.clamp(x, -0.75, 1.25), attrs)


@op
def clamp_slope(g):
    return slope(g, F.relu6, {"low": 0, "high": 6}, wide=12.3)


@op
def sum_to(g):
    cases = []
    for shape, to in [((2, 3, 4), (4,)), ((2, 3, 4), (3, 1)), ((5, 2), ()), ((2, 3), (2, 3))]:
        x = randn(g, *shape)
        cases.append(case(f"{shape} to {to}", [x], x.sum_to_size(to), {"shape": to}))
    return cases


@op
def broadcast_to(g):
    cases = []
    for shape, to in [((4,), (2, 3, 4)), ((3, 1), (2, 3, 4)), ((), (5, 2)), ((1, 3, 1), (2, 3, 2))]:
        x = randn(g, *shape)
        cases.append(case(f"{shape} to {to}", [x], x.broadcast_to(to), {"shape": to}))
    return cases


def rms(x, eps, scale=None):
    return F.rms_norm(x, x.shape[-1:], scale, eps)


@op
def rms_norm(g):
    x, scale = randn(g, 3, 2, 9), randn(g, 9)
    attrs = {"eps": 1e-5}
    small = randn(g, 2, 5, scale=1e-3)
    return [
        case("scaled", [x, scale], rms(x, 1e-5, scale), attrs),
        case("plain", [x], rms(x, 1e-5), attrs),
        case("eps counts", [small], rms(small, 1e-5), attrs),
    ]


@op
def rms_norm_gradient(g):
    grad, x = randn(g, 3, 9), randn(g, 3, 9)
    return [case("rows", [grad, x], vjp(lambda v: rms(v, 1e-5), x, grad), {"eps": 1e-5})]


def vjp(function, x, grad):
    """Gradient of sum(function(x) · grad) by x."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad(function(x), x, grad)[0]


@op
def layer_norm(g):
    x, scale, bias = randn(g, 3, 2, 9), randn(g, 9), randn(g, 9)
    far = operand(1e4 + randn(g, 2, 16))
    attrs = {"eps": 1e-5}
    return [
        case("scale and bias", [x, scale, bias], F.layer_norm(x, (9,), scale, bias, 1e-5), attrs),
        case("scale", [x, scale], F.layer_norm(x, (9,), scale, None, 1e-5), attrs),
        case("plain", [x], F.layer_norm(x, (9,), None, None, 1e-5), attrs),
        case("large mean", [far], F.layer_norm(far, (16,), None, None, 1e-5), attrs),
    ]


@op
def layer_norm_gradient(g):
    grad, x = randn(g, 3, 9), randn(g, 3, 9)
    result = vjp(lambda v: F.layer_norm(v, (9,), None, None, 1e-5), x, grad)
    return [case("rows", [grad, x], result, {"eps": 1e-5})]


@op
def softmax(g):
    x = randn(g, 2, 3, 7, scale=3.0)
    large = operand(torch.tensor([[1000.0, 999.0, -1000.0], [-500.0, -500.0, -501.0]]).double())
    masked = randn(g, 2, 5)
    masked[0, 1:3] = -torch.inf
    masked[1, :4] = -torch.inf
    return [
        case("rows", [x], x.softmax(-1)),
        case("large", [large], large.softmax(-1)),
        case("masked", [masked], masked.softmax(-1)),
        # PyTorch says NaN; the op's rule for rows of −∞ is zero.
        case("all masked", [torch.full((1, 4), -torch.inf)], torch.zeros(1, 4)),
    ]


@op
def concat(g):
    cases = []
    for axis, shapes in [
        (0, [(2, 3), (1, 3)]),
        (-1, [(2, 3), (2, 1), (2, 4)]),
        (1, [(2, 1, 3), (2, 2, 3), (2, 5, 3), (2, 1, 3)]),
    ]:
        xs = [randn(g, *shape) for shape in shapes]
        cases.append(case(f"axis {axis}", xs, torch.cat(xs, axis), {"axis": axis}))
    return cases


@op
def slice(g):
    x = randn(g, 3, 5, 4)
    return [
        case("middle", [x], x[:, 1:4], {"axis": 1, "start": 1, "end": 4}),
        case("last", [x], x[..., 2:], {"axis": -1, "start": 2, "end": 4}),
        case("first", [x], x[:1], {"axis": 0, "start": 0, "end": 1}),
    ]


@op
def place(g):
    x = randn(g, 3, 2, 4)
    zeros = torch.zeros(3, 6, 4).double()
    middle = zeros.slice_scatter(x, 1, 3, 5)
    wide = F.pad(x, (1, 2))
    return [
        case("middle", [x], middle, {"axis": 1, "start": 3, "size": 6}),
        case("last", [x], wide, {"axis": -1, "start": 1, "size": 7}),
    ]


@op
def reshape(g):
    x = randn(g, 2, 6)
    return [
        case("named", [x], x.reshape(3, 4), {"shape": [3, 4]}),
        case("worked out", [x], x.reshape(2, -1, 3), {"shape": [2, -1, 3]}),
    ]


@op
def transpose(g):
    cases = []
    for shape, order in [((2, 5), (1, 0)), ((2, 3, 4, 5), (0, 2, 1, 3)), ((2, 3, 4), (2, 0, 1))]:
        x = randn(g, *shape)
        cases.append(case(f"{order}", [x], x.permute(order), {"permutation": order}))
    return cases


@op
def cast(g):
    x = operand(torch.tensor([-3.7, -0.5, 0.0, 0.5, 2.5, 1e6, 7.25, 255.9]).double())
    whole = torch.tensor([-5, 0, 3, 2**20, -(2**31)])
    return [
        case("to i32", [x], x.to(torch.int32), {"dtype": "i32"}, output_dtype="i32"),
        case("to u32", [x.abs()], x.abs().long(), {"dtype": "u32"}, output_dtype="u32"),
        case("to f16", [x[:5]], x[:5].half(), {"dtype": "f16"}, output_dtype="f16"),
        case("from i32", [whole], whole.double(), {"dtype": "f32"}, ["i32"]),
        case("to f32", [x], x, {"dtype": "f32"}),
    ]


def conv(x, weight, bias, stride, padding, groups):
    """Channels-last convolution; weight [kh, kw, i/groups, o]."""
    top, bottom, left, right = padding
    x = F.pad(x.permute(0, 3, 1, 2), (left, right, top, bottom))
    y = F.conv2d(x, weight.permute(3, 2, 0, 1), bias, stride, groups=groups)
    return y.permute(0, 2, 3, 1)


CONVS = [
    # name, [b, h, w, i], [kh, kw, i/groups, o], stride, padding, groups
    ("same, stride 2", (2, 6, 8, 3), (3, 3, 3, 4), 2, (0, 1, 0, 1), 1),
    ("odd sizes", (1, 5, 7, 2), (2, 3, 2, 5), 1, (1, 0, 2, 1), 1),
    ("groups", (1, 4, 5, 4), (3, 3, 2, 6), 1, (1, 1, 1, 1), 2),
    ("patches", (1, 8, 4, 3), (4, 4, 3, 3), 4, (0, 0, 0, 0), 1),
]


def conv_attrs(stride, padding, groups, **more):
    return {"stride": stride, "padding": padding, "groups": groups, **more}


@op
def conv2d(g):
    cases = []
    for n, (name, x_shape, w_shape, *window) in enumerate(CONVS):
        x, weight, bias = randn(g, *x_shape), randn(g, *w_shape), randn(g, w_shape[3])
        y = conv(x, weight, bias, *window)
        if n % 2 == 0:
            cases.append(case(name, [x, weight, bias], y, conv_attrs(*window)))
        else:
            y = F.relu6(conv(x, weight, None, *window))
            attrs = conv_attrs(*window, activation="relu6")
            cases.append(case(name, [x, weight], y, attrs))
    return cases


@op
def conv2d_input_gradient(g):
    cases = []
    for name, x_shape, w_shape, *window in CONVS:
        x, weight = randn(g, *x_shape), randn(g, *w_shape)
        grad = randn(g, *conv(x, weight, None, *window).shape)
        result = vjp(lambda v: conv(v, weight, None, *window), x, grad)
        cases.append(case(name, [grad, weight], result, conv_attrs(*window, shape=x_shape)))
    return cases


@op
def conv2d_weight_gradient(g):
    cases = []
    for name, x_shape, w_shape, *window in CONVS:
        x, weight = randn(g, *x_shape), randn(g, *w_shape)
        grad = randn(g, *conv(x, weight, None, *window).shape)
        result = vjp(lambda v: conv(x, v, None, *window), weight, grad)
        cases.append(case(name, [grad, x], result, conv_attrs(*window, shape=w_shape)))
    return cases


@op
def depthwise_conv2d(g):
    cases = []
    for name, shape, kernel, stride, padding, activation in [
        ("3x3", (2, 5, 6, 3), (3, 3), 1, (1, 1, 1, 1), "none"),
        ("3x3, stride 2", (1, 6, 8, 5), (3, 3), 2, (0, 1, 0, 1), "relu6"),
        ("5x5, stride 2", (1, 7, 9, 2), (5, 5), 2, (2, 2, 2, 2), "none"),
        ("5x5 on 3x3", (1, 3, 3, 4), (5, 5), 1, (2, 2, 2, 2), "relu6"),
    ]:
        c = shape[3]
        x, weight, bias = randn(g, *shape), randn(g, *kernel, c), randn(g, c)
        y = conv(x, weight.unsqueeze(2), bias, stride, padding, c)
        attrs = {"stride": stride, "padding": padding, "activation": activation}
        y = F.relu6(y) if activation == "relu6" else y
        cases.append(case(name, [x, weight, bias], y, attrs))
    plain = conv(x, weight.unsqueeze(2), None, 1, (2, 2, 2, 2), c)
    cases.append(case("no bias", [x, weight], plain, {"stride": 1, "padding": [2, 2, 2, 2]}))
    return cases


def pool(x, attrs):
    """Channels-last pooling; padding counts as missing."""
    x = x.permute(0, 3, 1, 2)
    if attrs["kind"] == "global":
        return x.mean((2, 3), keepdim=True).permute(0, 2, 3, 1)
    top, bottom, left, right = attrs["padding"]
    sides = (left, right, top, bottom)
    size, stride = attrs["size"], attrs["stride"]
    if attrs["kind"] == "max":
        y = F.max_pool2d(F.pad(x, sides, value=-torch.inf), size, stride)
    else:
        ones = F.avg_pool2d(F.pad(torch.ones_like(x), sides), size, stride)
        y = F.avg_pool2d(F.pad(x, sides), size, stride) / ones
    return y.permute(0, 2, 3, 1)


POOLS = [
    ("max", (2, 6, 5, 3), {"kind": "max", "size": [3, 2], "stride": 2, "padding": [1, 1, 0, 1]}),
    ("average", (1, 5, 7, 4), {"kind": "average", "size": [3, 3], "stride": 2, "padding": [1, 1, 1, 1]}),
    ("average, lopsided", (1, 4, 4, 2), {"kind": "average", "size": [2, 2], "stride": 1, "padding": [0, 1, 0, 1]}),
    ("global", (2, 3, 5, 4), {"kind": "global"}),
]


@op
def pool2d(g):
    cases = []
    for name, shape, attrs in POOLS:
        x = randn(g, *shape)
        cases.append(case(name, [x], pool(x, attrs), attrs))
    return cases


@op
def pool2d_gradient(g):
    cases = []
    for name, shape, attrs in POOLS:
        x = randn(g, *shape)
        grad = randn(g, *pool(x, attrs).shape)
        result = vjp(lambda v: pool(v, attrs), x, grad)
        cases.append(case(name, [grad, x], result, attrs))
    return cases


if __name__ == "__main__":
    for name, make in GENERATORS.items():
        write(name, make(generator(name)), pathlib.Path(__file__).name)
