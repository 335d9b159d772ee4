/**
 * The ops that models are made of, one a file. Each is a function that adds a
 * node to a graph, and at once its own definition: shape rule, CPU meaning,
 * kernels, gradient and cost.
 *
 * @module
 */

export * from "./add.ts";
export * from "./any_active.ts";
export * from "./attend_step.ts";
export * from "./attention.ts";
export * from "./attention_weights.ts";
export * from "./cast.ts";
export * from "./clamp.ts";
export * from "./clamp_slope.ts";
export * from "./concat.ts";
export * from "./conv2d.ts";
export * from "./conv2d_input_gradient.ts";
export * from "./conv2d_weight_gradient.ts";
export * from "./depthwise_conv2d.ts";
export * from "./div.ts";
export * from "./embedding.ts";
export * from "./embedding_gradient.ts";
export * from "./fusion/fusions.ts";
export * from "./gelu.ts";
export * from "./gelu_slope.ts";
export * from "./kv_write.ts";
export * from "./layer_norm.ts";
export * from "./layer_norm_gradient.ts";
export * from "./log_prob.ts";
export * from "./log_prob_gradient.ts";
export * from "./matmul.ts";
export * from "./media_attention.ts";
export * from "./media_write.ts";
export * from "./mul.ts";
export * from "./page_copy.ts";
export * from "./paged_attention.ts";
export * from "./pool2d.ts";
export * from "./pool2d_gradient.ts";
export * from "./positions.ts";
export * from "./project.ts";
export * from "./quick_gelu.ts";
export * from "./read_control.ts";
export * from "./relu.ts";
export * from "./relu6.ts";
export * from "./reshape.ts";
export * from "./rms_norm.ts";
export * from "./rms_norm_gradient.ts";
export * from "./rope.ts";
export * from "./sample.ts";
export * from "./scalar.ts";
export * from "./select_last.ts";
export * from "./silu.ts";
export * from "./silu_slope.ts";
export * from "./slice.ts";
export * from "./softmax.ts";
export * from "./squared_relu.ts";
export * from "./state_after.ts";
export * from "./sub.ts";
export * from "./sum_to.ts";
export * from "./tanh.ts";
export * from "./top_tokens.ts";
export * from "./transpose.ts";
