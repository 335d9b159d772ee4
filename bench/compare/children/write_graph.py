"""Writes the ONNX graph of a workload; prints its inputs as JSON.

Usage: write_graph.py WORKLOAD_JSON OUT.onnx   (needs the package onnx)
"""

import json
import math
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Nodes, inputs and constants of one graph; the result is `y`."""

    def __init__(self):
        self.nodes, self.inputs, self.constants = [], [], []

    def input(self, name, *shape):
        self.inputs.append((name, list(shape)))
        return name

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def save(self, path):
        infos = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in self.inputs
        ]
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "workload", infos, [result], self.constants)
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
        print(json.dumps(self.inputs))


def matmul(g, m, k, n):
    g.node("MatMul", [g.input("a", m, k), g.input("b", k, n)], "y")


def linear(g, m, k, n):
    g.node("Gemm", [g.input("x", m, k), g.input("w", n, k)], "y", transB=1)


def attention(g, l, s, heads, groups, c, isCausal):
    rows = heads // groups * l
    q, k, v = g.input("q", groups, rows, c), g.input("k", groups, s, c), g.input("v", groups, s, c)
    turned = g.node("Transpose", [k], "turned", perm=[0, 2, 1])
    scores = g.node("MatMul", [q, turned], "scores")
    scale = g.constant("scale", np.float32(1 / math.sqrt(c)))
    seen = g.node("Mul", [scores, scale], "scaled")
    if isCausal:
        position = np.arange(rows)[:, None] % l + s - l
        mask = np.where(np.arange(s)[None, :] > position, -1e9, 0).astype(np.float32)
        seen = g.node("Add", [seen, g.constant("mask", mask[None])], "seen")
    g.node("MatMul", [g.node("Softmax", [seen], "shares", axis=-1), v], "y")


def convolve(g, h, w, c, o, kernel, stride, groups):
    x = g.node("Transpose", [g.input("x", 1, h, w, c)], "first", perm=[0, 3, 1, 2])
    shape = (kernel, kernel, c, 1) if groups > 1 else (kernel, kernel, c, o)
    order = [2, 3, 0, 1] if groups > 1 else [3, 2, 0, 1]
    weight = g.node("Transpose", [g.input("w", *shape)], "weight", perm=order)
    g.node(
        "Conv", [x, weight], "out",
        strides=[stride, stride], auto_pad="SAME_UPPER", group=groups,
    )
    g.node("Transpose", ["out"], "y", perm=[0, 2, 3, 1])


def main():
    workload, path = json.loads(sys.argv[1]), sys.argv[2]
    kind, sizes, g = workload["kind"], workload["sizes"], Graph()
    if kind == "matmul":
        matmul(g, **sizes)
    elif kind == "linear":
        linear(g, **sizes)
    elif kind == "attention":
        attention(g, **sizes)
    elif kind == "conv2d":
        convolve(g, **sizes, groups=1)
    elif kind == "depthwise":
        convolve(g, o=0, **sizes, groups=sizes["c"])
    elif kind == "layer_norm":
        n = sizes["n"]
        x = g.input("x", sizes["m"], n)
        g.node("LayerNormalization", [x, g.input("scale", n), g.input("shift", n)], "y", epsilon=1e-5)
    elif kind == "softmax":
        g.node("Softmax", [g.input("x", sizes["m"], sizes["n"])], "y", axis=-1)
    elif kind == "add":
        g.node("Add", [g.input("x", sizes["n"]), g.input("z", sizes["n"])], "y")
    g.save(path)


main()
