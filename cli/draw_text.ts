/**
 * Text as pictures, by imagescript's renderer and the DejaVu font.
 *
 * @module
 */

import type { Image } from "imagescript";

/** How text looks. */
export interface TextStyle {
  /** Height of the letters, in pixels. */
  readonly size: number;
  /** Colour as 0xRRGGBBAA. */
  readonly colour: number;
}

/**
 * Each text as a picture of its own. All are rendered at once: the renderer
 * reads the whole font for every call.
 */
export async function drawTexts(
  texts: readonly string[],
  { size, colour }: TextStyle,
): Promise<Image[]> {
  // Loaded here, as its native part asks for a permission when imported.
  const { Image } = await import("imagescript");
  const { default: font } = await import(
    "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
    { with: { type: "bytes" } }
  );
  if (texts.length === 0) return [];
  const lines = texts.map((text) => text.replaceAll(/\s+/g, " ") || " ");
  const sheet = await withDenoCore(() =>
    // Every other line is empty: letters may reach below their own.
    Image.renderText(font, size, lines.join("\n\n"), colour)
  );
  const height = sheet.height / (2 * lines.length - 1);
  return lines.map((_, i) => {
    const top = Math.round(2 * i * height);
    const bottom = Math.min(sheet.height, Math.round(top + 1.5 * height));
    return sheet.clone().crop(0, top, sheet.width, bottom - top);
  });
}

/**
 * imagescript 1.3.1 takes text functions from `Deno.core`, which programs no
 * longer have: they are lent to it for the call.
 */
async function withDenoCore<T>(work: () => Promise<T>): Promise<T> {
  const deno = Deno as { core?: unknown };
  if (deno.core !== undefined) return await work();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  deno.core = {
    encode: (text: string) => encoder.encode(text),
    decode: (bytes: Uint8Array) => decoder.decode(bytes),
  };
  try {
    return await work();
  } finally {
    delete deno.core;
  }
}
