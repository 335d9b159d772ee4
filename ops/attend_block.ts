/**
 * The steps of the attention kernel over one block of keys, as text. Not an
 * op.
 *
 * @module
 */

/** Sizes that the text is unrolled by. */
export interface Unrolled {
  /** Invocations of a workgroup. */
  readonly lanes: number;
  /** Vectors of four query rows of a workgroup. */
  readonly quads: number;
  /** Head dimension. */
  readonly k: number;
  /** Keys of a block. */
  readonly block: number;
  /** Whether a mask narrows the ranges. */
  readonly isMasked: boolean;
  /** Whether keys and values are loaded four elements at a time. */
  readonly byFour: boolean;
}

/** WGSL u32 expression: the element of the head of a lane's sum `c`. */
export function elementOf(c: number, { lanes, byFour }: Unrolled): string {
  if (!byFour) return `lid.x + ${c * lanes}u`;
  return `4u * (lid.x + ${(c >> 2) * lanes}u) + ${c & 3}u`;
}

/** Repeats a text for 0 .. count − 1. */
export function times(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

/** 0 .. count − 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Scores of 8 keys a lane (two vectors of four) for every row. */
export function scoreKeys({ lanes, quads, k, byFour }: Unrolled): string {
  const vectors = [0, 1], rows = range(quads), four = range(4);
  const elements = range(byFour ? 4 : 1);
  return `${
    times(2, (u) =>
      `    let key${u} = start + 4u * (lid.x + ${u * lanes}u);
    let at${u} = keys_at(b, wid.y, key${u});
${
        times(4, (i) =>
          times(quads, (r) =>
            `    var s${u}${i}_${r} = vec4<f32>();`))
      }`)
  }
    for (var d = 0u; d < ${k}u; d += ${elements.length}u) {
${
    times(2, (u) =>
      byFour
        ? `      let m${u} = load_four_keys(at${u}, d);`
        : `      let k${u} = load_keys(at${u}, d);`)
  }
${
    elements.flatMap((e) =>
      rows.map((r) => {
        const key = (u: number): string => byFour ? `m${u}[${e}]` : `k${u}`;
        return [
          `      let q${e}_${r} = queries[(d + ${e}u) * ${quads}u + ${r}u];`,
          ...vectors.flatMap((u) =>
            four.map((i) =>
              `      s${u}${i}_${r} += ${key(u)}.${"xyzw"[i]} * q${e}_${r};`
            )
          ),
        ].join("\n");
      })
    ).join("\n")
  }
    }`;
}

/** Gives keys that a row does not see a score below all others. */
export function hideKeys({ quads, isMasked }: Unrolled): string {
  return times(quads, (r) =>
    times(2, (u) =>
      times(4, (i) => {
        const key = `key${u} + ${i}u`, score = `s${u}${i}_${r}`;
        const seen = range(4).map((c) => `may_see(query${4 * r + c}, ${key})`);
        const mask = isMasked ? ` & vec4<bool>(${seen.join(", ")})` : "";
        return `    ${score} = select(vec4<f32>(-1e30), ${score},
      vec4<u32>(${key}) >= low${r} & vec4<u32>(${key}) < high${r}${mask});`;
      })));
}

/** Turns scores into weights relative to the greatest score so far. */
export function weighKeys({ lanes, quads }: Unrolled): string {
  const parts = [0, 1].flatMap((u) => range(4).map((i) => `s${u}${i}`));
  const rows = range(quads);
  return `${
    rows.map((r) =>
      `    shares[lid.x * ${quads}u + ${r}u] = ${
        parts.slice(1).reduce(
          (text, part) => `max(${text}, ${part}_${r})`,
          `${parts[0]}_${r}`,
        )
      };`
    ).join("\n")
  }
    workgroupBarrier();
    if (lid.x < ${quads}u) {
      var top = tops[lid.x];
      for (var o = 0u; o < ${lanes}u; o++) {
        top = max(top, shares[o * ${quads}u + lid.x]);
      }
      keeps[lid.x] = exp(tops[lid.x] - top);
      tops[lid.x] = top;
    }
    workgroupBarrier();
${
    rows.map((r) =>
      `    let top${r} = tops[${r}];
    let keep${r} = keeps[${r}];
    total${r} *= keep${r};
${
        parts.map((part) => {
          const [, u, i] = part;
          return `    let e${part}_${r} = exp(${part}_${r} - top${r});
    total${r} += e${part}_${r};
    weights[(key${u} - start + ${i}u) * ${quads}u + ${r}u] = e${part}_${r};`;
        }).join("\n")
      }`
    ).join("\n")
  }
    workgroupBarrier();`;
}

/** Adds the block's weighted values; keys past the last seen one are stale. */
export function sumValues(sizes: Unrolled): string {
  const { lanes, quads, k, block, byFour } = sizes;
  const sums = range(Math.ceil(k / lanes)), rows = range(quads);
  return `${
    sums.map((c) => rows.map((r) => `    sum${c}_${r} *= keep${r};`).join("\n"))
      .join("\n")
  }
    let stop = min(reach.y, start + ${block}u);
    for (var key = start; key < stop; key += 4u) {
      let at = values_at(b, wid.y, key);
      let isLive = vec4<u32>(key) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(stop);
${
    range(4).map((i) =>
      rows.map((r) =>
        `      let w${i}_${r} = weights[(key - start + ${i}u) * ${quads}u + ${r}u];`
      ).join("\n")
    ).join("\n")
  }
${
    sums.map((c) =>
      `${
        byFour && c % 4 === 0
          ? `      let n${c} = load_four_values(at, ${elementOf(c, sizes)});\n`
          : ""
      }      let v${c} = select(vec4<f32>(), ${
        byFour
          ? `n${c - c % 4}[${c % 4}]`
          : `load_values(at, min(${elementOf(c, sizes)}, ${k - 1}u))`
      }, isLive);
${
        rows.map((r) =>
          `      sum${c}_${r} += ${
            range(4).map((i) => `v${c}.${"xyzw"[i]} * w${i}_${r}`).join(" + ")
          };`
        ).join("\n")
      }`
    ).join("\n")
  }
    }
  }`;
}
