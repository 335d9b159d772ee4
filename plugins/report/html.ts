/**
 * HTML as values: what is put into a template is text unless it is HTML
 * already, so that nothing is left unescaped by mistake.
 *
 * @module
 */

/** Text that is HTML. */
export class Html {
  /** The text. */
  readonly text: string;

  /** Takes text that is well-formed HTML. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes; nothing stands for what is left out. */
export type HtmlValue =
  | string
  | number
  | Html
  | readonly Html[]
  | undefined
  | false;

/** A template: values are escaped, HTML and lists of it are not. */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  const text = parts.map((part, i) => part + shown(values[i])).join("");
  return new Html(text);
}

/** Signs that no page may hold, which a model may well write. */
const CONTROLS = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu;

/** Text with all that HTML reads as its own replaced. */
export function escapeHtml(text: string): string {
  return text.replaceAll(CONTROLS, "\ufffd")
    .replaceAll(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function shown(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return escapeHtml(String(value));
}
