/**
 * The golden models that accuracy is measured on, by family.
 *
 * @module
 */

/** What is run of a model. */
export type CaseKind = "generative" | "vision";

/** One golden model. */
export interface AccuracyCase {
  /** Row of the tables that it belongs to. */
  readonly family: string;
  /** Kind of its config. */
  readonly kind: CaseKind;
  /** Folder below `tests/golden/models`. */
  readonly folder: string;
  /** Model in the folder; the folder itself by default. */
  readonly model?: string;
  /** File with its inputs; `inputs.safetensors` by default. */
  readonly inputs?: string;
  /** File with the reference's results; `logits.safetensors` by default. */
  readonly golden?: string;
  /** Name of the reference's features, of vision encoders. */
  readonly features?: string;
}

/** A family of models, as the tables name it. */
export interface AccuracyFamily {
  /** Name. */
  readonly name: string;
  /** What of it loads. */
  readonly loads: string;
  /** What its numbers are compared with. */
  readonly reference: string;
}

const HF = "transformers";

/** Families in the order of the tables. */
export const FAMILIES: readonly AccuracyFamily[] = [
  {
    name: "LLaMA",
    loads: "folders, GGUF; grouped heads, biases, scaled rotary positions",
    reference: HF,
  },
  { name: "MPT", loads: "folders (`mpt`), GGUF", reference: HF },
  {
    name: "MPT-1B",
    loads: "folders (`mosaic_gpt`), norms of q and k",
    reference: "formulas of llm-foundry",
  },
  {
    name: "GPT-NeoX",
    loads: "folders, GGUF; parallel and sequential",
    reference: HF,
  },
  { name: "OPT", loads: "folders; before- and after-norms", reference: HF },
  { name: "GPT-2", loads: "folders, GGUF", reference: HF },
  {
    name: "Chinchilla",
    loads: "Rookery configs (never published)",
    reference: "formulas of the papers",
  },
  {
    name: "CLIP ViT",
    loads: "folders, open_clip files",
    reference: HF,
  },
  { name: "DINOv2", loads: "folders, any side", reference: HF },
  {
    name: "NFNet",
    loads: "DeepMind's and timm's files, F0–F6",
    reference: "timm 1.0.31",
  },
  {
    name: "OpenFlamingo",
    loads: "`checkpoint.pt` beside MPT, GPT-NeoX, LLaMA, OPT, MPT-1B and CLIP",
    reference: "open_flamingo 2.0.1",
  },
  {
    name: "IDEFICS",
    loads: "folders, also early and sharded ones",
    reference: HF,
  },
  {
    name: "flamingo-mini",
    loads: "folders on GPT-2 and OPT, video",
    reference: "its own modules",
  },
];

/** Name of a case's results. */
export function keyOf({ folder, model }: AccuracyCase): string {
  return model === undefined ? folder : `${folder}/${model}`;
}

function language(
  family: string,
  ...folders: readonly string[]
): AccuracyCase[] {
  return folders.map((folder) => ({ family, kind: "generative", folder }));
}

/** All cases. */
export const CASES: readonly AccuracyCase[] = [
  ...language(
    "LLaMA",
    "llama_tied",
    "llama_untied",
    "llama_biases",
    "llama_linear",
    "llama_llama3",
    "llama_longrope",
    "llama_yarn",
  ),
  ...language("MPT", "mpt_plain", "mpt_clipped", "mpt_learned"),
  ...language("MPT-1B", "mosaic_gpt"),
  ...language(
    "GPT-NeoX",
    "gpt_neox_parallel",
    "gpt_neox_sequential",
    "gpt_neox_tied",
  ),
  ...language(
    "OPT",
    "opt_plain",
    "opt_pre_norm",
    "opt_projected",
    "opt_no_final_norm",
  ),
  ...language("GPT-2", "gpt2_tied", "gpt2_untied", "gpt2_scaled"),
  ...language(
    "Chinchilla",
    "chinchilla_usual",
    "chinchilla_wide",
    "chinchilla_short",
  ).map((each) => ({ ...each, model: "model.json" })),
  ...["clip_vit_quick", "clip_vit_gelu", "clip_vit_rest"].map((folder) => ({
    family: "CLIP ViT",
    kind: "vision" as const,
    folder,
    golden: "case.safetensors",
    features: "last_hidden_state",
  })),
  ...[
    ["dinov2_gelu", "golden_28.safetensors"],
    ["dinov2_small", "golden_24.safetensors"],
    ["dinov2_swiglu", "golden_35.safetensors"],
  ].map(([folder, golden]) => ({
    family: "DINOv2",
    kind: "vision" as const,
    folder: folder!,
    golden: golden!,
    features: "normed",
  })),
  ...["nfnet_even", "nfnet_odd", "nfnet_plain"].map((folder) => ({
    family: "NFNet",
    kind: "vision" as const,
    folder,
    model: "model.json",
    golden: "golden.safetensors",
    features: "features",
  })),
  ...["mpt", "gpt_neox", "llama", "opt", "mosaic_gpt"].map((name) => ({
    family: "OpenFlamingo",
    kind: "generative" as const,
    folder: "open_flamingo",
    model: `${name}.json`,
    golden: `${name}.safetensors`,
  })),
  ...language("IDEFICS", "idefics_base", "idefics_instruct", "idefics_early"),
  ...language(
    "flamingo-mini",
    "flamingo_mini_gpt2",
    "flamingo_mini_opt",
    "flamingo_mini_trained",
  ),
];
